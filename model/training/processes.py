"""The processes that train one network together, as torchrun starts them; alone, there is one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist


@dataclass(frozen=True)
class Processes:
    """This process among those of one training.

    Attributes:
        rank: its number, from 0; 0 decides, reports and writes.
        count: how many there are.
        device: where it computes.
    """

    rank: int = 0
    count: int = 1
    device: str = "cpu"

    def agree(self, value: int) -> int:
        """The value that process 0 has, in all of them."""
        if self.count == 1:
            return value
        shared = torch.tensor(value, device=self.device)
        dist.broadcast(shared, 0)
        return int(shared)


class DeviceError(ValueError):
    """A device that is not there, in one sentence."""


@contextmanager
def processes(device: str | None = None) -> Iterator[Processes]:
    """Join the processes torchrun started, one a device; without torchrun this process is alone.

    Args:
        device: where to compute; by default the GPU where there is one, each process its own.

    Raises:
        DeviceError: there is no such device.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if device is None:
        device = f"cuda:{local}" if torch.cuda.is_available() else "cpu"
    if device != "cpu" and not (device.startswith("cuda") and torch.cuda.is_available()):
        raise DeviceError(
            f"there is no device {device} here; use cpu" + ", cuda or cuda:N." * torch.cuda.is_available()
        )
    if count == 1:
        yield Processes(device=device)
        return
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield Processes(dist.get_rank(), count, device)
    finally:
        dist.destroy_process_group()

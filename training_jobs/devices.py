"""Devices: one training a device, with the memory it needs, leaving annotating its share."""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

NEEDED = 2 << 30  # bytes of free memory that a training of the shipped networks asks for before it begins
SHARE = 0.6  # of a card's memory that a training may take; the rest is for annotating on the same card


class Allocator(Protocol):
    """What is asked of a card's memory."""

    def free(self, device: str) -> int:
        """Bytes nobody uses."""

    def limit(self, device: str, share: float) -> None:
        """Let this process take at most this share of the card's memory."""


class CudaAllocator:
    """The memory of CUDA cards, through torch; asking opens the card, so only a process that uses it may ask."""

    def free(self, device: str) -> int:
        """Bytes nobody uses."""
        import torch

        return torch.cuda.mem_get_info(device)[0]

    def limit(self, device: str, share: float) -> None:
        """Let this process take at most this share of the card's memory."""
        import torch

        torch.cuda.set_per_process_memory_fraction(share, device)


@dataclass(frozen=True)
class Device:
    """Where a training runs.

    Attributes:
        name: cpu, cuda or cuda:0.
        allocator: of its memory; of a CPU's nothing is asked.
    """

    name: str
    allocator: Allocator = field(default_factory=CudaAllocator)

    @property
    def is_card(self) -> bool:
        """Whether it has a memory of its own."""
        return self.name.partition(":")[0] == "cuda"

    def lack(self) -> str | None:
        """Why no training can begin on it now, one sentence; None where one can."""
        if not self.is_card:
            return None
        free = self.allocator.free(self.name)
        if free >= NEEDED:
            return None
        return f"{self.name} has {free / 2**30:.1f} GiB of free memory, and a training needs {NEEDED / 2**30:.1f} GiB."

    def limit(self) -> None:
        """Leave the rest of the memory to annotating: what is taken beyond SHARE is refused as if there were none."""
        if self.is_card:
            self.allocator.limit(self.name, SHARE)

    @contextmanager
    def alone(self, folder: Path) -> Iterator[bool]:
        """Be the only training on this device of this machine for the block; False where another is.

        Args:
            folder: where the machine's workers keep their locks; one that several machines mount will do.
        """
        folder.mkdir(parents=True, exist_ok=True)
        name = "cuda:0" if self.name == "cuda" else self.name
        with (folder / f"{socket.gethostname()}-{name.replace(':', '-')}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True  # closing the file gives it free, and so does any death

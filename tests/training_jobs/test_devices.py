"""Devices: one training each, room asked for, a share left to annotating; with an allocator in a card's place."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from training_jobs import trainer
from training_jobs.devices import NEEDED, SHARE, Device


@dataclass
class Memory:
    """A card's memory: what is free at each question, and what it was limited to."""

    free_bytes: list[int] = field(default_factory=list)
    limits: list[tuple[str, float]] = field(default_factory=list)

    def free(self, device: str) -> int:
        """The next answer."""
        return self.free_bytes.pop(0)

    def limit(self, device: str, share: float) -> None:
        """Take it down."""
        self.limits.append((device, share))


def test_a_card_without_room_says_how_much_it_lacks() -> None:
    memory = Memory([NEEDED - 1, NEEDED])
    device = Device("cuda:1", memory)
    assert device.lack() == "cuda:1 has 2.0 GiB of free memory, and a training needs 2.0 GiB."
    assert device.lack() is None


def test_annotating_keeps_its_share_of_a_card() -> None:
    memory = Memory()
    Device("cuda", memory).limit()
    assert memory.limits == [("cuda", SHARE)]
    assert SHARE < 1


def test_of_a_processor_nothing_is_asked() -> None:
    memory = Memory()
    device = Device("cpu", memory)
    device.limit()
    assert device.lack() is None
    assert memory.limits == []


def test_one_training_a_device(tmp_path: Path) -> None:
    with Device("cuda").alone(tmp_path) as first, Device("cuda:0").alone(tmp_path) as second:
        assert (first, second) == (True, False)
        with Device("cuda:1").alone(tmp_path) as other:
            assert other
    with Device("cuda:0").alone(tmp_path) as again:
        assert again


def test_a_training_waits_for_room_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "MEMORY_LOOK", 0.0)
    told: list[dict] = []
    assert trainer.await_memory(Device("cuda:0", Memory([0, 1 << 30, 9 << 30])), told.append) is None
    assert [line["detail"].split(" has ")[1][:7] for line in told] == ["0.0 GiB", "1.0 GiB"]


def test_a_training_that_gets_no_room_is_refused_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "MEMORY_LOOK", 0.0)
    monkeypatch.setattr(trainer, "MEMORY_SECONDS", -1.0)
    refused = trainer.await_memory(Device("cuda:0", Memory([0])), lambda _line: None)
    assert refused is not None and refused.startswith("cuda:0 has 0.0 GiB of free memory")

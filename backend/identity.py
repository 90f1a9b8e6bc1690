"""What identifies a prediction: the same identity is computed, stored and written once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from label_config import LabelConfig, read_config


@dataclass(frozen=True)
class PredictionIdentity:
    """One prediction: of this task's media, under this labelling config, by this model version."""

    task: int
    """Label Studio's task id."""
    media: str
    """Hash of the media's URL, of a second file's such as a query sound, and of the task's creation time (ids of
    deleted tasks are used again)."""
    config: str
    """Hash of the labelling config and of the task's frame rate."""
    version: str
    """Model version, `earmark-<12 hex>`."""

    @property
    def digest(self) -> str:
        """32 hex digits; equal exactly when all four parts are."""
        text = "\n".join((str(self.task), self.media, self.config, self.version))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def identify(task: Mapping[str, Any], label_config: str, version: str) -> PredictionIdentity:
    """The identity of `task` (a row of the API, a webhook or `/predict`: `id`, `data`, `created_at`).

    `label_config` is the project's XML. Needs neither network nor media.
    Raises ValueError, one sentence, when the task has no id or lacks a file, or the config cannot be read.
    """
    identifier, data = task.get("id"), task.get("data")
    if isinstance(identifier, bool) or not isinstance(identifier, int):
        raise ValueError(f"a task must have a whole number as id, not {str(identifier)[:40]!r}.")
    if not isinstance(data, Mapping):
        raise ValueError(f"task {identifier} has no data.")
    config = _read(label_config)
    media = f"{config.media_url(data)}\n{_created(task.get('created_at'))}"
    if (sound := config.sound_url(data)) is not None:
        media += f"\n{sound}"
    return PredictionIdentity(
        task=identifier,
        media=hashlib.sha256(media.encode()).hexdigest()[:16],
        config=_digest(config.for_task(data)),
        version=version,
    )


def config_digest(label_config: str) -> str:
    """16 hex digits that change with what the labelling config means, not with its colours or layout.

    Raises ValueError, one sentence, when it cannot be read.
    """
    return _read(label_config).digest


@lru_cache(maxsize=64)
def _read(label_config: str) -> LabelConfig:
    # An import of thousands of tasks brings one config: it is parsed once.
    return read_config(label_config)


@lru_cache(maxsize=256)
def _digest(config: LabelConfig) -> str:
    # The tasks of an import mostly see one and the same config: it is hashed once.
    return config.digest


def _created(value: object) -> str:
    """Creation time in microseconds: the API, the SDK and the webhooks write it in different ways."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return str(round(moment.timestamp() * 1e6))
    except (ValueError, OverflowError):
        return ""

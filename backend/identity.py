"""What identifies a prediction: the same identity is computed, stored and written once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PredictionIdentity:
    """One prediction: of this task's media, under this labelling config, by this model version."""

    task: int
    """Label Studio's task id."""
    media: str
    """Hash of the media's URL and of the task's creation time (ids of deleted tasks are used again)."""
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
    Raises ValueError, one sentence, when the task has no id or no video, or the config cannot be read.
    """
    raise NotImplementedError


def config_digest(label_config: str) -> str:
    """16 hex digits of the labelling config; white space between its tags does not count."""
    raise NotImplementedError

"""Summary: what the last look at a project in Label Studio found, for the page, which does not look itself."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from redis import Redis


@dataclass(frozen=True)
class Acceptance:
    """What people made of one version's predictions."""

    version: str
    annotations: int
    """Submitted ones made from its predictions."""
    unchanged: int
    """How many of them left the prediction as it was."""
    share: float
    """`unchanged` of `annotations`, 0..1."""
    low: float
    """Lower end of the share's 95 % interval."""
    high: float
    iou: float | None
    """Mean overlap of predicted and submitted boxes, 0..1; None where there were none."""


@dataclass(frozen=True)
class Summary:
    """One project."""

    title: str
    tasks: int
    labelled: int
    """Tasks that people worked on."""
    acceptance: Sequence[Acceptance]
    """By version, the one first submitted from first."""
    at: float
    """Unix seconds of the look."""


def keep(redis: Redis, project: str, summary: Summary) -> None:
    """Put the summary in the place of the one before."""
    redis.set(_key(project), json.dumps(asdict(summary)))


def read(redis: Redis, project: str) -> Summary | None:
    """The last summary; None before the first look."""
    text = redis.get(_key(project))
    if not text:
        return None
    row = json.loads(text)
    return Summary(**{**row, "acceptance": [Acceptance(**one) for one in row["acceptance"]]})


def _key(project: str) -> str:
    return f"earmark:{project}:summary"

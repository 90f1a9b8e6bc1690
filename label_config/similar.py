"""Clips that look or sound alike: listed in a TextArea, or ordered by a Ranker in a List."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from label_config.config import LabelConfig
from label_config.items import Item


@dataclass(frozen=True)
class Similar:
    """A clip like the one at hand.

    Attributes:
        task: its task.
        similarity: cosine of the embeddings, at most 1.
        duplicate: whether it is nearly the same clip.
        link: address of the task in Label Studio.
    """

    task: int
    similarity: float
    duplicate: bool
    link: str

    @property
    def line(self) -> str:
        """One line for an annotator."""
        return f"{self._title}: {self.link}"

    @property
    def entry(self) -> dict[str, Any]:
        """It as an item of a List tag's data; the Ranker names it by its `id`."""
        link = f'<a href="{escape(self.link)}" target="_blank" rel="noopener">open</a>'
        return {"id": str(self.task), "title": self._title, "html": link}

    @property
    def _title(self) -> str:
        return f"task {self.task}, {'nearly the same clip' if self.duplicate else 'alike'} ({self.similarity:.2f})"


def similar_item(config: LabelConfig, similar: Sequence[Similar]) -> Item | None:
    """Similar clips, best first, one line each; None without any, or without a TextArea for them."""
    control = config.similar
    if control is None or not similar:
        return None
    return _item(control.name, control.target, "textarea", {"text": [clip.line for clip in similar]})


def ranking_item(config: LabelConfig, similar: Sequence[Similar]) -> Item | None:
    """The List's items in the order of likeness, then those that are not among `similar`, as they were.

    A List shows what the task's data hold, so config is to be as the task sees it; None where none of `similar` is
    in it, or there is no Ranker.
    """
    control = config.ranker
    listed = [] if control is None else [option.written for option in control.options]
    ranked = [name for name in dict.fromkeys(str(clip.task) for clip in similar) if name in listed]
    if control is None or not ranked:
        return None
    rank = [*ranked, *(name for name in listed if name not in ranked)]
    return _item(control.name, control.target, "ranker", {"ranker": {"rank": rank}})


def _item(name: str, target: str, kind: str, value: Mapping[str, Any]) -> Item:
    return {"from_name": name, "to_name": target, "type": kind, "origin": "prediction", "value": dict(value)}

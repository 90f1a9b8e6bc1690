"""Result items: what one has whatever it shows."""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

Item = dict[str, Any]


def region(name: str, target: str, kind: str, value: dict[str, Any], score: float | None, reason: str) -> Item:
    """An item that marks a place or a time; without a score where there is none.

    Raises:
        ValueError: the score is no number.
    """
    return {
        "from_name": name,
        "to_name": target,
        "type": kind,
        "origin": "prediction",
        **({} if score is None else {"score": score_of(score)}),
        "meta": {"text": [" ".join(reason.split())]},
        "value": value,
    }


def score_of(score: float) -> float:
    """A score as items carry it, from 0 to 1. Raises ValueError for what is no number."""
    if not math.isfinite(score):
        raise ValueError(f"a score must be a number, got {score = }")
    return round(min(max(float(score), 0.0), 1.0), 4)


def with_ids(items: Iterable[Item | Sequence[Item]]) -> list[Item]:
    """The items with region ids made from their content: unique among them, and the same for the same items.

    Label Studio merges items that share an id into one region, and a merged box has no label. Items that are one
    region, such as a Rectangle and its Labels, come as a sequence and share theirs.
    """
    named, seen = [], set()
    for item in items:
        together = [item] if isinstance(item, dict) else list(item)
        content = json.dumps(item, sort_keys=True, allow_nan=False)
        number = 0
        while (name := hashlib.sha256(f"{number} {content}".encode()).hexdigest()[:10]) in seen:
            number += 1
        seen.add(name)
        named += [{"id": name, **one} for one in together]
    return named

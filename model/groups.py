"""Groups of alike clips, so that a team can label one group at a time; and which clips are the same one twice."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from model.moment import Moment
from model.neighbours import similarities

# Mean similarity of the clips of two groups, each to each, above which they become one.
ALIKE = 0.8
MOST = 4000  # clips grouped at once: the distances of so many to each other take 64 MB
# Median cosine, of the pictures and also of the sounds, from which two clips are called the same one twice: chosen on
# generated videos and copies of them (docs/likeness.md).
DUPLICATE = 0.98
CANDIDATE = 0.95  # cosine of whole clips, of pictures and of sounds, below which nobody looks at their moments


def alike(clips: Mapping[int, np.ndarray], *, similarity: float = ALIKE) -> dict[int, int]:
    """Put alike clips into groups by average linkage (Sokal and Michener, 1958).

    Args:
        clips: (256,) a clip, picture and sound end to end, each of length 1 or 0; by task.
        similarity: as `model.neighbours.similarities` has it, above which clips belong together.

    Returns:
        By task, the group's number: the lowest task in it, which stays while that clip does. Clips that are like no
        other are in no group; beyond MOST clips only the lowest tasks are looked at.
    """
    tasks = sorted(task for task, clip in clips.items() if clip.any())[:MOST]
    if len(tasks) < 2:
        return {}
    vectors = np.stack([clips[task] for task in tasks]).astype(np.float32)
    rows, columns = np.triu_indices(len(tasks), 1)
    distances = np.clip(1 - similarities(vectors, vectors)[rows, columns], 0, 2)
    numbers = fcluster(linkage(distances, "average"), 1 - similarity, "distance")
    members: dict[int, list[int]] = {}
    for task, number in zip(tasks, numbers.tolist(), strict=True):
        members.setdefault(number, []).append(task)
    return {task: min(group) for group in members.values() if len(group) > 1 for task in group}


def is_duplicate(one: Sequence[Moment], other: Sequence[Moment]) -> bool:
    """Whether two clips look and sound the same from moment to moment.

    Side by side, or one a moment later than the other, the median cosine of their pictures and that of their sounds
    reach DUPLICATE; moments in which both are silent sound the same, those of sounds alone look the same. A clip
    without moments is nobody's double.
    """
    fewest = max(1, max(len(one), len(other)) / 2)  # moments both must have, so that a mere beginning is no double
    shifted = [(one, other), (one[1:], other), (one, other[1:])]
    return any(min(len(a), len(b)) >= fewest and _agree(a, b) for a, b in shifted)


def may_be_duplicate(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two clips, (256,) each, are so alike as a whole that their moments are worth a look."""
    half = len(one) // 2
    return all(
        float(one[part] @ other[part]) >= CANDIDATE or not (one[part].any() or other[part].any())
        for part in (slice(half), slice(half, None))
    )


def _agree(one: Sequence[Moment], other: Sequence[Moment]) -> bool:
    pairs = list(zip(one, other, strict=False))
    seen = [_cosine(a.image, b.image) for a, b in pairs]
    heard = [_cosine(a.sound, b.sound) for a, b in pairs]
    return bool(np.median(seen) >= DUPLICATE and np.median(heard) >= DUPLICATE)


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Of two embeddings (128,); 1 where both are missing, 0 where one is."""
    return float(one @ other) if one.any() or other.any() else 1.0

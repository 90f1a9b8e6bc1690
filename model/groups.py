"""Groups of alike clips, so that a team can label one group at a time; and which clips are the same one twice."""

from collections.abc import Mapping

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

# Mean similarity of the clips of two groups, each to each, above which they become one.
ALIKE = 0.8
MOST = 4000  # clips grouped at once: the distances of so many to each other take 64 MB
# Cosine, of the pictures and also of the sounds, from which two clips are called the same one twice.
DUPLICATE = 0.98


def alike(clips: Mapping[int, np.ndarray], *, similarity: float = ALIKE) -> dict[int, int]:
    """Put alike clips into groups by average linkage (Sokal and Michener, 1958).

    Args:
        clips: (256,) a clip, picture and sound end to end, each of length 1 or 0; by task.
        similarity: mean of the two cosines, above which clips belong together.

    Returns:
        By task, the group's number: the lowest task in it, which stays while that clip does. Clips that are like no
        other are in no group; beyond MOST clips only the lowest tasks are looked at.
    """
    tasks = sorted(task for task, clip in clips.items() if clip.any())[:MOST]
    if len(tasks) < 2:
        return {}
    vectors = np.stack([clips[task] for task in tasks]).astype(np.float32)
    rows, columns = np.triu_indices(len(tasks), 1)
    distances = np.clip(1 - (vectors @ vectors.T)[rows, columns] / 2, 0, 2)
    numbers = fcluster(linkage(distances, "average"), 1 - similarity, "distance")
    members: dict[int, list[int]] = {}
    for task, number in zip(tasks, numbers.tolist(), strict=True):
        members.setdefault(number, []).append(task)
    return {task: min(group) for group in members.values() if len(group) > 1 for task in group}


def is_duplicate(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two clips, (256,) each, look and sound the same; a clip without picture or sound is nobody's double."""
    half = len(one) // 2
    return float(one[:half] @ other[:half]) >= DUPLICATE and float(one[half:] @ other[half:]) >= DUPLICATE

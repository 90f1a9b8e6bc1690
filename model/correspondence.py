"""Audio-visual correspondence: pairs of a frame and a second, and the best accuracy their labels permit."""

from collections.abc import Sequence

import numpy as np

from model.samples import Sample

MOST_PAIRS = 5000  # enough for an interval of +-.013 with independent pairs


def correspondence_pairs(samples: Sequence[Sample], *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Balanced pairs to measure correspondence on.

    A positive is a frame with its own second, sounded through by a visible object. Its negative is the same frame
    with such a second of another video: frames and sounds alone thus tell nothing, only their match does. Where
    there are more than `MOST_PAIRS`, so many are drawn.

    Args:
        samples: from which frames and seconds are taken.
        seed: of the draws.

    Returns:
        (P, 2) sample index of the frame and of the second, and (P,) bool, whether they belong together; half and
        half, both empty with fewer than two videos.
    """
    rng = np.random.default_rng(seed)
    sounded = np.array([k for k, sample in enumerate(samples) if sample.sounding_boxes], dtype=np.int64)
    video = np.array([sample.video for sample in samples], dtype=np.int64)
    if len(np.unique(video[sounded])) < 2:
        return np.zeros((0, 2), np.int64), np.zeros(0, bool)
    frames = np.sort(rng.permutation(sounded)[: MOST_PAIRS // 2])
    others = rng.choice(sounded, len(frames))
    while (same := video[others] == video[frames]).any():
        others[same] = rng.choice(sounded, int(same.sum()))
    pairs = np.concatenate([np.stack([frames, frames], 1), np.stack([frames, others], 1)])
    return pairs, np.arange(len(pairs)) < len(frames)


def oracle_answers(samples: Sequence[Sample], pairs: np.ndarray) -> np.ndarray:
    """(P,) bool: what one would answer who knows every visible and every sounding class, and nothing more.

    "They belong together" where a class that sounds through the second is visible in the frame. The accuracy of
    these answers is the ceiling: a negative whose video happens to hold the right class cannot be told from a
    positive.
    """
    return np.array(
        [bool(samples[frame].visible_classes & samples[second].sounding_classes) for frame, second in pairs],
        dtype=bool,
    )

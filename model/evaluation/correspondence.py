"""Audio-visual correspondence: telling whether a frame and a second of sound belong together, for any network."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import rankdata

from model.bootstrap import Bootstrap
from model.datasets import Dataset, Skipped
from model.datasets.labelled_videos import LabelledVideos
from model.datasets.plain_videos import PlainVideos
from model.evaluation.controls import with_untrained
from model.evaluation.evaluation import Evaluation, EvaluationError
from model.evaluation.starts import NaiveStarts, twins
from model.figures import Figure, Row, Values, figure
from model.material import collect
from model.networks import Network
from model.responses import correspondence_logits
from model.samples import Sample

MOST_PAIRS = 5000  # enough for an interval of +-.013 with independent pairs


def evaluate_correspondence(
    dataset: Dataset,
    network: Network,
    *,
    naive: bool = False,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] = lambda _phase, _done, _total: None,
    on_skipped: Callable[[Skipped], None] = lambda _skipped: None,
) -> Evaluation:
    """Measure how well any network tells what belongs together, on the balanced pairs of `correspondence_pairs`.

    - avc: accuracy at logit 0, where calibration on validation videos put the threshold when the network was trained.
      "ceiling" is the accuracy of `oracle_answers`, where the labels name classes.
    - pair_auc: the area under the ROC curve of the logits, which no threshold enters: how often a pair that belongs
      together is put above one that does not.

    "random_weights" is the same architecture untrained, see `model.evaluation.controls`; intervals are bootstrapped
    over the videos of the frames.

    Args:
        dataset: labelled or not.
        network: in evaluation mode, on any device.
        naive: let only the seconds of matching pairs begin on the .04 s grid, and the others anywhere, see
            `model.evaluation.starts`: what the paper's shortcut shows on.
        seed: of pairs and intervals.
        on_progress: called with the phase, how far it is and how far it goes.
        on_skipped: called with each entry that cannot be used; the others are evaluated.

    Raises:
        EvaluationError: there are no two videos to make pairs of, the network does not compare, or the dataset's
            seconds cannot begin anywhere.
    """
    if not network.compares:
        raise EvaluationError(
            f"{type(network).__name__} only embeds pictures and sounds and cannot tell whether they correspond; train "
            "a network from it, or measure its retrieval."
        )
    if naive and not isinstance(dataset, LabelledVideos | PlainVideos):
        raise EvaluationError(
            f"{dataset.folder}: the seconds of {dataset.title} begin where they were labelled; naive negatives can be "
            "drawn from videos with truth.json, or from videos alone."
        )
    networks = with_untrained(network)
    material = collect(
        dataset,
        networks,
        choose=NaiveStarts(seed, whole=network.takes != "frame") if naive else None,
        on_done=lambda done, total: on_progress("videos", done, total),
        on_skipped=on_skipped,
    )
    negatives = twins(material.samples) if naive else None
    pairs, together = correspondence_pairs(material.samples, negatives=negatives, seed=seed)
    if not len(pairs):
        raise EvaluationError(
            f"{dataset.folder}: no two of its {material.videos} usable videos have a second to pair, so there are no "
            "mismatched pairs to tell from matching ones."
        )
    logits = []
    for number, (one, sounds) in enumerate(zip(networks, material.sounds, strict=True)):
        phase = f"pairs, untrained network {number}" if number else "pairs, model"

        def show(done: int, total: int, phase: str = phase) -> None:
            on_progress(phase, done, total)

        logits.append(correspondence_logits(one, material.frames, sounds, pairs, show))
    return Evaluation(
        figures={
            "avc": accuracy(material.samples, pairs, together, logits, seed=seed),
            "pair_auc": _pair_auc(material.samples, pairs, together, logits, seed=seed),
        },
        videos=material.videos,
        skipped=material.skipped,
    )


def correspondence_pairs(
    samples: Sequence[Sample], *, negatives: np.ndarray | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Balanced pairs to measure correspondence on.

    A positive is a frame with its own second, sounded through by a visible object; where nothing is labelled, any
    frame. Its negative is the same frame with such a second of another video: frames and sounds alone thus tell
    nothing, only their match does. Where there are more than `MOST_PAIRS`, so many are drawn.

    Args:
        samples: from which frames and seconds are taken.
        negatives: (n,) for each sample the one whose second stands for its own in mismatched pairs, -1 for those that
            only do that; by default each stands for itself.
        seed: of the draws.

    Returns:
        (P, 2) sample index of the frame and of the second, and (P,) bool, whether they belong together; half and
        half, both empty with fewer than two videos.
    """
    rng = np.random.default_rng(seed)
    negatives = np.arange(len(samples)) if negatives is None else negatives
    labelled = any(sample.sounding for sample in samples)
    chosen = [k for k, sample in enumerate(samples) if (sample.sounding_boxes or not labelled) and negatives[k] >= 0]
    sounded = np.array(chosen, dtype=np.int64)
    video = np.array([sample.video for sample in samples], dtype=np.int64)
    if len(np.unique(video[sounded])) < 2:
        return np.zeros((0, 2), np.int64), np.zeros(0, bool)
    frames = np.sort(rng.permutation(sounded)[: MOST_PAIRS // 2])
    others = rng.choice(sounded, len(frames))
    while (same := video[others] == video[frames]).any():
        others[same] = rng.choice(sounded, int(same.sum()))
    pairs = np.concatenate([np.stack([frames, frames], 1), np.stack([frames, negatives[others]], 1)])
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


def accuracy(
    samples: Sequence[Sample], pairs: np.ndarray, together: np.ndarray, logits: Sequence[np.ndarray], *, seed: int
) -> Figure:
    """The share of pairs told right.

    Args:
        samples: that `pairs` (P, 2) index.
        pairs: of frame and second.
        together: (P,) bool.
        logits: (P,) of the model, then of any untrained networks.
        seed: of the intervals.
    """
    right = [(one > 0) == together for one in logits]
    rows: dict[str, Values] = {"model": right[0]}
    if len(right) > 1:
        rows["random_weights"] = np.mean(right[1:], axis=0)
    if any(sample.sounding_classes for sample in samples) or not len(pairs):
        rows["ceiling"] = oracle_answers(samples, pairs) == together
    rows["chance"] = np.full(len(pairs), 0.5)
    return figure(rows, _videos(samples, pairs), seed=seed)


def ranking_area(logits: np.ndarray, together: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of weighted pairs: how often a matching one is above a mismatched one, ties by half.

    Args:
        logits: (P,).
        together: (P,) bool, whether each pair matches.
        weights: (r, P) how often each pair counts.

    Returns:
        (r,), NaN where all the weight is on one kind.
    """
    # Equal logits share a place; below each place lies all the mismatched weight of lower ones.
    place = rankdata(logits, "dense") - 1
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    ordered = np.asarray(weights, np.float64)[:, order]
    matching = np.add.reduceat(ordered * together[order], starts, axis=1)  # (r, places)
    mismatched = np.add.reduceat(ordered * ~together[order], starts, axis=1)
    above = np.cumsum(mismatched, axis=1) - mismatched / 2
    with np.errstate(invalid="ignore"):
        return (matching * above).sum(1) / (matching.sum(1) * mismatched.sum(1))


def _pair_auc(
    samples: Sequence[Sample], pairs: np.ndarray, together: np.ndarray, logits: Sequence[np.ndarray], *, seed: int
) -> Figure:
    """`ranking_area` of the model, of untrained networks and of chance."""
    bootstrap = Bootstrap(np.asarray(_videos(samples, pairs)), seed=seed)

    def row(networks: Sequence[np.ndarray]) -> Row:
        def measure(weights: np.ndarray) -> np.ndarray:
            return np.mean([ranking_area(one, together, weights) for one in networks], axis=0)

        return Row(float(measure(np.ones((1, len(pairs))))[0]), bootstrap.of(measure))

    rows = {"model": row(logits[:1]), "random_weights": row(logits[1:]), "chance": Row(0.5, (0.5, 0.5))}
    return Figure(rows, len(pairs))


def _videos(samples: Sequence[Sample], pairs: np.ndarray) -> list[int]:
    """The video of each pair's frame."""
    return [samples[index].video for index in pairs[:, 0]]

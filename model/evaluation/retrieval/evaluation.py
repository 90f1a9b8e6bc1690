"""How well networks retrieve pictures and sounds by each other: the table of "Objects that Sound", section 3.3."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from model.datasets import Dataset, Skipped
from model.evaluation.controls import with_untrained
from model.evaluation.evaluation import EvaluationError
from model.evaluation.retrieval import cca_baseline
from model.evaluation.retrieval.cca_baseline import COMPONENTS
from model.evaluation.retrieval.encoders import (
    DIRECTIONS,
    NAMES,
    Encoder,
    Features,
    Pictures,
    Space,
    Vectors,
    encode,
    encoder_of,
)
from model.evaluation.retrieval.moments import draw
from model.evaluation.retrieval.ranking import MomentLabels, ndcg_of_queries
from model.evaluation.retrieval.relevance import Relevance
from model.evaluation.retrieval.table import Cell, RetrievalTable, TableRow
from model.networks import Network
from model.vgg16 import VGG16

FRAME_SIZE = 224  # pixels a side of the frames networks are given, or more where one looks at more
RANDOM = 5  # random embeddings the first row is the mean of
CCA_MOMENTS = 4  # of a validation video: CCA wants pairs, and they cost little once it is decoded

Progress = Callable[[str, int, int], None]
Skip = Callable[[Skipped], None]


def evaluate_retrieval(
    dataset: Dataset,
    networks: Mapping[str, Network],
    *,
    validation: Dataset | None = None,
    vgg16: VGG16 | None = None,
    seed: int = 0,
    on_progress: Progress = lambda _phase, _done, _total: None,
    on_skipped: Skip = lambda _skipped: None,
) -> RetrievalTable:
    """Rank the pictures and sounds of labelled videos by each network, and by what it has to beat.

    One moment of each video is drawn at random: a frame and the second of sound around it. Each frame asks for frames
    and for sounds, each sound likewise, and the 30 nearest are judged by `ndcg.ndcg`; distances are Euclidean
    between vectors of unit length. Frames that ask for frames, and sounds for sounds, do not find themselves: the
    query is left out. Across modalities all items are kept, the query's own second or frame too: to find that is the
    task there, not a triviality.

    Rows: random vectors, the mean of `RANDOM`; each kind of network untrained, the mean of `UNTRAINED`; fc7 of VGG16;
    L3-Net's features, and VGG16's with L3-Net's of sound, mapped by CCA (`cca_baseline`), which is fitted to
    the validation videos; the networks.

    Args:
        dataset: one that gives classes; relevance comes from its tree, where it has one.
        networks: those of `encoders.NAMES` by the name their row gets, in evaluation mode.
        validation: another such dataset, for CCA; none of its videos should be in the one evaluated.
        vgg16: to compare with.
        seed: of the moments, the random vectors, the order of ties and the intervals.
        on_progress: called with the phase, how far it is and how far it goes.
        on_skipped: called with each video that cannot be used, of either dataset; the others are.

    Raises:
        EvaluationError: fewer than two videos can be used, a network is of another kind, or none takes the validation
            videos.
        model.ontology.OntologyError: the tree does not hold a class of the dataset.
    """
    relevance = Relevance(dataset.classes, dataset.ontology)
    try:
        trained = {name: encoder_of(network) for name, network in networks.items()}
    except ValueError as error:
        raise EvaluationError(str(error)) from None
    if validation is not None and not any(network.kind == "l3" for network in networks.values()):
        raise EvaluationError(f"{validation.folder}: validation videos are for CCA of L3-Net, and no network is one.")
    untrained = _untrained(networks)
    vgg = None if vgg16 is None else Pictures(vgg16)

    skipped: list[Skipped] = []

    def skip(one: Skipped) -> None:
        skipped.append(one)
        on_skipped(one)

    encoders: list[Encoder] = [*trained.values(), *(one for group in untrained.values() for one in group)]
    encoders += [] if vgg is None else [vgg]
    labels = _encode(dataset, encoders, 1, seed, "videos", on_progress, skip)
    count = len(labels.videos)
    if count < 2:
        raise EvaluationError(f"{dataset.folder}: {count} of its videos can be used; retrieval needs two or more.")

    rng = np.random.default_rng([seed, count])
    random: list[Space] = [Vectors(*rng.standard_normal((2, count, COMPONENTS))) for _ in range(RANDOM)]
    spaces: dict[str, list[Space]] = {"random": random}
    spaces |= {name: [one.space() for one in group] for name, group in untrained.items()}
    spaces |= {} if vgg is None else {"VGG16 fc7": [vgg.space()]}
    mapped, refused = _mapped(trained, vgg, validation, seed, on_progress, on_skipped)
    spaces |= {name: [space] for name, (space, _) in mapped.items()}
    spaces |= {name: [one.space()] for name, one in trained.items()}

    rows = []
    for done, (name, same) in enumerate(spaces.items(), 1):
        ways = {way: ndcg_of_queries(same, labels, relevance, way, seed=seed) for way in DIRECTIONS}
        cells = {way: Cell.of(values, labels.videos, seed=seed) for way, values in ways.items() if values is not None}
        rows.append(TableRow(name, name in trained, cells, mapped[name][1] if name in mapped else None))
        on_progress("rows", done, len(spaces))
    return RetrievalTable(rows, count, skipped, dataset.ontology is not None, refused)


def _encode(
    dataset: Dataset,
    encoders: Sequence[Encoder],
    most: int,
    seed: int,
    phase: str,
    on_progress: Progress,
    on_skipped: Skip,
) -> MomentLabels:
    """Show at most so many moments a video to the encoders; answer their labels."""
    for one in dataset.skipped:
        on_skipped(one)
    labels = MomentLabels()
    moments = draw(
        dataset,
        size=max([FRAME_SIZE, *(encoder.size for encoder in encoders)]),
        most=most,
        moving=any(encoder.takes != "frame" for encoder in encoders),
        seed=seed,
        on_done=lambda done, total: on_progress(phase, done, total),
        on_skipped=on_skipped,
    )
    encode(labels.note(moments), encoders)
    return labels


def _untrained(networks: Mapping[str, Network]) -> dict[str, list[Encoder]]:
    """Untrained networks of every kind and configuration there is, by the name of their row."""
    found: dict[tuple[str, str], str] = {}
    groups: dict[str, list[Encoder]] = {}
    for file, network in networks.items():
        key = network.kind, repr(network.config)
        if key in found:
            continue
        name = f"untrained {NAMES[network.kind]}"
        found[key] = f"{name} like {file}" if name in groups else name
        groups[found[key]] = [encoder_of(one) for one in with_untrained(network)[1:]]
    return groups


def _mapped(
    trained: Mapping[str, Encoder],
    vgg: Pictures | None,
    validation: Dataset | None,
    seed: int,
    on_progress: Progress,
    on_skipped: Skip,
) -> tuple[dict[str, tuple[Space, float]], list[str]]:
    """The rows of CCA by name, with their regularisers; and those that cannot be made, in a sentence each."""
    l3 = {name: one for name, one in trained.items() if isinstance(one, Features) and one.network.kind == "l3"}
    if not l3:
        return {}, []
    if validation is None:
        reason = "CCA is fitted to videos that are not evaluated: give a folder of them with --validation."
        return {}, [f"{name} + CCA: {reason}" for name in l3]
    fitting = {name: Features(one.network) for name, one in l3.items()}
    seen = None if vgg is None else Pictures(vgg.network)
    encoders: list[Encoder] = [*fitting.values(), *([] if seen is None else [seen])]
    labels = _encode(validation, encoders, CCA_MOMENTS, seed, "validation videos", on_progress, on_skipped)
    if not labels.videos:
        return {}, [f"{name} + CCA: none of the validation videos can be used." for name in l3]
    relevance = Relevance(validation.classes, validation.ontology)
    rows: dict[str, tuple[Space, float]] = {}
    refused: list[str] = []
    for name, one in fitting.items():
        pairs: dict[str, tuple[Features | Pictures, Features | Pictures]] = {f"{name} + CCA": (one, l3[name])}
        if seen is not None and vgg is not None:
            pairs[f"VGG16 + {name} + CCA"] = (seen, vgg)
        for row, (known, asked) in pairs.items():
            try:
                mapping = cca_baseline.fit(known.images, one.sounds, labels, relevance, seed=seed)
            except ValueError as error:
                refused.append(f"{row}: the validation videos do not serve ({error}).")
            else:
                rows[row] = mapping.space(asked.images, l3[name].sounds), mapping.regulariser
    return rows, refused

"""The experiments of the results page: what is trained, on what, and what it is measured on."""

from dataclasses import dataclass

# Of those compared with each other: as many pairs for each, whatever the machine, and no mixtures but where they are
# what is compared.
STEPS = ("--steps", "500")
PLAIN = (*STEPS, "--mixed", "0")
NAIVE = "avc --negatives naive"  # measured on pairs that show the paper's shortcut


@dataclass(frozen=True)
class Experiment:
    """One training and its measurements.

    Attributes:
        name: of its JSON file.
        shows: what it is there for, in a few words.
        model: the network.
        train: folder of videos to learn from, within the data folder.
        test: folder of labelled videos to measure on, within the data folder.
        options: further ones of `earmark train`.
        subjects: of `earmark evaluate`, each with its options.
    """

    name: str
    shows: str
    model: str = "avol"
    train: str = "standard/train"
    test: str = "standard/test"
    options: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ("localization",)


NETWORKS = (
    Experiment("avol", "AVOL-Net, default options", subjects=("localization", "avc")),
    Experiment("ave", "AVE-Net, default options", model="ave", subjects=("avc",)),
    Experiment("l3", "L3-Net, default options", model="l3", subjects=("avc",)),
)
OTHER_WORLDS = (
    Experiment("hard", "AVOL-Net on the hard world", train="hard/train", test="hard/test", options=("--mixed", "0")),
    Experiment(
        "composites",
        "photographs and recordings, begun from the shipped weights, 1000 steps",
        train="composites/train",
        test="composites/dev",
        options=("--steps", "1000", "--start", "model/weights/avol.safetensors"),
    ),
)
VIDEOS = tuple(
    Experiment(f"videos-{count}", f"{count} videos", train=f"standard/train-{count}", options=PLAIN)
    for count in (200, 600, 1600, 2400)
)
SETTINGS = (
    Experiment("mixed", "mixtures in .3 of the seconds", options=STEPS),
    Experiment("head-product", "head `product`", options=(*PLAIN, "--head", "product")),
    Experiment("hard-maximum", "hard maximum throughout", options=(*PLAIN, "--hard")),
    Experiment("misalignment", "misalignment up to 1 s", options=(*PLAIN, "--misalignment", "1")),
    Experiment("fine", "28 x 28 map", options=(*PLAIN, "--fine")),
    Experiment("avc", "objective `avc`", options=(*STEPS, "--objective", "avc")),
)
MOTION = (
    Experiment("ave-500", "AVE-Net", model="ave", train="standard/train-400", options=STEPS, subjects=("avc",)),
    Experiment("ave-mf", "AVE+MF", model="ave-mf", train="standard/train-400", options=STEPS, subjects=("avc",)),
    Experiment("ave-of", "AVE+OF", model="ave-of", train="standard/train-400", options=STEPS, subjects=("avc",)),
)
PAPER = (
    Experiment(
        "ave-avc", "AVE-Net, objective `avc`", model="ave", options=("--objective", "avc"), subjects=("avc", NAIVE)
    ),
    Experiment(
        "ave-avc-naive",
        "the same, negatives that begin anywhere",
        model="ave",
        options=("--objective", "avc", "--negatives", "naive"),
        subjects=("avc", NAIVE),
    ),
)
EXPERIMENTS = {one.name: one for group in (NETWORKS, PAPER, OTHER_WORLDS, VIDEOS, SETTINGS, MOTION) for one in group}

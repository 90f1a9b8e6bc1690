"""How to train: the settings of a training, and those chosen for data and device where nobody says otherwise."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from model.networks import NetworkConfig

Objective = Literal["contrastive", "avc"]
Schedule = Literal["cosine", "paper"]
# Fewer videos than this hold too few different pairs to tell correspondence from chance.
FEWEST_VIDEOS = 8
# From so many videos on, a GPU trains the paper's full-size network; with fewer the small one generalizes better.
MANY_VIDEOS = 5_000


@dataclass(frozen=True)
class TrainingConfig:
    """How to train.

    Attributes:
        objective: "contrastive": every other pairing of the batch is a negative; "avc": the paper's, half of the
            pairs correspond and half do not.
        minutes: wall-clock budget; the number of steps is set from their speed, and again as it changes.
        steps: train exactly this many steps instead.
        passes: steps are at most those of so many passes over the videos, with few videos of `LEAST_STEPS`.
        most_steps: steps are at most these instead, however many minutes there are.
        batch: pairs a step and process, each from another video.
        rehearsal: share of them that is drawn from the clips to rehearse, where there are any.
        learning_rate: of Adam, after a warm-up.
        schedule: "cosine": to 0 along a cosine; "paper": x .94 every 16 passes over the videos.
        weight_decay: of Adam.
        misalignment: seconds by which the sound may be off its frame either way; 1 in the paper.
        naive: let the seconds of negative pairs begin anywhere, the ablation of the paper's shortcut prevention; for
            "avc".
        mixed: share of the seconds into which another video's is mixed, for AVOL-Net and "contrastive": both pictures
            belong to it, so that on its maps neither of two things that sound at once hides the other.
        sharpness: of AVOL-Net's pooling over positions, at the start and at the end, see `soft_maximum`; None: the
            hard maximum throughout, as in the paper.
        average: decay of the running average of the weights, which is what training returns.
        validation_share: share of the videos held out to stop early and to calibrate on, at most 200 of them.
        fewest: videos to learn from, apart from those held out, with fewer of which a training is refused.
        patience: measurements on held-out videos without a better one after which training stops, unless `steps` is
            given.
        tolerance: area under the ROC curve on held-out videos by which a measurement may lie below the best and still
            count as no worse; of those no worse the last is kept. Few videos tell small differences from chance badly.
        seed: of the weights, pairs and augmentations.
    """

    objective: Objective = "contrastive"
    minutes: float = 20.0
    steps: int | None = None
    passes: float = 90.0
    most_steps: int | None = None
    batch: int = 64
    rehearsal: float = 0.5
    learning_rate: float = 1e-3
    schedule: Schedule = "cosine"
    weight_decay: float = 1e-5
    misalignment: float = 0.2
    naive: bool = False
    mixed: float = 0.3
    sharpness: tuple[float, float] | None = (1.0, 4.0)
    average: float = 0.998
    validation_share: float = 0.1
    fewest: int = FEWEST_VIDEOS
    patience: int = 6
    tolerance: float = 0.0
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for a model card."""
        return asdict(self)


def recipe(objective: Objective, videos: int, device: str) -> tuple[NetworkConfig, TrainingConfig]:
    """What to train and how, where nothing else is asked for.

    Args:
        objective: see `TrainingConfig`.
        videos: how many there are.
        device: "cpu" or a CUDA device.
    """
    training = TrainingConfig(objective=objective)
    if objective == "avc":
        # One negative a picture tells little: smaller steps, and the paper's misalignment against memorising.
        training = replace(training, learning_rate=5e-4, misalignment=1.0)
    if device == "cpu" or videos < MANY_VIDEOS:
        return NetworkConfig(), training
    return NetworkConfig.paper(), replace(training, batch=256)

"""Training on unlabelled clips by audio-visual correspondence; `training` holds the loop, `recipe` the settings."""

from model.training.training import (
    FEWEST_VIDEOS,
    Progress,
    TrainingError,
    demand_enough,
    demand_resumable,
    split,
    train,
)

__all__ = ["FEWEST_VIDEOS", "Progress", "TrainingError", "demand_enough", "demand_resumable", "split", "train"]

"""Training on unlabelled clips by audio-visual correspondence; `run` holds the loop, `recipe` the settings."""

from model.training.errors import TrainingError
from model.training.held_out import demand_enough, split
from model.training.recipe import FEWEST_VIDEOS
from model.training.run import Progress
from model.training.training import demand_resumable, train

__all__ = ["FEWEST_VIDEOS", "Progress", "TrainingError", "demand_enough", "demand_resumable", "split", "train"]

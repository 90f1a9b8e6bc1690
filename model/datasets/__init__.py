"""What networks are evaluated on: labelled videos, published datasets, plain videos; all read the same way."""

from model.datasets.dataset import Choose, Dataset, DatasetError, Excerpt, Skipped
from model.datasets.loading import excerpts
from model.datasets.opening import open_dataset

__all__ = ["Choose", "Dataset", "DatasetError", "Excerpt", "Skipped", "excerpts", "open_dataset"]

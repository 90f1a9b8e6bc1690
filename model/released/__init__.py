"""Released weights: what others trained and published, as networks of this package."""

from model.released.files import MOST_BYTES, ReleaseError
from model.released.importing import Imported, import_weights

__all__ = ["MOST_BYTES", "Imported", "ReleaseError", "import_weights"]

"""Still pictures from files."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from model.video import MediaError

_MOST_PIXELS = 100_000_000


def read_picture(path: str | Path) -> np.ndarray:
    """A picture as it is shown, turned as its file says: (height, width, 3) uint8.

    Raises:
        MediaError: it cannot be opened, or is too large.
    """
    path = Path(path)
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if image.width * image.height > _MOST_PIXELS:
                raise MediaError(f"{path.name}: {image.width} x {image.height} pixels are more than can be read.")
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except FileNotFoundError:
        raise MediaError(f"{path.name}: no such file.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaError(f"{path.name}: it has more pixels than can be read.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise MediaError(
            f"{path.name}: not a picture that can be read ({error}).".replace(str(path), path.name)
        ) from None

"""A picture as Label Studio's results on it describe it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Picture:
    """Pixels of a picture as the browser shows it, turned upright.

    Attributes:
        width: > 0.
        height: > 0.
    """

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a picture must have pixels, got {self.width = }, {self.height = }")

    @property
    def fields(self) -> dict[str, Any]:
        """What every item on the picture carries beside its value."""
        return {"original_width": self.width, "original_height": self.height, "image_rotation": 0}

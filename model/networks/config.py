"""The size of a network and what it expects to be given."""

from dataclasses import asdict, dataclass

from model.frontends import PICTURES, SOUNDS

HEADS = ("product", "distance")
TRUNKS = ("paper", "openl3")


@dataclass(frozen=True)
class NetworkConfig:
    """What a network is built from. The defaults are the small network; `paper()` gives the published one.

    Attributes:
        image_size: pixels a side of the square picture.
        width: share of the paper's channels (64, 128, 256, 512).
        embedding: dimensions of the space that pictures and sounds share.
        stride: of the vision trunk's first convolution; 1 instead of the paper's 2 doubles the map's sides.
        pool3: whether the vision trunk pools after its third block. Without it a 112-pixel picture still
            has a 14 x 14 map.
        sound_pool: side of the squares a spectrogram is averaged over before the sound trunk sees it.
        trunk: "paper", or "openl3" with OpenL3's order of layers, see `model.networks.layers.OpenL3Trunk`.
        head: how AVOL-Net compares a place with a sound, "product" (the paper) or "distance" (its authors' talk), which
            learns faster and tells sources apart better (docs/results.md).
        sound: front-end that makes the spectrogram, see `model.frontends.SOUNDS`.
        picture: how pixels are scaled, see `model.frontends.PICTURES`.
    """

    image_size: int = 112
    width: float = 0.25
    embedding: int = 128
    stride: int = 2
    pool3: bool = False
    sound_pool: int = 2
    trunk: str = "paper"
    head: str = "distance"
    sound: str = "log-power"
    picture: str = "centred"

    def __post_init__(self) -> None:
        if self.image_size % 16 or not 16 <= self.image_size <= 1024:
            raise ValueError(f"image_size must be a multiple of 16 between 16 and 1024, got {self.image_size}")
        if not 0 < self.width <= 4 or not 1 <= self.embedding <= 4096:
            raise ValueError(f"width must be in (0, 4] and embedding in 1..4096, got {self.width}, {self.embedding}")
        for name, allowed in (
            ("stride", (1, 2)),
            ("sound_pool", (1, 2, 4)),
            ("trunk", TRUNKS),
            ("head", HEADS),
            ("sound", tuple(SOUNDS)),
            ("picture", tuple(PICTURES)),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}, got {getattr(self, name)!r}")
        if self.trunk == "openl3" and (self.stride, self.pool3) != (1, True):
            raise ValueError(f"the openl3 trunk has stride 1 and pool3, got {self.stride = } and {self.pool3 = }")

    @classmethod
    def paper(cls, **changes: object) -> "NetworkConfig":
        """224-pixel pictures, 64 to 512 channels, pooled after the third block: about 9.5 M parameters."""
        return cls(**{"image_size": 224, "width": 1.0, "pool3": True, "sound_pool": 1, **changes})  # type: ignore[arg-type]

    @property
    def grid(self) -> int:
        """Cells a side of the localization map."""
        return self.image_size // (self.stride * 4 * (2 if self.pool3 else 1))

    @property
    def channels(self) -> tuple[int, int, int, int]:
        """Channels of the four blocks."""
        a, b, c, d = (max(4, round(n * self.width)) for n in (64, 128, 256, 512))
        return a, b, c, d

    def to_dict(self) -> dict:
        """As plain values, for a model card."""
        return asdict(self)

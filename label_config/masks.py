"""Masks on a picture, in the run-length code of Label Studio's brush."""

from collections.abc import Iterable, Iterator, Sequence

from label_config.config import LabelConfig
from label_config.items import Item, region
from label_config.picture import Picture

_WORD = 8  # bits of a value
_LENGTHS = (3, 4, 8, 16)  # bits a run's length may take; the code holds the length less one
_CHANNELS = 4  # red, green, blue, alpha: every pixel stands four times
_COVERED = 255


def mask_item(
    config: LabelConfig,
    picture: Picture,
    runs: Sequence[tuple[bool, int]],
    *,
    score: float,
    reason: str,
    label: str | None = None,
) -> Item | None:
    """Covered pixels as a mask; None if the config shows no mask, or none is covered.

    runs: (covered, length) of the pixels row by row, from the top left. label: the suggested one; where no BrushLabels
    knows it, the mask gets BOX_LABEL.
    """
    found = config.mask(label)
    if found is None:
        return None
    control, written = found
    if sum(length for _, length in runs) != picture.width * picture.height:
        raise ValueError(f"a mask must have a value for every pixel of {picture}")
    if not any(covered for covered, _ in runs):
        return None
    value = {"format": "rle", "rle": encode(runs), "brushlabels": [written]}
    return {**region(control.name, control.target, "brushlabels", value, score, reason), **picture.fields}


def encode(runs: Iterable[tuple[bool, int]]) -> list[int]:
    """Bytes of the code, for runs (covered, length) of pixels, length >= 1.

    After the number of values (32 bits), the bits of a value less one (5) and of each kind of length less one
    (4 each), a run is a one, the kind of its length (2), its length less one, and its value.
    """
    runs = list(runs)
    total = sum(length for _, length in runs) * _CHANNELS
    bits = [f"{total:032b}{_WORD - 1:05b}", *(f"{size - 1:04b}" for size in _LENGTHS)]
    for covered, length in runs:
        value = f"{_COVERED if covered else 0:0{_WORD}b}"
        for part in _parts(length * _CHANNELS):
            kind = next(kind for kind, size in enumerate(_LENGTHS) if part <= 2**size)
            bits.append(f"1{kind:02b}{part - 1:0{_LENGTHS[kind]}b}{value}")
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return list(int(text, 2).to_bytes(len(text) // 8, "big"))


def pixels(rle: Sequence[int]) -> int:
    """How many pixels a code covers with runs, whole and without rest; -1 where it is no such code."""
    text = "".join(f"{byte:08b}" for byte in rle)
    if len(text) < 53 or int(text[32:37], 2) + 1 != _WORD:
        return -1
    total, lengths, place, values = int(text[:32], 2), [int(text[i : i + 4], 2) + 1 for i in range(37, 53, 4)], 53, 0
    while values < total:
        head = text[place : place + 3]
        if len(head) < 3:
            return -1
        size = lengths[int(head[1:], 2)]
        end = place + 3 + size
        count = int(text[place + 3 : end] or "0", 2) + 1
        place = end + _WORD * (1 if head[0] == "1" else count)
        if place > len(text):
            return -1
        values += count
    return values // _CHANNELS if values == total and values % _CHANNELS == 0 else -1


def _parts(length: int) -> Iterator[int]:
    longest = 2 ** _LENGTHS[-1]
    while length > 0:
        yield min(length, longest)
        length -= longest

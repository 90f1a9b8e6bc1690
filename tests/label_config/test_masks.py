import itertools
import json

import numpy as np
import pytest

from label_config import Picture, mask_item, read_config
from label_config.masks import encode, pixels
from tests.label_config.configs import PICTURE, QUERY

CONFIG = read_config(PICTURE)


def runs(mask: np.ndarray) -> list[tuple[bool, int]]:
    edges = [0, *(np.flatnonzero(np.diff(mask.ravel())) + 1), mask.size]
    return [(bool(mask.ravel()[first]), int(last - first)) for first, last in itertools.pairwise(edges)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (64, 48), (400, 300)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_label_studios_own_decoder_reads_what_is_encoded(shape: tuple[int, int], share: float) -> None:
    from label_studio_sdk.converter.brush import decode_rle

    mask = np.random.default_rng(3).random(shape) < share
    rle = encode(runs(mask))
    decoded = decode_rle(rle).reshape(*shape, 4)
    assert np.array_equal(decoded, np.repeat(mask[..., None] * 255, 4, axis=2))
    assert pixels(rle) == mask.size


def test_codes_of_label_studios_own_encoder_are_read_too() -> None:
    from label_studio_sdk.converter.brush import mask2rle

    mask = (np.random.default_rng(4).random((30, 40)) < 0.5).astype(np.uint8) * 255
    assert pixels(mask2rle(mask)) == mask.size


def test_what_is_no_code_has_no_pixels() -> None:
    rle = encode([(False, 100), (True, 20)])
    assert [pixels(code) for code in ([], [0, 1], rle[:-3], [255] * 8, [0, 0, 0, 8, *rle[4:]])] == [-1] * 5


def test_a_mask_is_written_as_it_is_known_to_render() -> None:
    item = mask_item(CONFIG, Picture(10, 2), [(False, 12), (True, 8)], score=0.8, reason="it barks")
    assert {name: item[name] for name in ("from_name", "type", "original_width", "original_height")} == {
        "from_name": "heat", "type": "brushlabels", "original_width": 10, "original_height": 2
    }  # fmt: skip
    assert (item["value"]["format"], item["value"]["brushlabels"]) == ("rle", ["warm"])
    json.dumps(item)


def test_there_is_no_mask_of_nothing_or_for_nobody() -> None:
    assert mask_item(CONFIG, Picture(10, 2), [(False, 20)], score=0.8, reason="") is None
    assert mask_item(read_config(QUERY), Picture(10, 2), [(True, 20)], score=0.8, reason="") is None


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="every pixel of Picture"):
        mask_item(CONFIG, Picture(10, 3), [(True, 20)], score=0.8, reason="")

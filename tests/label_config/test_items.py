import json
import math

import pytest

from label_config import Timeline, box_item, read_config, template, with_ids
from tests.label_config.configs import Moment

CONFIG = read_config(template(["dog", "car"]))


def box(*moments: Moment) -> dict | None:
    return box_item(CONFIG, Timeline(25, 6.0), moments, score=0.9, reason="it barks")


def test_ids_are_unique_and_come_from_the_content() -> None:
    items = [box(Moment(0.0)), box(Moment(0.0)), box(Moment(1.0))]
    named = with_ids(items)
    assert len({item["id"] for item in named}) == 3
    assert json.dumps(named) == json.dumps(with_ids(items))
    assert with_ids(items[2:])[0]["id"] == named[2]["id"]


def test_a_box_of_no_numbers_does_not_get_an_id() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        with_ids([box(Moment(0.0, (math.nan, 0.0, 1.0, 1.0)))])


def test_items_that_are_one_region_share_an_id_that_no_other_has() -> None:
    pair = [{"type": "rectangle"}, {"type": "labels"}]
    ids = [item["id"] for item in with_ids([pair, pair, {"type": "rectangle"}])]
    assert (ids[0] == ids[1], ids[2] == ids[3], len(set(ids))) == (True, True, 3)

import pytest

from label_config import Timeline, read_config, segment_item, stretch_item, template
from tests.label_config.configs import AUDIO, QUERY

CONFIG = read_config(template(["dog", "car"]))
TIMELINE = Timeline(25, 6.0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1.0, 3.0, (26, 75)),
        (0.0, 6.0, (1, 150)),
        (0.0, 0.001, (1, 1)),
        (5.99, 60.0, (150, 150)),
        (1.01, 1.02, (26, 26)),
    ],
)
def test_segments_are_whole_inclusive_frames(start: float, end: float, expected: tuple) -> None:
    value = segment_item(CONFIG, TIMELINE, start, end, score=0.8, reason="it barks")["value"]
    assert value["timelinelabels"] == ["sounding"]
    assert [(r["start"], r["end"]) for r in value["ranges"]] == [expected]
    assert all(type(number) is int for number in expected)


def test_a_suggested_label_is_written_where_it_is_known() -> None:
    several = read_config(template().replace('<Label value="sounding" ', '<Label value="bark"/><Label value="purr" '))
    labels = [segment_item(several, TIMELINE, 0, 1, score=1, reason="", label=label) for label in ("bark", "dog", None)]
    assert [item and item["value"]["timelinelabels"] for item in labels] == [["bark"], None, None]


def test_a_config_without_time_segments_gets_none() -> None:
    config = read_config(QUERY)
    assert segment_item(config, TIMELINE, 0, 1, score=0.5, reason="") is None
    assert stretch_item(config, TIMELINE, 0, 1, score=0.5, reason="") is None


def test_stretches_of_the_waveform_are_seconds_within_it() -> None:
    config = read_config(AUDIO)
    item = stretch_item(config, TIMELINE, 1.23456, 7.0, score=0.8, reason="it barks", label="dog")
    assert (item["from_name"], item["to_name"], item["type"]) == ("heard", "wave", "labels")
    assert item["value"] == {"start": 1.235, "end": 6.0, "channel": 0, "labels": ["d"]}
    assert stretch_item(config, TIMELINE, 6.0, 7.0, score=0.8, reason="") is None

import dataclasses
import json
import math

import numpy as np
import pytest

from label_config import InvalidResultError, problems, read_config, template
from label_config.timeline import Timeline
from model.annotator import Annotation
from model.tracks import Keyframe, Segment, Track
from model.video import MediaInfo
from training_jobs.annotation import Prediction, compose

CONFIG = read_config(template(["dog", "car"]))
BARE = read_config('<View><Video name="v" value="$v" frameRate="$fps"/><VideoRectangle name="b" toName="v"/></View>')
INFO = MediaInfo(duration=6.0, width=320, height=240, frame_rate=25.0, has_picture=True, has_audio=True)
LEFT, RIGHT = (0.1, 0.2, 0.3, 0.6), (0.6, 0.2, 0.8, 0.6)


def annotation(**changes) -> Annotation:
    """Two objects taking turns: one from 0 to 2 s, the other from 2 to 4 s and from 5 s to the end."""
    first = (Keyframe(0.0, LEFT), Keyframe(2.0, LEFT, visible=False))
    second = (Keyframe(2.0, RIGHT), Keyframe(4.0, RIGHT, visible=False), Keyframe(5.0, RIGHT))
    found = Annotation(
        info=INFO,
        tracks=[Track(first, 0.9, "sounds 0-2 s"), Track(second, 0.7, "sounds 2-4 s")],
        segments=[Segment(0.0, 2.0, 0), Segment(2.0, 4.0, 1), Segment(5.0, 6.0, 1)],
        track_embeddings=np.zeros((2, 2, 128), np.float32),
        moments=[],
        image_embedding=np.zeros(128, np.float32),
        sound_embedding=np.zeros(128, np.float32),
        score=0.8,
        evidence=(),
        reason=None,
        sounding=[(0.0, 4.0), (5.0, 6.0)],
        times=np.arange(30) / 5,
        maps=np.zeros((30, 14, 14), np.float32),
    )
    return dataclasses.replace(found, **changes)


def written(found: Annotation, config=CONFIG, **options) -> Prediction:
    return compose(found, config, model_version="earmark-0123456789ab", **options)


def test_every_track_and_segment_becomes_an_item_with_its_own_score_and_reason() -> None:
    prediction = written(annotation())
    kinds = [(item["type"], item["score"], item["meta"]["text"]) for item in prediction.result]
    assert kinds == [
        ("videorectangle", 0.9, ["sounds 0-2 s"]),
        ("videorectangle", 0.7, ["sounds 2-4 s"]),
        ("timelinelabels", 0.9, ["sounds 0-2 s"]),
        ("timelinelabels", 0.7, ["sounds 2-4 s"]),
        ("timelinelabels", 0.7, ["sounds 2-4 s"]),
    ]
    assert problems(prediction.result, CONFIG, Timeline(25, 6.0)) == []
    assert (prediction.score, prediction.reason, prediction.notes) == (0.8, None, ())


def test_frames_are_counted_at_the_tasks_rate() -> None:
    ranges = [
        (item["value"]["sequence"][-1]["frame"], item["value"]["framesCount"])
        for fps in (25, 30)
        for item in written(annotation(), BARE, task_data={"fps": fps}).result[:1]
    ]
    assert ranges == [(50, 150), (60, 180)]


def test_equal_annotations_are_written_byte_for_byte_alike() -> None:
    first, second = (json.dumps(written(annotation(), suggestion=("dog", 0.6)).to_dict()) for _ in range(2))
    assert first == second


def test_the_suggested_choice_is_written_with_its_similarity() -> None:
    item = written(annotation(), suggestion=("dog", 0.61)).result[-1]
    assert (item["type"], item["value"], item["score"]) == ("choices", {"choices": ["dog"]}, 0.61)


def test_what_the_config_cannot_show_is_noted_and_left_out() -> None:
    prediction = written(annotation(), suggestion=("cat", 0.9))
    assert all(item["type"] != "choices" for item in prediction.result)
    assert [note for note in prediction.notes if '"cat"' in note]
    bare = written(annotation(), BARE, suggestion=("dog", 0.9))
    assert {item["type"] for item in bare.result} == {"videorectangle"}
    assert len(bare.notes) == 3


def test_nothing_found_has_a_reason_even_beside_a_choice() -> None:
    silent = annotation(tracks=[], segments=[], reason="silent throughout", score=0.95)
    assert (written(silent).result, written(silent).reason) == ([], "silent throughout")
    assert written(silent, suggestion=("dog", 0.5)).reason == "silent throughout"
    never_seen = annotation(tracks=[Track((Keyframe(0.0, LEFT, visible=False),), 0.9, "")], segments=[])
    assert written(never_seen).reason


def test_a_row_has_no_score_where_there_is_none() -> None:
    assert written(annotation()).row.keys() == {"result", "score", "model_version"}
    assert written(annotation(score=None)).row.keys() == {"result", "model_version"}


def test_a_prediction_survives_json() -> None:
    prediction = written(annotation())
    assert Prediction(**json.loads(json.dumps(prediction.to_dict()))).row == prediction.row


def test_numbers_that_are_none_never_leave() -> None:
    track = Track((Keyframe(0.0, (math.nan, 0.0, 1.0, 1.0)),), 0.9, "")
    with pytest.raises(ValueError, match="JSON compliant"):
        written(annotation(tracks=[track], segments=[]))


def test_what_label_studio_would_not_show_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    import training_jobs.annotation as module

    monkeypatch.setattr(module, "with_ids", lambda items: [{"id": "same", **item} for item in items])
    with pytest.raises(InvalidResultError, match="merge into one region"):
        written(annotation())

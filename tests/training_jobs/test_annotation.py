import dataclasses
import json
import math

import numpy as np
import pytest

from label_config import KINDS, InvalidResultError, Picture, Similar, problems, read_config, template
from label_config.timeline import Timeline
from model.annotator import Annotation, ImageAnnotation
from model.confidence import CHOICE, choice_evidence
from model.localization import Region
from model.suggesting import CLIP_FLOOR
from model.tracks import Keyframe, Segment, Track
from model.video import MediaInfo
from tests.label_config.configs import AUDIO as AUDIO_XML
from tests.label_config.configs import PICTURE as PICTURE_XML
from training_jobs.annotation import UNNAMED_STANDS, Labels, Prediction, compose

CONFIG = read_config(template(["dog", "car"]))
BARE = read_config('<View><Video name="v" value="$v" frameRate="$fps"/><VideoRectangle name="b" toName="v"/></View>')
PICTURE = read_config(PICTURE_XML)
WAVE = read_config(AUDIO_XML)
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


def everywhere(label: str, similarity: float) -> Labels:
    """A label suggested for every kind of region."""
    return dict.fromkeys(KINDS, (label, similarity))


def labels(prediction: Prediction) -> list[tuple[str, list[str] | None]]:
    """Of each region its control and its labels."""
    names = ("labels", "timelinelabels", "rectanglelabels", "brushlabels")
    return [
        (item["from_name"], next((item["value"][name] for name in names if name in item["value"]), None))
        for item in prediction.result
    ]


def test_a_tracks_suggested_label_is_carried_by_every_control_that_knows_it() -> None:
    prediction = written(annotation(), WAVE, labels=[everywhere("dog", 0.83), everywhere("bird", 0.7)])
    assert labels(prediction) == [
        ("where", ["dog"]),
        ("where", None),
        ("heard", ["d"]),
        ("heard", ["sounding"]),
        ("heard", ["sounding"]),
    ]
    [first, *_] = prediction.result
    assert first["meta"]["text"] == ['sounds 0-2 s; like what people labelled "dog" (0.83)']
    assert [note for note in prediction.notes if '"bird"' in note]
    assert not [note for note in prediction.notes if '"dog"' in note]


def test_boxes_and_times_carry_what_each_is_called() -> None:
    xml = template().replace('object"', 'object"/><Label value="dog"').replace('"sounding"', '"bark"')
    separate = read_config(xml.replace('"bark"', '"bark"/><Label value="honk"'))
    prediction = written(annotation(), separate, labels=[{"box": ("dog", 0.9), "segment": ("bark", 0.8)}, {}])
    assert labels(prediction) == [("boxes", ["dog"]), ("boxes", ["sounding object"]), ("segments", ["bark"])]
    reasons = [item["meta"]["text"][0].partition("; ")[2] for item in prediction.result]
    assert reasons == ['like what people labelled "dog" (0.90)', "", 'like what people labelled "bark" (0.80)']
    # What regions of another kind are called is no label of these.
    crossed = written(annotation(), separate, labels=[{"box": ("bark", 0.9), "segment": ("dog", 0.8)}, {}])
    assert [note.partition(" value ")[2] for note in crossed.notes if "not suggested" in note] == [
        '"bark", so it is not suggested.',
        '"dog", so it is not suggested.',
    ]


def test_stretches_of_the_waveform_are_in_seconds() -> None:
    stretches = [item["value"] for item in written(annotation(), WAVE).result if item["from_name"] == "heard"]
    assert [(one["start"], one["end"]) for one in stretches] == [(0.0, 2.0), (2.0, 4.0), (5.0, 6.0)]


def alone(**changes) -> Annotation:
    """A sound without a picture."""
    info = MediaInfo(duration=6.0, width=0, height=0, frame_rate=0.0, has_picture=False, has_audio=True)
    kept = {"tracks": [], "segments": [], "track_embeddings": np.zeros((0, 2, 128), np.float32)}
    return annotation(info=info, **kept, score=None, reason="no picture: there is nothing to draw a box on", **changes)


def test_of_a_sound_alone_what_is_heard_is_marked() -> None:
    labels = '<Labels name="l" toName="a"><Label value="dog"/><Label value="{}"/></Labels>'
    xml = f'<View><Audio name="a" value="$a"/>{labels}</View>'
    marked = written(alone(), read_config(xml.format("sounding")))
    places = [(item["value"]["start"], item["value"]["end"], item["value"]["labels"]) for item in marked.result]
    assert places == [(0.0, 4.0, ["sounding"]), (5.0, 6.0, ["sounding"])]
    assert not any("score" in item for item in marked.result)
    assert (marked.reason, marked.score) == (None, None)
    assert written(alone(), read_config(xml.format("cat"))).reason == "the labelling config cannot show what was found"
    assert written(alone(sounding=[]), read_config(xml.format("sounding"))).reason == "nothing is heard in it"


def test_what_a_video_is_marked_with_is_what_was_found_in_its_picture() -> None:
    unseen = annotation(tracks=[], segments=[], reason="nothing in the picture explains the sound")
    assert written(unseen, WAVE).result == []
    assert written(unseen, WAVE).reason == "nothing in the picture explains the sound"


def test_similar_clips_are_listed_and_the_tasks_list_is_ordered() -> None:
    similar = [Similar(7, 0.95, True, "http://ls/7"), Similar(3, 0.8, False, "http://ls/3")]
    prediction = written(annotation(), WAVE, task_data={"alike": [{"id": "3"}, {"id": "7"}]}, similar=similar)
    lines, ranking = prediction.result[-2:]
    assert [line.partition(":")[0] for line in lines["value"]["text"]] == [
        "task 7, nearly the same clip (0.95)",
        "task 3, alike (0.80)",
    ]
    assert ranking["value"] == {"ranker": {"order": ["7", "3"]}}
    assert prediction.reason is None


def picture(**changes) -> ImageAnnotation:
    """A thing that sounds in the upper left of a picture."""
    heatmap = np.zeros((14, 14), np.float32)
    heatmap[2:6, 1:5] = 0.9
    zeros = np.zeros(128, np.float32)
    region = Region(box=LEFT, score=0.9, peak=(0.2, 0.3))
    found = ImageAnnotation(
        width=280, height=140, regions=[region], heatmap=heatmap, score=0.9, reason=None,
        image_embedding=zeros, sound_embedding=zeros,
    )  # fmt: skip
    return dataclasses.replace(found, **changes)


def test_a_picture_gets_boxes_and_its_heatmap_as_a_mask() -> None:
    from label_studio_sdk.converter.brush import decode_rle

    prediction = written(picture(), PICTURE, labels=[everywhere("dog", 0.8)])
    assert labels(prediction) == [("box", ["dog"]), ("heat", ["warm"])]
    assert problems(prediction.result, PICTURE, Picture(280, 140)) == []
    covered = decode_rle(prediction.result[1]["value"]["rle"]).reshape(140, 280, 4)[..., 3] > 0
    rows, columns = covered.any(1).nonzero()[0], covered.any(0).nonzero()[0]
    # Four of the map's cells, each 10 x 20 pixels, at half of the peak.
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 59, 20, 99)
    assert (prediction.score, prediction.reason) == (0.9, None)


def test_a_mask_of_several_regions_takes_the_label_of_none() -> None:
    several = read_config(
        PICTURE_XML.replace("warm", "dog").replace("</BrushLabels>", "<Label value='cat'/></BrushLabels>")
    )
    two = picture(regions=picture().regions * 2)
    assert labels(written(picture(), several, labels=[everywhere("dog", 0.8)]))[-1] == ("heat", ["dog"])
    assert labels(written(two, several, labels=[everywhere("dog", 0.8), everywhere("cat", 0.8)])) == [
        ("box", ["dog"]),
        ("box", ["sounding object"]),
    ]


def test_a_picture_in_which_nothing_sounds_has_a_reason() -> None:
    silent = picture(regions=[], reason="nothing in the picture explains the sound (best match 0.1)", score=0.9)
    prediction = written(silent, PICTURE)
    assert (prediction.result, prediction.reason) == ([], silent.reason)


CHOOSING = read_config(
    '<View><Video name="v" value="$v"/><Choices name="c" toName="v"><Choice value="a"/><Choice value="b"/></Choices>'
    "</View>"
)


def test_a_config_that_marks_nothing_says_so_and_is_scored_by_its_choice_alone() -> None:
    nothing = written(annotation(), CHOOSING)
    assert (nothing.result, nothing.score) == ([], None)
    assert nothing.reason == "nothing is suggested for it yet, and the labelling config marks no regions"
    chosen = written(annotation(score=0.1), CHOOSING, suggestion=("a", 0.9))
    assert chosen.reason is None
    assert chosen.score == pytest.approx(CHOICE.probability(choice_evidence(0.9)), abs=1e-4)


def test_boxes_and_times_that_wait_for_a_label_are_hardly_submitted_unchanged() -> None:
    named = [everywhere("dog", 0.9)] * 2
    assert written(annotation(), WAVE, labels=named).score == 0.8
    for waiting in (None, [everywhere("dog", 0.9), {}], [everywhere("dog", 0.9), everywhere("bird", 0.9)]):
        assert written(annotation(), WAVE, labels=waiting).score == pytest.approx(0.8 * UNNAMED_STANDS)
    silent = annotation(tracks=[], segments=[], reason="silent throughout", score=0.95)
    assert written(silent, WAVE).score == 0.95
    classes = read_config(
        '<View><Video name="v" value="$v"/><TimelineLabels name="t" toName="v"><Label value="a"/><Label value="b"/>'
        "</TimelineLabels></View>"
    )
    unshown = written(annotation(), classes)
    assert (unshown.result, unshown.reason) == ([], "what was found is shown once labelled regions suggest its label")
    assert unshown.score == pytest.approx(0.8 * UNNAMED_STANDS)


def test_a_suggested_choice_has_to_stand_too() -> None:
    near, far = (written(annotation(), suggestion=("dog", similarity)).score for similarity in (0.95, CLIP_FLOOR))
    assert near == pytest.approx(0.8 * CHOICE.probability(choice_evidence(0.95)), abs=1e-4)
    assert near == written(annotation(), suggestion=("dog", 0.95 + 1e-9)).score  # a clip embedded again
    assert far is not None and near is not None and far < 0.9 * near < 0.8  # so that the doubtful come first
    assert written(annotation(), suggestion=("unknown", CLIP_FLOOR)).score == 0.8


def test_neighbors_and_cluster_stand_in_the_row_where_there_are_any() -> None:
    prediction = dataclasses.replace(written(annotation()), neighbors=[3, 7], cluster=0)
    assert (prediction.row["neighbors"], prediction.row["cluster"]) == ([3, 7], 0)
    assert Prediction(**json.loads(json.dumps(prediction.to_dict()))).row == prediction.row

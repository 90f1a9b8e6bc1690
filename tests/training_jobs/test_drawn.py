"""What people drew is matched to what was predicted: by its id, else by place and time, over every kind of region."""

import numpy as np
import pytest

from label_config import BOX_LABEL, LabelConfig, read_config
from model.annotator import Annotation, ImageAnnotation
from model.localization import Region
from model.tracks import Keyframe, Segment, Track
from model.video import MediaInfo
from tests.training_jobs.test_annotation import annotation as two_tracks
from training_jobs.annotation import compose
from training_jobs.drawn import Drawn, drawn, matched
from training_jobs.kept import keep, restore

CONFIG = read_config(
    """<View><Video name="v" value="$v" frameRate="25"/><VideoRectangle name="b" toName="v"/>
    <Labels name="l" toName="v"><Label value="sounding object"/><Label value="dog"/><Label value="car"/></Labels>
    <TimelineLabels name="t" toName="v"><Label value="sounding"/><Label value="bark"/></TimelineLabels></View>"""
).for_task({})


BOX = {"from_name": "b", "to_name": "v", "type": "videorectangle"}
LABEL = {"from_name": "l", "to_name": "v", "type": "labels"}
WAVE = read_config(
    """<View><Audio name="a" value="$a"/><Labels name="l" toName="a"><Label value="car"/><Label value="bark"/></Labels>
    <HyperText name="h" value="$h"/><Text name="t" value="$t"/><Labels name="x" toName="t"><Label value="car"/></Labels>
    <Labels name="y" toName="h"><Label value="car"/></Labels></View>"""
).for_task({})
PICTURE = read_config(
    """<View><Image name="p" value="$p"/><Audio name="a" value="$a"/><RectangleLabels name="r" toName="p">
    <Label value="dog"/><Label value="car"/></RectangleLabels></View>"""
)


def predicted(found: Annotation | None = None, config: LabelConfig = CONFIG) -> list[dict]:
    """The items of a prediction of two sources: on the left to 2 s, on the right from 2 to 4 and from 5 s."""
    return compose(found or two_tracks(), config, model_version="earmark-0123456789ab").result


def labelled(item: dict, label: str, **changes: object) -> dict:
    """An item as a person submits it."""
    kind = "labels" if item["type"] == "videorectangle" else item["type"]
    return {**item, "value": {**item["value"], kind: [label]}, **changes}


def matches(result: list[dict], known: list[dict] = ()) -> list[tuple[str, int | None]]:
    """The label of each region and the track it is."""
    return [(region.label, matched(region, two_tracks())) for region in drawn(result, CONFIG, known)]


def test_accepted_boxes_and_segments_are_their_tracks() -> None:
    first, second, _, bark, *_ = predicted()
    result = [labelled(second, "car"), labelled(first, "dog"), labelled(bark, "bark")]
    assert [one["type"] for one in (first, second, bark)] == ["videorectangle", "videorectangle", "timelinelabels"]
    assert matches(result) == [("car", 1), ("dog", 0), ("bark", 1)]


def test_a_region_that_was_moved_far_away_is_still_the_one_it_came_from() -> None:
    items = predicted()
    moved = [{**keyframe, "x": 80.0, "y": 1.0} for keyframe in items[0]["value"]["sequence"]]
    mine = {**items[0], "value": {**items[0]["value"], "sequence": moved, "labels": ["dog"]}}
    assert matches([mine], items) == [("dog", 0)]
    # Once the prediction is gone, its id says nothing, and no predicted box was there.
    assert matches([mine]) == [("dog", None)]


def test_a_box_drawn_by_hand_is_matched_where_it_overlaps() -> None:
    def box(frame: int, last: int, x: float) -> dict:
        keyframes = [
            {"frame": number, "enabled": number == frame, "rotation": 0, "x": x, "y": 22, "width": 19, "height": 40}
            for number in (frame, last)
        ]
        return {**BOX, "id": f"{x}", "value": {"sequence": keyframes, "labels": ["dog"]}}

    assert matches([box(3, 48, 11)]) == [("dog", 0)]
    assert matches([box(55, 100, 61)]) == [("dog", 1)]
    assert matches([box(3, 48, 61)]) == [("dog", None)]  # there, and not then
    assert matches([box(3, 48, 35)]) == [("dog", None)]


def test_neutral_labels_are_none_and_two_results_of_one_region_are_one() -> None:
    box = {**predicted()[0], "value": {k: v for k, v in predicted()[0]["value"].items() if k != "labels"}}
    label = {**LABEL, "id": box["id"], "value": {**box["value"], "labels": ["car"]}}
    assert matches([box, label]) == [("car", 0)]
    assert matches([box]) == matches([labelled(box, BOX_LABEL)]) == []
    assert matches([{**LABEL, "id": "x", "value": {}}, {"type": "choices", "value": {"choices": ["a"]}}]) == []


def test_a_label_that_leaves_no_choice_says_nothing_and_is_one_to_the_regions_that_have_others() -> None:
    config = read_config(
        """<View><Video name="v" value="$v" frameRate="25"/><VideoRectangle name="b" toName="v"/>
        <Labels name="l" toName="v"><Label value="dog"/><Label value="car"/></Labels>
        <TimelineLabels name="t" toName="v"><Label value="dog"/></TimelineLabels></View>"""
    )
    box, time = (
        next(item for item in predicted() if item["type"] == kind) for kind in ("videorectangle", "timelinelabels")
    )
    found = drawn([labelled(box, "dog"), labelled(time, "dog")], config)
    assert [(region.label, region.kind) for region in found] == [("dog", "box")]


def test_a_neutral_label_is_neutral_under_its_alias_too() -> None:
    config = read_config(
        """<View><Video name="v" value="$v" frameRate="25"/><VideoRectangle name="b" toName="v"/><Labels name="l"
        toName="v"><Label value="sounding object" alias="it"/><Label value="car"/></Labels></View>"""
    )
    [first, second] = predicted(config=config)
    assert first["value"]["labels"] == ["it"]
    assert [region.label for region in drawn([first, labelled(second, "car")], config)] == ["car"]


def test_stretches_of_a_waveform_are_in_seconds() -> None:
    value = {"start": 2.1, "end": 3.9, "channel": 0, "labels": ["car"]}
    item = {"id": "a", "from_name": "l", "to_name": "a", "type": "labels", "value": value}
    [region] = drawn([item], WAVE)
    assert region == Drawn("car", "stretch", [], [2.1, 3.9])
    assert matched(region, two_tracks()) == 1


def test_each_segment_of_a_source_that_sounds_again_and_again_is_that_source() -> None:
    often = [Segment(float(start), start + 0.5, 0) for start in range(6)]
    found = two_tracks(segments=[*often, Segment(0.0, 6.0, 1)])
    times = [item for item in predicted(found) if item["type"] == "timelinelabels"]
    assert len(times) == 7
    one, all_ = drawn([labelled(times[2], "bark"), labelled(times[6], "bark")], CONFIG)
    assert [matched(region, found) for region in (one, all_)] == [0, 1]
    # One stretch drawn over all of a source's segments is that source too.
    over = two_tracks(segments=[Segment(0.0, 1.0, 0), Segment(1.2, 2.0, 0), Segment(2.2, 3.0, 0), Segment(5.5, 6.0, 1)])
    assert matched(Drawn("bark", "segment", [], [0.0, 3.0]), over) == 0
    assert matched(Drawn("bark", "segment", [], [4.0, 5.0]), over) is None


def test_labels_of_a_text_beside_the_sound_mark_no_time() -> None:
    letters = {"from_name": "x", "to_name": "t", "type": "labels", "value": {"start": 2, "end": 4, "labels": ["car"]}}
    place = {"start": "/div[1]/p[1]/text()[1]", "end": "/div[1]/p[2]/text()[1]", "startOffset": 0, "endOffset": 4}
    tags = {"from_name": "y", "to_name": "h", "type": "labels", "value": place | {"labels": ["car"]}}
    assert drawn([letters, tags], WAVE, [letters, tags]) == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {"sequence": [{"frame": 1}], "labels": ["dog"]},
        {"sequence": [{"x": 1, "y": 1, "width": 1, "height": 1}], "labels": ["dog"]},
        {"sequence": "none", "labels": ["dog"]},
        {"sequence": [], "labels": "dog"},
    ],
)
def test_what_cannot_be_read_says_nothing(value: object) -> None:
    ours = predicted()
    broken = [{**BOX, "id": "x", "value": value}, {"from_name": [], "to_name": {}, "value": value}, None, "text"]
    assert matches([*broken, labelled(ours[0], "dog")], [*broken, *ours]) == [("dog", 0)]


def test_predicted_items_without_an_id_are_nobodys_place() -> None:
    nameless = [{name: part for name, part in item.items() if name != "id"} for item in predicted()]
    first, second, *_ = predicted()
    assert matches([labelled(first, "dog")], [*nameless, {**second, "id": None}]) == [("dog", 0)]


def picture(*boxes: tuple[float, float, float, float]) -> ImageAnnotation:
    """Things that sound in a picture."""
    regions = [Region(box, 0.9, (0.2, 0.2)) for box in boxes]
    nothing = np.zeros(128, np.float32)
    heat = np.linspace(0, 1, 196).reshape(14, 14).astype(np.float32)
    return ImageAnnotation(100, 80, regions, heat, 0.85, None, nothing, nothing)


def test_a_box_on_a_picture_is_its_region() -> None:
    found = picture((0.1, 0.1, 0.4, 0.4), (0.6, 0.6, 0.9, 0.9))
    place = {"x": 61, "y": 62, "width": 30, "height": 28, "rotation": 0}
    value = {**place, "rectanglelabels": ["dog"]}
    item = {"id": "a", "from_name": "r", "to_name": "p", "type": "rectanglelabels", "value": value}
    again = restore(keep(found))
    assert [matched(region, again) for region in drawn([item], PICTURE)] == [1]
    np.testing.assert_allclose(again.heatmap, found.heatmap, atol=1e-4)


def test_a_mask_is_the_only_region_of_its_picture() -> None:
    config = read_config(
        """<View><Image name="p" value="$p"/><Audio name="a" value="$a"/><BrushLabels name="m" toName="p">
        <Label value="sounding object"/><Label value="dog"/></BrushLabels></View>"""
    )
    one, two = picture((0.1, 0.1, 0.4, 0.4)), picture((0.1, 0.1, 0.4, 0.4), (0.6, 0.6, 0.9, 0.9))
    [mask] = predicted(one, config)
    mine, other = labelled(mask, "dog"), labelled(mask, "dog", id="by hand")
    assert drawn([mask], config, [mask]) == []
    for result in ([mine], [other], [mine, labelled(other, "sounding object")]):
        [region] = drawn(result, config, [mask])
        assert (region.label, region.kind) == ("dog", "mask")
        assert [matched(region, found) for found in (one, two, two_tracks())] == [0, None, None]
    # Of several masks that were all drawn by hand nothing tells which is where something sounds.
    assert drawn([other, labelled(other, "dog", id="another")], config, [mask]) == []


@pytest.mark.parametrize("rate", [12.5, 25, 30])
def test_a_kept_annotation_is_composed_to_the_same_items(rate: float) -> None:
    config = CONFIG.at_frame_rate(rate)
    found = two_tracks()
    labels = [{"box": ("dog", 0.91)}, {}]
    options = {"model_version": "earmark-0123456789ab", "labels": labels, "suggestion": None}
    assert compose(restore(keep(found)), config, **options) == compose(found, config, **options)


def test_an_annotation_without_tracks_keeps_its_reason() -> None:
    info = MediaInfo(duration=6.0, width=0, height=0, frame_rate=0.0, has_picture=False, has_audio=True)
    empty = two_tracks(
        info=info, tracks=[], segments=[], track_embeddings=np.zeros((0, 2, 128)), score=None, reason="x"
    )
    again = restore(keep(empty))
    assert (again.reason, again.score, again.info, again.tracks) == ("x", None, info, [])
    assert matched(Drawn("dog", "box", [[0.0, 0, 0, 1, 1, 1.0]], []), again) is None


def test_numbers_of_numpy_are_kept_as_numbers() -> None:
    track = Track((Keyframe(np.float64(0.5), (np.float32(0.1), 0.2, 0.3, 0.4)),), np.float32(0.5), "r")
    again = restore(keep(two_tracks(tracks=[track], segments=[Segment(np.float64(0.5), 1.0, 0)])))
    assert again.tracks[0].keyframes[0].time == 0.5

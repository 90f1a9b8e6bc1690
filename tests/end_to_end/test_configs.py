"""Predictions under labelling configs of every kind, as a real Label Studio shows them."""

import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from earmark import studio
from label_config import Similar, read_config, template
from label_config.template import TEMPLATE
from model import annotator
from model.localization import Region
from model.tracks import Keyframe, Segment, Track
from model.truth import Truth
from model.video import MediaInfo
from model.world.generation import FRAME_RATE, make_video
from tests.end_to_end.browser import PAGE_SECONDS, Browser, assert_drawn, chromium
from tests.end_to_end.running_demo import until
from tests.end_to_end.running_studio import RunningStudio
from training_jobs.annotation import Prediction, compose

VERSION = "earmark-0123456789ab"
SEED = 2  # a scene of two objects that sound in turn
SECONDS = 6.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    if not studio.PYTHON.exists():
        pytest.skip("Label Studio is not installed in .venv-labelstudio: `make test` does that")
    with RunningStudio.start(tmp_path_factory.mktemp("studio")) as one:
        (one.media / "clips").mkdir()
        yield one


@pytest.fixture(scope="module")
def browser(running: RunningStudio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(running.url, running.password, tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture(scope="module")
def truth(running: RunningStudio) -> Truth:
    """A video of two objects that sound, among the files of the Label Studio."""
    return make_video(running.media / "clips", SEED, 0, SECONDS)


@pytest.fixture(scope="module")
def beep(running: RunningStudio) -> str:
    """A second of sound."""
    time = np.arange(16_000) / 16_000
    with wave.open(str(running.media / "clips" / "beep.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((np.sin(2 * np.pi * 440 * time) * 12_000).astype("<i2").tobytes())
    return "beep.wav"


def seen_and_heard(truth: Truth) -> annotator.Annotation:
    """What a perfect model finds: a box around each object while it sounds."""
    zeros = np.zeros(128, np.float32)
    tracks = []
    for index, boxes in truth.boxes.items():
        keyframes: list[Keyframe] = []
        for segment in (segment for segment in truth.segments if segment.object == index):
            for time in np.linspace(segment.start, segment.end, 4):
                box = boxes[min(int(time * FRAME_RATE), len(boxes) - 1)]
                assert box is not None
                keyframes.append(Keyframe(float(time), box, visible=bool(time < segment.end)))
        tracks.append(Track(tuple(keyframes), 0.9 - index / 10, f"it is the {truth.classes[index]}"))
    return annotator.Annotation(
        info=MediaInfo(SECONDS, 320, 240, FRAME_RATE, has_picture=True, has_audio=True),
        tracks=tracks,
        segments=[Segment(one.start, one.end, one.object) for one in truth.segments],
        track_embeddings=np.zeros((len(tracks), 2, 128), np.float32),
        moments=[],
        image_embedding=zeros,
        sound_embedding=zeros,
        score=0.8,
        evidence=(),
        reason=None,
        sounding=[(0.0, SECONDS)],
        times=np.arange(30) / 5,
        maps=np.zeros((30, 14, 14), np.float32),
    )


def opened(
    running: RunningStudio, browser: Browser, xml: str, data: dict[str, Any], found: Any, **options: Any
) -> Prediction:
    """A task of its own project, opened with the prediction that `found` becomes."""
    prediction = compose(found, read_config(xml), model_version=VERSION, task_data=data, **options)
    project, task = running.task(xml, data)
    running.predict(task, prediction.result, prediction.score)
    browser.open_task(project, task)
    return prediction


def of_type(prediction: Prediction, kind: str) -> list[dict[str, Any]]:
    return [item["value"] for item in prediction.result if item["type"] == kind]


def regions(browser: Browser, kind: str, *fields: str) -> list[dict[str, Any]]:
    """Fields of the regions of one type in the page's store, and their labels."""
    picked = ", ".join(f"{name}: one.{name}" for name in fields)
    return browser.driver.execute_script(
        f"return JSON.parse(JSON.stringify(Htx.annotationStore.selected.regions.filter(one => one.type === '{kind}')"
        f".map(one => ({{labels: one.labels, {picked}}}))))"
    )


def painted(browser: Browser, x: float, y: float) -> str:
    """What the canvas shows at a place of the picture, in shares of it: grey, or rather red or green."""
    red, green, _, _ = browser.driver.execute_script(
        "const canvas = Konva.stages[0].toCanvas({pixelRatio: 1});"
        f"return [...canvas.getContext('2d').getImageData(canvas.width * {x}, canvas.height * {y}, 1, 1).data]"
    )
    return "grey" if red == green else "red" if red > green else "green"


def test_two_sources_have_a_box_and_times_each(running: RunningStudio, browser: Browser, truth: Truth) -> None:
    data = {"video": running.address(truth.file)}
    prediction = opened(running, browser, template(), data, seen_and_heard(truth))
    assert_drawn(browser, prediction.result)
    labels = [one["labels"] for one in regions(browser, "videorectangleregion")]
    assert labels == [["sounding object"]] * 2
    shown = regions(browser, "timelineregion", "ranges")
    assert [one["ranges"] for one in shown] == [value["ranges"] for value in of_type(prediction, "timelinelabels")]
    assert [one["labels"] for one in shown] == [["sounding"]] * 3
    browser.screenshot("config-two-sources.png")


def test_a_frame_rate_from_the_tasks_data_moves_every_frame(
    running: RunningStudio, browser: Browser, truth: Truth
) -> None:
    data = {"video": running.address(truth.file), "fps": 30}
    xml = template().replace('frameRate="25"', 'frameRate="$fps"')
    prediction = opened(running, browser, xml, data, seen_and_heard(truth))
    assert {value["framesCount"] for value in of_type(prediction, "videorectangle")} == {180}
    length = "[...Htx.annotationStore.selected.names.values()].find(one => one.type === 'video').length"
    until(lambda: browser.driver.execute_script(f"return {length}") == 180, "180 frames", PAGE_SECONDS)
    assert_drawn(browser, prediction.result)
    browser.screenshot("config-fps.png")


def test_the_waveform_shows_the_stretches_in_seconds(running: RunningStudio, browser: Browser, truth: Truth) -> None:
    data = {"video": running.address(truth.file)}
    xml = (TEMPLATE.parent / "video_with_waveform.xml").read_text()
    prediction = opened(running, browser, xml, data, seen_and_heard(truth))
    wanted = [(value["start"], value["end"], value["labels"]) for value in of_type(prediction, "labels")]
    shown = [(one["start"], one["end"], one["labels"]) for one in regions(browser, "audioregion", "start", "end")]
    assert len(wanted) == 3
    assert shown == wanted
    assert_drawn(browser, prediction.result)
    browser.screenshot("config-waveform.png")


def test_what_would_make_a_sound_is_drawn_beside_that_sound(
    running: RunningStudio, browser: Browser, truth: Truth, beep: str
) -> None:
    data = {"video": running.address(truth.file), "query": running.address(beep)}
    xml = (TEMPLATE.parent / "query_sound.xml").read_text()
    found = seen_and_heard(truth)
    asked = annotator.Annotation(**{**vars(found), "tracks": found.tracks[:1], "segments": []})
    prediction = opened(running, browser, xml, data, asked)
    assert_drawn(browser, prediction.result)
    browser.screenshot("config-query-sound.png")


def test_similar_clips_are_listed_line_by_line(running: RunningStudio, browser: Browser, truth: Truth) -> None:
    data = {"video": running.address(truth.file)}
    xml = (TEMPLATE.parent / "similar_clips.xml").read_text()
    similar = [Similar(7, 0.991, True, f"{running.url}/tasks/7"), Similar(3, 0.82, False, f"{running.url}/tasks/3")]
    prediction = opened(running, browser, xml, data, seen_and_heard(truth), similar=similar, suggestion=("animal", 0.7))
    texts = "return [...Htx.annotationStore.selected.names.get('similar').regions.map(one => one._value)]"
    assert browser.driver.execute_script(texts) == [clip.line for clip in similar]
    assert browser.choices() == ["animal"]
    assert_drawn(browser, prediction.result)
    shown = (
        "[...document.querySelectorAll('*')].find(one => !one.children.length && one.textContent.includes('/tasks/3'))"
    )
    browser.driver.execute_script(f"{shown}.scrollIntoView()")
    browser.screenshot("config-similar.png")


def test_a_list_is_in_the_order_of_likeness(running: RunningStudio, browser: Browser, truth: Truth) -> None:
    similar = [Similar(7, 0.991, True, "/tasks/7"), Similar(3, 0.82, False, "/tasks/3")]
    data = {"video": running.address(truth.file), "alike": [clip.entry for clip in reversed(similar)]}
    ranker = '<List name="alike" value="$alike" title="Alike"/><Ranker name="order" toName="alike"/></View>'
    xml = template().replace("</View>", ranker)
    opened(running, browser, xml, data, seen_and_heard(truth), similar=similar)
    items = "return [...document.querySelectorAll('[data-ranker-id]')].map(one => one.dataset.rankerId)"
    until(lambda: browser.driver.execute_script(items) == ["7", "3"], "the list in its order", PAGE_SECONDS)
    browser.driver.execute_script("document.querySelector('.htx-ranker-column').scrollIntoView()")
    browser.screenshot("config-ranker.png")


def test_a_picture_has_its_boxes_and_its_heat(running: RunningStudio, browser: Browser, beep: str) -> None:
    pixels = np.full((240, 320, 3), 90, np.uint8)
    pixels[60:180, 80:200] = (200, 160, 60)
    Image.fromarray(pixels).save(running.media / "clips" / "picture.png")
    heatmap = np.zeros((14, 14), np.float32)
    heatmap[4:10, 4:8] = 0.9
    zeros = np.zeros(128, np.float32)
    region = Region(box=(0.25, 0.25, 0.625, 0.75), score=0.9, peak=(0.4, 0.5))
    found = annotator.ImageAnnotation(
        width=320, height=240, regions=[region], heatmap=heatmap, score=0.9, reason=None,
        image_embedding=zeros, sound_embedding=zeros,
    )  # fmt: skip
    data = {"image": running.address("picture.png"), "sound": running.address(beep)}
    xml = (TEMPLATE.parent / "picture_with_sound.xml").read_text()
    opened(running, browser, xml, data, found)
    [box] = regions(browser, "rectangleregion", "x", "y", "width", "height")
    assert box == {"labels": ["sounding object"], "x": 25.0, "y": 25.0, "width": 37.5, "height": 50.0}
    [mask] = regions(browser, "brushregion")
    assert mask["labels"] == ["heard here"]
    # On the canvas: the picture's grey, the box's orange over its yellow, and under the mask its green.
    for x, y, colour in ((0.1, 0.1, "grey"), (0.26, 0.5, "red"), (0.43, 0.5, "green")):
        until(lambda x=x, y=y, colour=colour: painted(browser, x, y) == colour, f"{colour} at {x}, {y}", PAGE_SECONDS)
    browser.screenshot("config-picture.png")

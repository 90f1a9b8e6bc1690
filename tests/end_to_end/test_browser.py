import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.browser import PAGE_SECONDS, Browser, chromium, expected
from tests.end_to_end.running_demo import Demo, until


@pytest.fixture(scope="module")
def browser(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(demo, tmp_path_factory.mktemp("chromium")) as one:
        yield one


def frames_to_look_at(result: list[dict[str, Any]]) -> list[int]:
    """Around every coming and going of a box, and in the middle between keyframes."""
    frames = set()
    for item in result:
        if item["type"] == "videorectangle":
            keys = [one["frame"] for one in item["value"]["sequence"]]
            frames |= {keys[0] - 1, keys[0], keys[-1], keys[-1] + 1}
            frames |= {(one + two) // 2 for one, two in itertools.pairwise(keys)}
    last = max(item["value"]["framesCount"] for item in result if item["type"] == "videorectangle")
    return sorted(frame for frame in frames if 1 <= frame <= last)


def middle(result: list[dict[str, Any]]) -> int:
    """A frame in the middle of the first box's life."""
    sequence = next(item for item in result if item["type"] == "videorectangle")["value"]["sequence"]
    return (sequence[0]["frame"] + sequence[1]["frame"]) // 2


def assert_drawn(browser: Browser, result: list[dict[str, Any]]) -> None:
    """Every frame looked at shows exactly the prediction's boxes, where the prediction has them."""
    shown = 0
    for frame in frames_to_look_at(result):
        boxes = expected(result, frame)
        shown += len(boxes)

        def all_there(frame: int = frame, boxes: list[Any] = boxes) -> bool:
            drawn = browser.drawn(frame)
            return len(drawn) == len(boxes) and all(any(one.near(two) for two in drawn) for one in boxes)

        until(all_there, f"frame {frame} to show {boxes}, not {browser.drawn(frame)}", 20, 0.2)
    assert shown, "no box was on screen at any frame"


def with_boxes(demo: Demo) -> tuple[int, list[dict[str, Any]]]:
    """The unlabelled task with the surest prediction, preferably with a choice: a task and its prediction's result."""
    best: tuple[tuple[bool, float], int, list[dict[str, Any]]] | None = None
    for task in demo.label_studio.tasks(demo.project):
        prediction = demo.prediction(task["id"])
        if task["annotations"] or prediction is None:
            continue
        kinds = {item["type"] for item in prediction["result"]}
        if "videorectangle" in kinds:
            rank = ("choices" in kinds, prediction["score"])
            if best is None or rank > best[0]:
                best = rank, task["id"], prediction["result"]
    assert best is not None, "no unlabelled sample has a box"
    return best[1], best[2]


def test_a_task_opened_directly_shows_its_boxes_where_the_prediction_has_them(demo: Demo, browser: Browser) -> None:
    task, result = with_boxes(demo)
    browser.open_task(task)
    assert_drawn(browser, result)
    kinds = [one["type"] for one in browser.regions()]
    assert kinds.count("videorectangleregion") == sum(item["type"] == "videorectangle" for item in result)
    assert kinds.count("timelineregion") == sum(item["type"] == "timelinelabels" for item in result)
    labels = [one["labels"] for one in browser.regions() if one["type"] == "videorectangleregion"]
    assert labels == [["sounding object"]] * len(labels)
    offered = [choice for item in result if item["type"] == "choices" for choice in item["value"]["choices"]]
    until(lambda: browser.choices() == offered, f"the choice {offered}, not {browser.choices()}", PAGE_SECONDS)
    browser.drawn(middle(result))
    browser.screenshot("task.png")


def test_label_all_tasks_shows_the_boxes_of_the_task_it_opens(demo: Demo, browser: Browser) -> None:
    task = browser.label_all_tasks()
    prediction = demo.prediction(task)
    assert prediction is not None
    assert_drawn(browser, prediction["result"])

from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.browser import PAGE_SECONDS, Browser, assert_drawn, chromium
from tests.end_to_end.running_demo import Demo, until


@pytest.fixture(scope="module")
def browser(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(demo.url, demo.keepsake["password"], tmp_path_factory.mktemp("chromium")) as one:
        one.open_project(demo.project)
        yield one


def middle(result: list[dict[str, Any]]) -> int:
    """A frame in the middle of the first box's life."""
    sequence = next(item for item in result if item["type"] == "videorectangle")["value"]["sequence"]
    return (sequence[0]["frame"] + sequence[1]["frame"]) // 2


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
    browser.open_task(demo.project, task)
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
    task = browser.label_all_tasks(demo.project)
    prediction = demo.prediction(task)
    assert prediction is not None
    assert_drawn(browser, prediction["result"])

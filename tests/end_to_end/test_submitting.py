"""An annotator submits from a prediction in a real Label Studio: what comes of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from backend.projects import ProjectKey
from backend.versions import VersionStore
from label_config import template
from model import checkpoints
from model.world.generation import make_video
from tests.end_to_end.browser import PAGE_SECONDS, Browser, assert_drawn, chromium
from tests.end_to_end.running_demo import Demo, until

SEED, SECONDS = 21, 4.0
# Videos of this seed in which one object sounds, by its class.
VIDEOS = {"dog": (12, 58), "car": (6, 25), "train": (49, 56)}
NEUTRAL = '<Label value="sounding object" background="#FF6600"/>'


@pytest.fixture(scope="module")
def key(demo: Demo) -> ProjectKey:
    """A connected project whose boxes can be called by their class."""
    named = "".join(f'<Label value="{name}"/>' for name in VIDEOS)
    xml = template().replace(NEUTRAL, NEUTRAL + named)
    assert NEUTRAL + named in xml
    row = demo.label_studio.create_project("Submitting", xml)
    outcome = demo.connect(row["id"])
    assert outcome.returncode == 0, outcome.stderr
    return ProjectKey.of_row(demo.url, row)


@pytest.fixture(scope="module")
def tasks(demo: Demo, key: ProjectKey, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """Its tasks by the class that sounds in each, once every one has its prediction."""
    folder = tmp_path_factory.mktemp("videos")
    files = {name: [folder / make_video(folder, SEED, one, SECONDS).file for one in VIDEOS[name]] for name in VIDEOS}
    demo.label_studio.import_files(key.id, [file for of_class in files.values() for file in of_class])
    by_name = {row["data"]["video"].rpartition("-")[2]: row["id"] for row in demo.label_studio.tasks(key.id)}
    found = {name: [by_name[file.name] for file in files[name]] for name in VIDEOS}
    for one in by_name.values():
        until(lambda one=one: demo.prediction(one), f"the prediction of task {one}")
    return found


@pytest.fixture(scope="module")
def browser(demo: Demo, key: ProjectKey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(demo.url, demo.keepsake["password"], tmp_path_factory.mktemp("chromium")) as one:
        one.open_project(key.id)
        yield one


def labels(demo: Demo, task: int) -> list[str]:
    """What a task's prediction calls its boxes."""
    prediction = demo.prediction(task)
    items = prediction["result"] if prediction else []
    return [name for item in items if item["type"] == "videorectangle" for name in item["value"]["labels"]]


def shown(browser: Browser) -> list[str]:
    """What the page's store calls the boxes on screen."""
    return [name for one in browser.regions() if one["type"] == "videorectangleregion" for name in one["labels"]]


def test_what_one_task_is_called_the_next_is_suggested(
    demo: Demo, key: ProjectKey, tasks: dict[str, list[int]], browser: Browser
) -> None:
    first, second = tasks["dog"]
    assert labels(demo, second) == ["sounding object"]
    others = [*tasks["car"], *tasks["train"]]

    browser.open_task(key.id, first)
    assert shown(browser) == ["sounding object"]
    browser.relabel("sounding object", "dog")
    assert shown(browser) == ["dog"]
    browser.submit()
    [annotation] = demo.label_studio.task(first)["annotations"]
    assert annotation["parent_prediction"] is not None

    until(lambda: labels(demo, second) == ["dog"], "the suggestion of the next task", PAGE_SECONDS)
    browser.open_task(key.id, second)
    assert shown(browser) == ["dog"]
    prediction = demo.prediction(second)
    assert prediction is not None
    assert_drawn(browser, prediction["result"])
    browser.screenshot("suggested.png")
    assert {one: labels(demo, one) for one in others} == {one: ["sounding object"] for one in others}


def told(demo: Demo, *arguments: str) -> list[dict[str, Any]]:
    """What a command answers as JSON, one object a line."""
    outcome = demo.earmark(*arguments)
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def test_report_and_export_tell_of_what_was_submitted(
    demo: Demo, key: ProjectKey, tasks: dict[str, list[int]], tmp_path: Path
) -> None:
    number = ("--project", str(key.id))
    [report] = told(demo, "report", *number, "--json")
    [version] = report["versions"]
    assert (version["annotations"], version["relabelled"], version["iou"]) == (1, 1, 1.0)
    told(demo, "export", "--format", "segments-csv", "--out", str(tmp_path / "csv"), *number)
    lines = (tmp_path / "csv" / "segments.csv").read_text().splitlines()
    assert len(lines) > 1
    assert {line.split(",")[3] for line in lines[1:]} == {"dog"}


def test_search_and_groups_know_the_projects_clips(
    demo: Demo, key: ProjectKey, tasks: dict[str, list[int]], tmp_path: Path
) -> None:
    number = ("--project", str(key.id))
    video = tmp_path / make_video(tmp_path, SEED, VIDEOS["car"][0], SECONDS).file
    hits = told(demo, "search", "--video", str(video), *number, "--json")
    first, second = [hit for hit in hits if hit["direction"] == "im-im"][:2]
    assert [first["task"], second["task"]] == tasks["car"]
    assert first["duplicate"] and not second["duplicate"]
    found = told(demo, "groups", *number, "--json")
    assert sorted(sorted(group["tasks"]) for group in found) == sorted([tasks["car"], tasks["train"]])


def test_a_project_that_asked_for_it_has_similar_clips_in_its_tasks_data(
    demo: Demo, key: ProjectKey, tasks: dict[str, list[int]]
) -> None:
    ranker = '<List name="alike" value="$alike"/><Ranker name="order" toName="alike"/></View>'
    project = demo.label_studio.create_project("Alike", template().replace("</View>", ranker))["id"]
    connected = demo.connect(project, "--similar", "alike")
    assert connected.returncode == 0, connected.stderr
    videos = [demo.label_studio.task(one)["data"]["video"] for one in (*tasks["car"], *tasks["train"])]
    demo.label_studio.import_tasks(project, [{"data": {"video": url, "alike": []}} for url in videos])
    rows = sorted(demo.label_studio.tasks(project), key=lambda row: row["id"])
    for one, twin in ((rows[0], rows[1]), (rows[2], rows[3])):
        listed = until(lambda one=one: demo.label_studio.task(one["id"])["data"]["alike"], f"what is like {one['id']}")
        assert listed[0]["id"] == str(twin["id"])
        assert demo.label_studio.task(one["id"])["data"]["video"] == one["data"]["video"]


def another_version(folder: Path) -> Path:
    """The shipped weights with one bias a little off: what a retraining brings."""
    models = checkpoints.load_models()
    with torch.no_grad():
        models.avol.conv7.bias += 0.01
    for network, name in ((models.avol, "avol"), (models.ave, "ave")):
        checkpoints.save(folder / f"{name}.safetensors", network, {})
    (folder / checkpoints.CARD).write_text("{}\n", encoding="utf-8")
    return folder


def test_what_was_open_while_a_version_was_promoted_is_still_submitted(
    demo: Demo, key: ProjectKey, tasks: dict[str, list[int]], browser: Browser, tmp_path: Path
) -> None:
    """Last, since the project's predictions are of another version then."""
    task = tasks["train"][0]
    before = demo.prediction(task)
    assert before is not None
    browser.open_task(key.id, task)
    version = VersionStore(demo.settings).add(another_version(tmp_path))
    promoted = demo.earmark("versions", "promote", version, "--project", str(key.id))
    assert promoted.returncode == 0, promoted.stderr
    now = until(
        lambda: (found := demo.prediction(task)) and found["model_version"] == version and found, f"{version}'s boxes"
    )
    assert now["id"] == before["id"]
    browser.submit()
    [annotation] = demo.label_studio.task(task)["annotations"]
    assert annotation["parent_prediction"] == before["id"]
    assert {item["id"] for item in annotation["result"]} == {item["id"] for item in before["result"]}

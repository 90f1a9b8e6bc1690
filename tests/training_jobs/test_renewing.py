"""The renew job: what one person submits, corrects or deletes changes what the others are offered, and nothing else."""

from pathlib import Path

import pytest
import torch

from backend import queues, relabelled
from backend.settings import Settings, save_connection
from label_config import read_config
from model import checkpoints
from model.networks import AVENet, AVOLNet, NetworkConfig
from model.retrieval import ClipIndex
from tests.model.scene import write_scene
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs import renewing
from training_jobs.annotating import annotate
from training_jobs.project import Project

CONFIG = """<View><Video name="video" value="$video" frameRate="25"/><VideoRectangle name="box" toName="video"/>
<Labels name="what" toName="video"><Label value="sounding object"/><Label value="bell"/><Label value="drum"/></Labels>
<TimelineLabels name="when" toName="video"><Label value="sounding"/></TimelineLabels>
<TextArea name="alike" toName="video"/></View>"""


@pytest.fixture(scope="module")
def untrained_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of small networks that box whatever sounds: what is alike is alike to any network."""
    folder = tmp_path_factory.mktemp("small")
    config = NetworkConfig(image_size=64, width=0.0625, head="product")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        avol, ave = AVOLNet(config), AVENet(config)
        avol.conv7.get_parameter("bias").data.fill_(1.0)
        for network, name in ((avol, "avol"), (ave, "ave")):
            checkpoints.save(folder / f"{name}.safetensors", network)
    (folder / checkpoints.CARD).write_text("{}\n")
    return folder


@pytest.fixture
def tasks(project: Project, label_studio: FakeLabelStudio, sounding_clip: Path, hums: list[Path]) -> list[int]:
    """Three annotated tasks: the same clip twice, and another."""
    label_studio.project["label_config"] = CONFIG
    made = [label_studio.add_task(media) for media in (sounding_clip, sounding_clip, hums[0])]
    annotate(project=str(project), tasks=made, job="first")
    label_studio.calls.clear()
    return made


def submit(label_studio: FakeLabelStudio, task: int, label: str) -> int:
    """A person calls every box of a task's prediction `label` and submits; the annotation's id."""
    result = [dict(item) for item in label_studio.of(task)[-1]["result"] if item["type"] == "videorectangle"]
    for item in result:
        item["value"] = {**item["value"], "labels": [label]}
    assert result
    return label_studio.submit(task, result)


def renew(project: Project, *changed: int) -> int:
    """Tell of changed annotations as the webhook does, and run the job; how many predictions it rewrote."""
    queues.enqueue_renew(project.redis, str(project), changed)
    return renewing.renew(project=str(project), job=f"renew-{project}")["renewed"]


def labels(label_studio: FakeLabelStudio, task: int) -> set[str]:
    """The labels of a task's predicted boxes."""
    [row] = label_studio.of(task)
    boxes = [item for item in row["result"] if item["type"] == "videorectangle"]
    return {label for item in boxes for label in item["value"]["labels"]}


def test_a_submitted_corrected_and_deleted_label_is_followed(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int]
) -> None:
    done, alike, _ = tasks
    row = label_studio.of(alike)[0]["id"]
    assert labels(label_studio, alike) == {"sounding object"}
    submit(label_studio, done, "drum")
    assert renew(project, done) >= 1
    assert labels(label_studio, alike) == {"drum"}
    assert label_studio.of(alike)[0]["id"] == row
    submit(label_studio, done, "bell")
    renew(project, done)
    assert labels(label_studio, alike) == {"bell"}
    label_studio.tasks[done]["annotations"].clear()
    renew(project, done)
    assert labels(label_studio, alike) == {"sounding object"}
    assert not [call for call in label_studio.writes() if not call.startswith("PATCH /api/predictions")]


def called(label_studio: FakeLabelStudio, task: int) -> set[tuple[str, str]]:
    """The labels of a task's predicted regions, with the control that carries each."""
    items = [item for item in label_studio.of(task)[0]["result"] if item["type"] != "textarea"]
    return {
        (item["from_name"], label)
        for item in items
        for label in item["value"].get("labels") or item["value"].get("timelinelabels", [])
    }


@pytest.mark.parametrize(
    ("times", "said", "learnt"),
    [
        # What sounds has one name as a thing and another as a sound.
        ("beat", "beat", {("box", "drum"), ("when", "beat")}),
        # Boxes and times share their labels: then saying it of the boxes is enough.
        ("drum", "sounding", {("box", "drum"), ("when", "drum")}),
    ],
)
def test_boxes_and_times_are_called_what_people_call_each(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path, times: str, said: str, learnt: set
) -> None:
    label_studio.project["label_config"] = CONFIG.replace('"sounding"', f'"sounding"/><Label value="{times}"')
    done, alike = (label_studio.add_task(sounding_clip) for _ in range(2))
    annotate(project=str(project), tasks=[done, alike], job="first")
    assert called(label_studio, alike) == {("box", "sounding object"), ("when", "sounding")}
    result = [dict(item) for item in label_studio.of(done)[0]["result"] if item["type"] != "textarea"]
    for item in result:
        own = {"labels": ["drum"]} if item["type"] == "videorectangle" else {"timelinelabels": [said]}
        item["value"] = {**item["value"], **own}
    label_studio.submit(done, result)
    renew(project, done)
    assert called(label_studio, alike) == learnt


def test_the_reason_names_what_people_said(project: Project, label_studio: FakeLabelStudio, tasks: list[int]) -> None:
    submit(label_studio, tasks[0], "drum")
    renew(project, tasks[0])
    box = next(item for item in label_studio.of(tasks[1])[0]["result"] if item["type"] == "videorectangle")
    assert 'like what people labelled "drum"' in box["meta"]["text"][0]


def test_what_people_work_on_is_left_alone(project: Project, label_studio: FakeLabelStudio, tasks: list[int]) -> None:
    done, other, _ = tasks
    submit(label_studio, done, "drum")
    label_studio.submit(other, [], was_cancelled=True)  # skipped
    before = [label_studio.row(task) for task in (done, other)]
    renew(project, done, other)
    assert [label_studio.row(task) for task in (done, other)] == before


def test_nothing_is_written_or_listed_where_nothing_changes(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int]
) -> None:
    submit(label_studio, tasks[0], "drum")
    renew(project, tasks[0])
    label_studio.calls.clear()
    assert renew(project, tasks[0]) == 0
    assert label_studio.writes() == []
    # One reading of the one task that changed: a project of thousands is not listed for one label.
    assert label_studio.calls.count("GET /api/tasks") == 1
    assert relabelled.waiting(project.redis, str(project)) == 0


def test_similar_clips_are_listed_and_doubles_named(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int]
) -> None:
    one, same, _ = tasks
    submit(label_studio, tasks[2], "bell")
    renew(project, tasks[2])
    [row] = label_studio.of(one)
    assert row["neighbors"][0] == same
    assert row["cluster"] == min(one, same)
    [lines] = [item["value"]["text"] for item in row["result"] if item["type"] == "textarea"]
    assert f"task {same}, nearly the same clip" in lines[0]
    assert lines[0].endswith(f"{label_studio.url}/projects/1/data?task={same}")


def test_the_opted_in_field_alone_is_written(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int], connected: Settings
) -> None:
    before = {task: dict(label_studio.tasks[task]["data"]) for task in tasks}
    submit(label_studio, tasks[2], "bell")
    renew(project, tasks[2])
    assert {task: label_studio.tasks[task]["data"] for task in tasks} == before  # nobody asked for it
    token = "0123456789abcdef" * 2
    save_connection(connected, url=label_studio.url, token=token, project=str(project), similar="alike")
    submit(label_studio, tasks[2], "drum")
    renew(project, tasks[2])
    data = label_studio.tasks[tasks[0]]["data"]
    assert {name: value for name, value in data.items() if name != "alike"} == before[tasks[0]]
    assert data["alike"][0]["id"] == str(tasks[1])
    assert label_studio.tasks[tasks[2]]["data"] == before[tasks[2]]  # somebody has worked on it


def test_the_other_fields_of_a_tasks_data_stay_as_they_are_stored(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int], connected: Settings
) -> None:
    one, other, done = tasks
    token = "0123456789abcdef" * 2
    save_connection(connected, url=label_studio.url, token=token, project=str(project), similar="alike")
    label_studio.tasks[one]["data"]["poster"] = "s3://bucket/poster.jpg"
    changed: list[str] = []

    def correct(call: str) -> bool:  # somebody changes another task of the batch while the first is written
        if call.startswith("PATCH /api/tasks") and not changed:
            changed.append(call)
            label_studio.tasks[other]["data"]["note"] = "corrected meanwhile"
        return False

    label_studio.fail = correct
    submit(label_studio, done, "drum")
    renew(project, done)
    assert changed == [f"PATCH /api/tasks/{one}"]
    assert label_studio.tasks[one]["data"]["poster"] == "s3://bucket/poster.jpg"
    assert label_studio.tasks[other]["data"]["note"] == "corrected meanwhile"
    assert all(label_studio.tasks[task]["data"]["alike"] for task in (one, other))


def test_the_next_in_line_come_first_and_the_rest_later(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    more = label_studio.add_task(label_studio.media[label_studio.tasks[tasks[0]]["data"]["video"]])
    annotate(project=str(project), tasks=[more], job="second")
    monkeypatch.setattr(renewing, "RENEWED", 1)
    submit(label_studio, tasks[0], "drum")
    renew(project, tasks[0])
    assert (labels(label_studio, tasks[1]), labels(label_studio, more)) == ({"drum"}, {"sounding object"})
    for _ in range(3):
        renew(project, tasks[0])
    assert labels(label_studio, more) == {"drum"}


def test_a_prediction_label_studio_would_not_take_is_tried_again(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int]
) -> None:
    submit(label_studio, tasks[0], "drum")
    label_studio.fail = lambda call: call.startswith("PATCH")
    assert renew(project, tasks[0]) == 0
    label_studio.fail = lambda _call: False
    renew(project, tasks[0])
    assert labels(label_studio, tasks[1]) == {"drum"}


def test_a_prediction_that_is_not_there_yet_is_renewed_once_it_is(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int]
) -> None:
    done, alike, _ = tasks
    [late] = label_studio.of(alike)
    label_studio.predictions.pop(late["id"])
    submit(label_studio, done, "drum")
    renew(project, done)
    label_studio.predictions[late["id"]] = late  # as it was composed before anything was labelled
    assert labels(label_studio, alike) == {"sounding object"}
    renew(project, done)
    assert labels(label_studio, alike) == {"drum"}


def test_a_task_somebody_works_on_meanwhile_is_renewed_once_they_leave_it(
    project: Project, label_studio: FakeLabelStudio, tasks: list[int]
) -> None:
    done, alike, _ = tasks

    def work(call: str) -> bool:  # somebody submits the task between the look at the labels and its reading
        if label_studio.calls.count("GET /api/tasks") == 2 and not label_studio.tasks[alike]["annotations"]:
            label_studio.submit(alike, [])
        return False

    submit(label_studio, done, "drum")
    label_studio.calls.clear()
    label_studio.fail = work
    renew(project, done)
    label_studio.fail = lambda _call: False
    renew(project, alike)
    assert label_studio.tasks[alike]["annotations"] and labels(label_studio, alike) == {"sounding object"}
    label_studio.tasks[alike]["annotations"].clear()
    renew(project, alike)
    assert labels(label_studio, alike) == {"drum"}


def test_sounds_alone_are_suggested_listed_grouped_and_found(
    project: Project, label_studio: FakeLabelStudio, tmp_path: Path
) -> None:
    label_studio.project["label_config"] = """<View><Audio name="heard" value="$video"/>
    <Choices name="kind" toName="heard"><Choice value="bell"/><Choice value="drum"/></Choices>
    <TextArea name="alike" toName="heard"/></View>"""
    sound = write_scene(tmp_path / "sound.mp4", picture=False)
    done, one, same = (label_studio.add_task(sound) for _ in range(3))
    annotate(project=str(project), tasks=[done, one, same], job="first")
    item = {"type": "choices", "from_name": "kind", "to_name": "heard", "value": {"choices": ["drum"]}}
    label_studio.submit(done, [item])
    renew(project, done)
    [row] = label_studio.of(one)
    values = {item["type"]: item["value"] for item in row["result"]}
    assert values["choices"] == {"choices": ["drum"]}
    assert values["textarea"]["text"][0].startswith(f"task {done}, nearly the same clip (1.00)")
    assert row["cluster"] == one
    index, version = ClipIndex(project.index), project.version
    vector = index.clips(str(project), version)[one].sound
    assert {hit.task for hit in index.find(vector, "sound", project=str(project), version=version)} == {done, one, same}


def test_the_index_holds_regions_and_moments(project: Project, tasks: list[int]) -> None:
    index = ClipIndex(project.index)
    names, vectors = index.regions(str(project), project.version)
    assert {task for task, _ in names} >= set(tasks[:2])
    assert vectors.shape[1:] == (2, 128)
    image = index.clips(str(project), project.version)[tasks[0]].image
    assert index.find(image, "image", project=str(project), version=project.version, limit=1)[0].task in tasks[:2]
    assert read_config(CONFIG).similar is not None

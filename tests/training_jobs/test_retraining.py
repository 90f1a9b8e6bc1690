"""The retrain job: from a project's unlabelled videos to a version that serves, or to the reason why not."""

import json
from pathlib import Path

import pytest

from backend import history, imports, queues, trainings
from model import checkpoints
from model.clips import media_key
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs import learning, progress, retraining
from training_jobs.project import Project
from training_jobs.retraining import retrain

TRIGGER = "Start Training was pressed."


def run(project: Project, minutes: float = 0.02) -> str:
    """Queue a training as a webhook does, and run its job."""
    [job] = queues.enqueue_retrain(project.redis, str(project), TRIGGER).jobs
    return retrain(project=str(project), trigger=TRIGGER, job=job, minutes=minutes)


@pytest.fixture
def tiny(project: Project, tiny_version: Path) -> Project:
    """The project, served by a version that trains in seconds."""
    project.versions.promote(str(project), project.versions.add(tiny_version))
    return project


def test_too_few_videos_are_refused_with_what_would_help(
    project: Project, label_studio: FakeLabelStudio, hums: list[Path]
) -> None:
    for path in hums[:3]:
        label_studio.add_task(path)
    label_studio.add_task(None)  # its media is missing
    before = project.version
    outcome = run(project)
    assert outcome.startswith("Not trained: 3 usable unlabelled videos are too few")
    assert f"at least {learning.FEWEST - 3} more" in outcome
    assert "1 video was passed over: task 4: " in outcome
    assert project.version == before
    status = trainings.read(project.redis, str(project))
    assert status is not None
    assert (status.outcome, status.succeeded) == (outcome, False)
    assert history.read(project.redis, str(project))[0].outcome == outcome
    assert imports.waiting(project.redis, str(project)).tried == 4  # they count again once another comes


@pytest.mark.usefixtures("one_thread")
def test_a_training_makes_a_version_and_tells_all_about_it(
    tiny: Project, label_studio: FakeLabelStudio, hums: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"this is no video" * 100)
    unlabelled = [label_studio.add_task(path) for path in hums]
    broken = label_studio.add_task(tmp_path / "broken.mp4")
    label_studio.add_task(hums[0], "bell")
    before = tiny.version
    outcome = run(tiny)

    [made] = [version for version in tiny.versions.list(str(tiny)) if version.card.get("project") == str(tiny)]
    card = made.card
    assert made.name == checkpoints.version_of(tiny.versions.path(made.name)) == card["version"] != before
    assert card["parent"] == before
    assert len(card["clips"]) + len(card["held_out"]) == len(hums)
    assert not set(card["clips"]) & set(card["held_out"])
    reason = f"task {broken}: {broken:08x}-clip.mp4: not a media file"  # not by the name of the fetched copy
    assert [one for one in card["skipped"] if one.startswith(reason)]
    assert f"1 video was passed over: {reason}" in outcome
    assert card["gate"]["held_out"] == len(card["held_out"]) and card["code"]
    assert {"avc", "avc_of_parent", "ave_avc", "listening"} <= set(card["metrics"])
    assert set(card["training"]) == {"avol", "ave"}
    # A network that knows nothing may gain or lose by a second of training: the gate says what follows.
    queued = queues.waiting(tiny.redis, queues.ANNOTATE)
    if card["gate"]["passed"]:
        assert tiny.version == made.name
        assert f"{len(unlabelled) + 1} tasks queued" in outcome
        assert queued == 2
    else:
        assert tiny.version == before
        assert "kept but not served" in outcome
        assert queued == 0
    assert trainings.read(tiny.redis, str(tiny)).succeeded
    assert not (tiny.settings.home / "training" / str(tiny)).exists()


@pytest.mark.parametrize("passed", [True, False])
def test_the_gate_decides_who_serves(
    tiny: Project,
    label_studio: FakeLabelStudio,
    hums: list[Path],
    tiny_version: Path,
    monkeypatch: pytest.MonkeyPatch,
    passed: bool,
) -> None:
    """What the trainer's process answers is put in its place: here is tested what follows from it."""
    for path in hums:
        label_studio.add_task(path)
    labelled = label_studio.add_task(hums[0], "bell")
    before = tiny.version

    def supervise(request, _path):
        folder = Path(request.workdir)
        folder.mkdir()
        network = checkpoints.load(tiny_version / "avol.safetensors")
        checkpoints.save(folder / "avol.safetensors", network, {"another": "one"})
        (folder / "ave.safetensors").write_bytes((tiny_version / "ave.safetensors").read_bytes())
        card = {"gate": {"passed": passed}, "reason": "So it was measured.", "project": str(tiny)}
        (folder / "card.json").write_text(json.dumps(card))
        yield {"step": "train", "done": 0.5, "total": 1}
        yield {"outcome": {"version": checkpoints.version_of(folder), "card": card}}

    monkeypatch.setattr(retraining, "_supervise", supervise)
    outcome = run(tiny)
    assert "So it was measured." in outcome
    made = [version.name for version in tiny.versions.list(str(tiny)) if version.card.get("reason")]
    assert len(made) == 1
    assert (tiny.version == made[0]) is passed
    assert (tiny.version == before) is not passed
    waiting = [tiny.identify(label_studio.row(task), made[0]) for task in label_studio.tasks]
    states = [record is not None and record.state for record in tiny.states.get_many(waiting)]
    assert states == [passed and "queued"] * len(hums) + [False]
    assert label_studio.writes() == []
    assert labelled in label_studio.tasks


def test_what_people_labelled_is_never_trained_on(
    project: Project, label_studio: FakeLabelStudio, hums: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labelled videos are the project's own test set: the trainer is not even given their files."""
    unlabelled = {str(label_studio.add_task(path)) for path in hums[:-2]}
    label_studio.add_task(hums[-2], "bell")
    mended = label_studio.add_task(hums[-1])
    label_studio.submit_from(mended, label_studio.add_prediction(mended, project.version), [])
    requests = []

    def supervise(request, _path):
        requests.append(request)
        yield {"outcome": {"refused": "That was all."}}

    monkeypatch.setattr(retraining, "_supervise", supervise)
    run(project)
    assert [set(request.videos) for request in requests] == [unlabelled]
    given = {media_key(path) for path in requests[0].videos.values()}
    assert not given & {media_key(path) for path in hums[-2:]}


def test_a_trainer_that_dies_is_told(
    project: Project, label_studio: FakeLabelStudio, hums: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in hums:
        label_studio.add_task(path)
    monkeypatch.setattr(retraining, "_supervise", lambda _request, _path: iter(()))
    with pytest.raises(retraining.TrainingFailed):
        run(project)
    status = trainings.read(project.redis, str(project))
    assert status is not None
    assert not status.succeeded
    assert "Ended without success" in status.outcome
    # It is over: another may start.
    assert queues.enqueue_retrain(project.redis, str(project), TRIGGER).jobs


def test_broken_off_after_promoting_it_does_not_train_again(
    project: Project, label_studio: FakeLabelStudio, hums: list[Path], tiny_version: Path
) -> None:
    task = label_studio.add_task(hums[0])
    version = project.versions.add(tiny_version)
    project.versions.promote(str(project), version)
    [job] = queues.enqueue_retrain(project.redis, str(project), TRIGGER).jobs
    begun = progress.TrainingProgress(project.redis, str(project))
    begun.begin(job, TRIGGER)
    begun.promoted(version)
    outcome = retrain(project=str(project), trigger=TRIGGER, job=job)
    assert outcome.startswith(f"{version} was promoted.")
    assert project.states.get(project.identify(label_studio.row(task), version)).state == "queued"


def test_the_trainer_is_given_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = {}

    class Process:
        """Stands for subprocess.Popen, and takes down its environment."""

        stdout = ('{"outcome": {}}\n',)

        def __init__(self, _command, env, **_options) -> None:
            seen.update(env)

        def __enter__(self):
            return self

        def __exit__(self, *_error) -> None:
            pass

        def kill(self) -> None:
            """Nothing runs."""

    monkeypatch.setenv("EARMARK_LABEL_STUDIO_TOKEN", "a token")
    monkeypatch.setattr(retraining.subprocess, "Popen", Process)
    request = retraining.Request("p", "t", "w", {}, "<View/>", "c", "d", 1.0)
    assert list(retraining._supervise(request, tmp_path / "request.json")) == [{"outcome": {}}]
    assert "PATH" in seen
    assert "a token" not in seen.values()

from functools import partial
from pathlib import Path

import pytest
import requests

from backend import history
from backend.projects import ProjectKey
from backend.redis_server import connect
from backend.tasks import TaskStates
from label_config import template
from model.world.generation import make_video
from tests.end_to_end.running_demo import Demo, until


@pytest.fixture
def key(demo: Demo) -> ProjectKey:
    """A connected project without tasks."""
    row = demo.label_studio.create_project("Imports", template(["bell", "drum"]))
    assert demo.connect(row["id"]).returncode == 0
    return ProjectKey.of_row(demo.url, row)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("video")
    return folder / make_video(folder, seed=3, index=0, seconds=2).file


def test_what_cannot_be_had_is_told_and_stops_nothing_else(demo: Demo, key: ProjectKey, video: Path) -> None:
    folder = demo.home / "videos" / "imports"
    folder.mkdir(parents=True)
    (folder / "local file.mp4").write_bytes(video.read_bytes())
    headers = {"Authorization": f"Token {demo.keepsake['token']}"}
    storage = {"project": key.id, "path": str(folder), "use_blob_urls": True}
    requests.post(f"{demo.url}/api/storages/localfiles", headers=headers, data=storage, timeout=30).raise_for_status()
    urls = {
        "foreign": "http://127.0.0.1:9/secret.mp4",
        "missing": f"/data/upload/{key.id}/00000000-missing.mp4",
        "local": "/data/local-files/?d=imports/local%20file.mp4",
    }
    demo.label_studio.import_tasks(key.id, [{"data": {"video": url}} for url in urls.values()])
    demo.label_studio.import_file(key.id, video)
    tasks = {task["data"]["video"]: task["id"] for task in demo.label_studio.tasks(key.id)}
    assert len(tasks) == 4
    states = TaskStates(connect(demo.settings), str(key))
    until(lambda: len(states.failures()) == 2, "two failures")
    failures = states.failures()
    assert "127.0.0.1:9" in failures[tasks.pop(urls["foreign"])]
    assert "missing.mp4" in failures[tasks.pop(urls["missing"])]
    for url, task in tasks.items():
        until(partial(demo.prediction, task), f"the prediction of {url}")


def test_start_training_on_too_few_videos_says_why_nothing_was_trained(
    demo: Demo, key: ProjectKey, video: Path
) -> None:
    demo.label_studio.import_file(key.id, video)
    [backend] = demo.label_studio.backends(key.id)
    version = backend["model_version"]
    demo.label_studio.train(backend["id"])
    redis = connect(demo.settings)

    def outcome() -> str | None:
        lines = history.read(redis, str(key))
        return next((line.outcome for line in lines if line.outcome.startswith("Not trained")), None)

    until(outcome, "the training's outcome in the history")
    assert demo.label_studio.backends(key.id)[0]["model_version"] == version

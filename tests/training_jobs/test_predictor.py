"""The predictor: alone, and served by label-studio-ml's own app."""

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from label_config import ConfigError, template
from model import annotator
from model.checkpoints import load_models
from model.training import TrainingError
from tests.label_config.configs import PICTURE, QUERY
from training_jobs.predictor import SoundingObjects

CONFIG = template(["bell", "drum"])
HOSTILE = '<!DOCTYPE x [<!ENTITY a "aaaa">]><View>&a;</View>'


def task(number: int, path: Path) -> dict:
    """A task whose address is the file itself."""
    return {"id": number, "data": {"video": str(path)}, "created_at": "2026-01-02T03:04:05Z"}


@pytest.fixture
def served(tiny_version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """label-studio-ml's app around the predictor, as `label-studio-ml start` makes it, without Redis.

    Of its two ways to keep models 1.0.9 mixes both, unless it is told which one.
    """
    from label_studio_ml.api import init_app

    monkeypatch.setenv("LABEL_STUDIO_ML_BACKEND_V2", "true")
    app = init_app(SoundingObjects, model_dir=str(tmp_path / "models"), weights=tiny_version, fetch=Path)
    with app.test_client() as client:
        yield client


def test_predicts_in_label_studios_format(untrained_version: Path, sounding_clip: Path, tmp_path: Path) -> None:
    model = SoundingObjects(CONFIG, weights=untrained_version, fetch=Path)
    good, bad = model.predict([task(1, sounding_clip), task(2, tmp_path / "missing.mp4")], context=None)
    assert good["model_version"] == load_models(untrained_version).version
    assert good["result"][0]["type"] == "videorectangle"
    assert "result" not in bad
    assert "missing.mp4" in bad["error"]


@pytest.mark.parametrize(
    ("xml", "asked"),
    [
        (QUERY, ("annotate", "film.mp4", "second.wav")),
        (PICTURE, ("annotate_image", "photo.png", "second.wav")),
        (CONFIG, ("annotate", "film.mp4", None)),
    ],
)
def test_the_config_decides_which_files_are_asked_what(
    tiny_version: Path, monkeypatch: pytest.MonkeyPatch, xml: str, asked: tuple
) -> None:
    calls: list[tuple] = []
    monkeypatch.setattr(annotator, "annotate", lambda path, _, query: calls.append(("annotate", path, query)))
    monkeypatch.setattr(
        annotator, "annotate_image", lambda path, sound, _: calls.append(("annotate_image", path, sound))
    )
    data = {"video": "/a/film.mp4", "image": "/a/photo.png", "query": "/a/second.wav", "sound": "/a/second.wav"}
    SoundingObjects(xml, weights=tiny_version, fetch=lambda url: url.rsplit("/")[-1]).annotate({"id": 1, "data": data})
    assert calls == [asked]


def test_a_picture_is_predicted_with_its_sound(untrained_version: Path, sounding_clip: Path, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "red").save(picture := tmp_path / "photo.png")
    model = SoundingObjects(PICTURE, weights=untrained_version, fetch=Path)
    [row] = model.predict([{"id": 1, "data": {"image": str(picture), "sound": str(sounding_clip)}}])
    assert {item["to_name"] for item in row["result"]} <= {"photo"}
    assert "score" in row


def test_a_second_file_that_is_none_is_named(tiny_version: Path, sounding_clip: Path, tmp_path: Path) -> None:
    (silence := tmp_path / "148f5b94.wav").write_text("no sound")
    model = SoundingObjects(QUERY, weights=tiny_version, fetch=lambda url: silence if "bark" in url else sounding_clip)
    [row] = model.predict([{"id": 1, "data": {"video": "/a.mp4", "query": "/data/upload/1/bark.wav"}}])
    assert "result" not in row and row["error"].startswith("bark.wav: ")
    [row] = model.predict([{"id": 1, "data": {"video": "/a.mp4"}}])
    assert "no address in $query" in row["error"]


@pytest.mark.parametrize("address", ["/data/upload/1/0a-my%20clip.mp4", "/data/local-files/?d=vids/0a-my clip.mp4"])
def test_a_reason_names_the_tasks_own_file(tiny_version: Path, tmp_path: Path, address: str) -> None:
    fetched = tmp_path / "148f5b94.mp4"
    fetched.write_text("no video")
    model = SoundingObjects(CONFIG, weights=tiny_version, fetch=lambda _url: fetched)
    [row] = model.predict([{"id": 1, "data": {"video": address}}])
    assert row["error"].startswith("0a-my clip.mp4: not a media file")


def test_label_studio_mls_own_app_serves_it(served: FlaskClient, sounding_clip: Path) -> None:
    assert served.get("/health").json["status"] == "UP"
    setup = {"project": "1.1767323045", "schema": CONFIG, "hostname": "http://localhost:8080", "access_token": "x"}
    assert served.post("/setup", json=setup).status_code == 200
    body = {"tasks": [task(1, sounding_clip)], "project": setup["project"], "label_config": CONFIG, "params": {}}
    answer = served.post("/predict", json=body).json
    [prediction] = answer["results"]
    assert prediction["model_version"].startswith("earmark-")
    assert all(item["to_name"] == "video" for item in prediction["result"])


@pytest.mark.usefixtures("one_thread")
def test_label_studio_mls_own_app_trains_it(served: FlaskClient, hums: list[Path], tiny_version: Path) -> None:
    tasks = [task(number, path) for number, path in enumerate(hums)]
    body = {"annotations": tasks, "project": "1.1767323045", "label_config": CONFIG, "params": {"steps": 2}}
    assert served.post("/train", json=body).status_code == 201
    folder = Path(served.get("/health").json["model_dir"])
    [told] = folder.rglob("job_result.json")
    card = json.loads(told.read_text())["train_output"]
    assert card["parent"] == load_models(tiny_version).version
    assert load_models(card["weights"]).version == card["version"] != card["parent"]


def test_2x_asks_for_a_training_by_event(tiny_version: Path, tmp_path: Path) -> None:
    model = SoundingObjects(CONFIG, weights=tiny_version, fetch=Path)
    body = {"tasks": [task(1, tmp_path / "missing.mp4")]}
    with pytest.raises(TrainingError, match="none of the tasks"):
        model.fit("START_TRAINING", body, workdir=tmp_path / "new")
    with pytest.raises(ValueError, match="folder"):
        model.fit("START_TRAINING", body)


def test_a_hostile_labelling_config_is_refused_before_it_is_expanded() -> None:
    with pytest.raises(ConfigError):
        SoundingObjects(HOSTILE)


def test_importing_it_leaves_the_start_of_processes_alone() -> None:
    code = "import multiprocessing, training_jobs.predictor; print(multiprocessing.get_start_method(allow_none=True))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert ended.stdout.strip() == "None"
    assert multiprocessing.get_start_method() in multiprocessing.get_all_start_methods()

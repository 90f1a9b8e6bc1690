"""`earmark versions` as a person runs it: listing, promoting, rolling back, carrying and pruning."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner

from backend import history, queues
from backend import settings as settings_module
from backend.projects import ProjectKey
from backend.redis_server import EmbeddedRedis
from backend.versions import VersionStore
from earmark.cli import app
from model import checkpoints
from model.networks import AVENet, AVOLNet, NetworkConfig

KEY = str(ProjectKey("http://localhost:1", 7, 1795341210))


def version(folder: Path, number: int, **card: Any) -> Path:
    """A folder with a version of tiny networks; `number` makes it another one."""
    folder.mkdir()
    config = NetworkConfig(image_size=64, width=0.0625)
    for name, network in (("avol", AVOLNet(config)), ("ave", AVENet(config))):
        checkpoints.save(folder / f"{name}.safetensors", network, {"number": number})
    (folder / "card.json").write_text(json.dumps({"created": float(number), **card}))
    return folder


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VersionStore:
    """Of a home with one connected project and its base; neither Redis nor Label Studio is there."""
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9")
    settings = settings_module.load()
    settings_module.save_connection(settings, url="http://localhost:1", token="t", project=KEY)
    store = VersionStore(settings)
    store.seed(version(tmp_path / "base", 0))
    return store


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["versions", *map(str, arguments)])


def listed() -> list[dict[str, Any]]:
    ran = run("list", "--json")
    assert ran.exit_code == 0 and ran.stdout.count("\n") == 1
    return json.loads(ran.stdout)


def test_list_promote_and_rollback_need_neither_redis_nor_label_studio(store: VersionStore, tmp_path: Path) -> None:
    base = store.base()
    metrics = {"avc": 0.91, "avc_of_parent": 0.9, "area": 0.95, "area_of_parent": 0.94}
    made = store.add(version(tmp_path / "made", 1, parent=base, project=KEY, state="candidate", metrics=metrics))
    assert listed()[1] == {
        "version": made,
        "current": False,
        "parent": base,
        "created": "1970-01-01T00:00:01+00:00",
        "metrics": metrics,
        "state": "candidate",
        "reason": "",
    }
    ran = run("promote", made, "--why", "It draws better.")
    assert ran.exit_code == 0 and "once `earmark serve` and an `earmark worker` run" in ran.stdout
    assert [(row["state"], row["current"]) for row in listed()] == [("retired", False), ("current", True)]
    assert listed()[1]["reason"] == "It draws better."
    shown = run("list").stdout
    assert "avc 0.910, told apart 0.950 (its parent 0.900, 0.940 on the same videos)" in shown and f"* {made}" in shown
    assert run("promote", made).stdout == f"{made} serves already: nothing was changed.\n"
    assert len(store.log(KEY)) == 1
    shown = json.loads(run("show").stdout)
    assert shown["version"] == made and shown["card"]["metrics"] == metrics
    assert run("rollback").exit_code == 0 and store.current(KEY) == base
    ran = run("rollback")
    assert ran.exit_code == 1 and "none to go back to" in ran.stderr and ran.stdout == ""


def test_where_redis_answers_the_project_is_looked_through(
    store: VersionStore, tmp_path: Path, redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    made = store.add(version(tmp_path / "made", 1, project=KEY))
    assert "are annotated again." in run("promote", made).stdout
    assert queues.waiting(redis, queues.INTERACTIVE) == 1
    assert made in history.read(redis, KEY)[0].outcome


def test_a_version_goes_through_a_file_into_another_home(
    store: VersionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = {"project": "another", "state": "refused", "reason": "It is worse there."}
    made = store.add(version(tmp_path / "made", 1, **card))
    file = tmp_path / "carried.zip"
    assert json.loads(run("export", made, file).stdout) == {"version": made, "file": str(file)}
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "elsewhere"))
    settings = settings_module.load()
    settings_module.save_connection(settings, url="http://localhost:1", token="t", project=KEY)
    VersionStore(settings).seed(tmp_path / "base")
    assert json.loads(run("import", file).stdout) == {"version": made, "project": KEY, "known": False}
    assert json.loads(run("import", file).stdout)["known"] is True
    [row] = [row for row in listed() if row["version"] == made]
    assert row["state"] == "candidate" and "carried.zip" in row["reason"]
    assert json.loads(run("show", made).stdout)["card"]["imported"]["reason"] == "It is worse there."
    assert run("promote", made).exit_code == 0


def test_a_folder_is_taken_in_too(store: VersionStore, tmp_path: Path) -> None:
    made = json.loads(run("import", version(tmp_path / "made", 1)).stdout)["version"]
    assert checkpoints.load_models(store.path(made)).version == made


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda files: files.pop("ave.safetensors"), "no archive of a version"),
        (lambda files: files.update({"../evil": b"x"}), "no archive of a version"),
        (lambda files: files.update({"ave.safetensors": b"x" * 100}), "not weights of a network"),
        (lambda files: files.update({"ave.safetensors": files["avol.safetensors"]}), "do not hold"),
        (lambda files: files.update({"card.json": b"[]"}), "no card"),
        (lambda files: files.update({"card.json": b'{"version": "earmark-000000000000"}'}), "damaged"),
        (lambda files: files.update({"card.json": b" " * (9 << 20)}), "larger than 8 MiB"),
    ],
)
def test_an_archive_that_is_none_is_refused_in_a_sentence(store: VersionStore, tmp_path: Path, spoil, words) -> None:
    folder = version(tmp_path / "made", 1)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    spoil(files)
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    ran = run("import", file)
    assert ran.exit_code == 1 and words in ran.stderr and ran.stdout == "", ran.output
    assert ran.stderr.count("\n") == 1
    assert store.names() == [store.base()]


def test_an_archive_whose_packed_bytes_are_damaged_is_refused_in_a_sentence(
    store: VersionStore, tmp_path: Path
) -> None:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in version(tmp_path / "made", 1).iterdir():
            archive.writestr(path.name, path.read_bytes())
        first = archive.infolist()[0]
    content = bytearray(file.read_bytes())
    begin = first.header_offset + 30 + len(first.filename)
    content[begin : begin + first.compress_size] = b"\xff" * first.compress_size
    file.write_bytes(content)
    ran = run("import", file)
    assert ran.exit_code == 1 and "cannot be read" in ran.stderr and ran.stderr.count("\n") == 1, ran.output


def test_pruning_tells_first_and_removes_when_told_to(store: VersionStore, tmp_path: Path) -> None:
    made = [store.add(version(tmp_path / f"v{number}", number, project=KEY)) for number in (1, 2, 3)]
    store.promote(KEY, made[2])
    told = run("prune", "--keep", 1)
    assert f"{made[0]} would go." in told.stdout and "--keep 1 --yes" in told.stdout
    assert f"{store.base()} stays" in told.stdout and store.has_weights(made[0])
    assert f"{made[0]} is gone." in run("prune", "--keep", 1, "--yes").stdout
    assert not store.has_weights(made[0]) and store.has_weights(made[1])
    refused = run("promote", made[0])
    assert refused.exit_code == 1 and "pruned" in refused.stderr
    assert "Its weights were pruned." in run("list").stdout
    assert len(listed()) == 4


def test_what_is_not_stored_or_not_connected_is_a_sentence(
    store: VersionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run("promote", "earmark-000000000000")
    assert ran.exit_code == 1 and "is not stored in" in ran.stderr
    monkeypatch.setenv("EARMARK_STORAGE", str(tmp_path / "moved"))  # nothing was served from there yet
    ran = run("list", "--json")
    assert (ran.exit_code, ran.stdout) == (0, "[]\n")
    assert "`earmark serve` stores the one that ships" in run("list").stderr
    monkeypatch.delenv("EARMARK_STORAGE")
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path / "nobody"))
    ran = run("list", "--json")
    assert ran.exit_code == 1 and "earmark connect" in ran.stderr and ran.stdout == ""

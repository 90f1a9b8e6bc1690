"""The store of model versions: named by their weights, current by project, whole or absent."""

import json
import threading
from pathlib import Path

import pytest

from backend.versions import VersionError, VersionStore, version_of
from model import checkpoints

PROJECT = "0a1b2c3d-7-1795341210"


def weights(folder: Path, content: str = "a", **card: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "avol.safetensors").write_text(content)
    (folder / "ave.safetensors").write_text(content)
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> VersionStore:
    return VersionStore(tmp_path / "home")


def test_name_is_the_one_the_networks_go_by(tmp_path):
    folder = weights(tmp_path / "w")
    assert version_of(folder) == checkpoints.version_of(folder)


def test_seed_is_base_and_current_of_every_project(store, tmp_path):
    version = store.seed(weights(tmp_path / "shipped", parent=None))
    assert store.base() == store.current(PROJECT) == version
    assert store.path(version).name == version
    assert store.card(version) == {"parent": None}
    assert store.seed(tmp_path / "shipped") == version


def test_promoted_version_is_current_in_its_project_only(store, tmp_path):
    base = store.seed(weights(tmp_path / "shipped"))
    trained = store.add(weights(tmp_path / "trained", "b", project=PROJECT))
    refused = store.add(weights(tmp_path / "refused", "c", project=PROJECT))
    store.add(weights(tmp_path / "foreign", "d", project="other"))
    assert store.current(PROJECT) == base
    store.promote(PROJECT, trained)
    assert store.current(PROJECT) == trained
    assert store.current("other") == base
    assert {version.name for version in store.list(PROJECT)} == {base, trained, refused}
    assert {version.name for version in VersionStore(store.root.parent).list(PROJECT)} == {base, trained, refused}


def test_damaged_base_is_replaced_by_seeding(store, tmp_path):
    version = store.seed(weights(tmp_path / "shipped"))
    (store.path(version) / "ave.safetensors").write_text("damaged")
    store.seed(tmp_path / "shipped")
    assert version_of(store.path(version)) == version


@pytest.mark.parametrize("missing", ["avol.safetensors", "ave.safetensors", "card.json"])
def test_incomplete_version_is_refused_and_leaves_nothing(store, tmp_path, missing):
    (weights(tmp_path / "w") / missing).unlink()
    with pytest.raises(VersionError, match=missing):
        store.add(tmp_path / "w")
    assert not store.root.exists() or not list(store.root.iterdir())


@pytest.mark.parametrize("version", ["earmark-000000000000", "../../etc", "earmark-../../../xx", ""])
def test_unknown_or_misnamed_version_is_refused(store, tmp_path, version):
    store.seed(weights(tmp_path / "shipped"))
    for act in (store.path, store.card, lambda name: store.promote(PROJECT, name)):
        with pytest.raises(VersionError, match="not stored"):
            act(version)


def test_project_key_cannot_lead_out_of_the_store(store, tmp_path):
    version = store.seed(weights(tmp_path / "shipped"))
    with pytest.raises(VersionError, match="no project key"):
        store.promote("../../x", version)


def test_empty_store_says_what_to_do(store):
    with pytest.raises(VersionError, match="earmark serve"):
        store.current(PROJECT)


def test_many_at_once_store_one_whole_version(tmp_path):
    folder = weights(tmp_path / "w", "x" * 100_000)
    names: list[str] = []

    def add() -> None:
        names.append(VersionStore(tmp_path / "home").add(folder))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) == {version_of(folder)} and len(names) == 8
    assert [path.name for path in (tmp_path / "home" / "versions").iterdir()] == [names[0]]

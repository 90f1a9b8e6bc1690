"""The store of model versions: named by their weights, current by project, whole or absent."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import object_store, pointers, pruning
from backend.settings import Settings
from backend.versions import VersionError, VersionStore, version_of
from model import checkpoints
from tests.backend.object_store import s3_server

PROJECT = "0a1b2c3d-7-1795341210"


def weights(folder: Path, content: str = "a", **card: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "avol.safetensors").write_text(content)
    (folder / "ave.safetensors").write_text(content)
    (folder / "card.json").write_text(json.dumps(card))
    return folder


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_server(patch) as address:
        yield address


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, bucket: str) -> Settings:
    """One machine's, whose storage is its home or in the bucket."""
    place = None if request.param == "folder" else f"{bucket}/{tmp_path.name}"
    return Settings(home=tmp_path / "home", storage=place)


@pytest.fixture
def store(settings: Settings) -> VersionStore:
    return VersionStore(settings)


@pytest.fixture
def home_store(tmp_path: Path) -> VersionStore:
    """A store in the home."""
    return VersionStore(Settings(home=tmp_path / "home"))


def test_name_is_the_one_the_networks_go_by(tmp_path):
    folder = weights(tmp_path / "w")
    assert version_of(folder) == checkpoints.version_of(folder)


def test_seed_is_base_and_current_of_every_project(store, tmp_path):
    version = store.seed(weights(tmp_path / "shipped", parent=None))
    assert store.base() == store.current(PROJECT) == version
    assert store.path(version).name == version
    assert store.card(version) == {"parent": None}
    assert store.seed(tmp_path / "shipped") == version


def test_promoted_version_is_current_in_its_project_only(settings, store, tmp_path):
    base = store.seed(weights(tmp_path / "shipped"))
    trained = store.add(weights(tmp_path / "trained", "b", project=PROJECT))
    refused = store.add(weights(tmp_path / "refused", "c", project=PROJECT))
    store.add(weights(tmp_path / "foreign", "d", project="other"))
    assert store.current(PROJECT) == base
    store.promote(PROJECT, trained)
    assert store.current(PROJECT) == trained
    assert store.current("other") == base
    assert {version.name for version in store.list(PROJECT)} == {base, trained, refused}
    assert {version.name for version in VersionStore(settings).list(PROJECT)} == {base, trained, refused}


def test_damaged_base_is_replaced_by_seeding(home_store, tmp_path):
    store = home_store
    version = store.seed(weights(tmp_path / "shipped"))
    (store.path(version) / "ave.safetensors").write_text("damaged")
    store.seed(tmp_path / "shipped")
    assert version_of(store.path(version)) == version


def test_weights_that_no_longer_match_their_name_never_serve_until_they_are_imported_again(home_store, tmp_path):
    store = home_store
    base = store.seed(weights(tmp_path / "shipped"))
    version = trained(store, tmp_path, "b")
    file = store.path(version) / "avol.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    for use in (lambda: store.path(version), lambda: store.promote(PROJECT, version)):
        with pytest.raises(VersionError, match=f"{version} .* is damaged.*Import it again"):
            use()
    assert store.current(PROJECT) == base
    store.add(tmp_path / "b")
    store.promote(PROJECT, version)
    store.promote(PROJECT, base)
    file.write_bytes(b"damaged")
    with pytest.raises(VersionError, match="damaged"):
        store.rollback(PROJECT)
    assert store.current(PROJECT) == base


@pytest.mark.parametrize("missing", ["avol.safetensors", "ave.safetensors", "card.json"])
def test_incomplete_version_is_refused_and_leaves_nothing(store, tmp_path, missing):
    (weights(tmp_path / "w") / missing).unlink()
    with pytest.raises(VersionError, match=missing):
        store.add(tmp_path / "w")
    assert store.storage.names() == []


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


def test_many_at_once_store_one_whole_version(settings, tmp_path):
    folder = weights(tmp_path / "w", "x" * 100_000)
    names: list[str] = []

    def add() -> None:
        names.append(VersionStore(settings).add(folder))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) == {version_of(folder)} and len(names) == 8
    store = VersionStore(settings)
    assert store.names() == [names[0]] and version_of(store.path(names[0])) == names[0]
    assert len(store.storage.names()) == 3


def trained(store: VersionStore, folder: Path, content: str, **card: object) -> str:
    """A stored version of the project."""
    return store.add(weights(folder / content, content, project=PROJECT, **card))


def test_rolling_back_goes_to_what_was_current_before_and_further_each_time(store, tmp_path):
    base = store.seed(weights(tmp_path / "shipped"))
    with pytest.raises(VersionError, match="none to go back to"):
        store.rollback(PROJECT)
    one, two, three = (trained(store, tmp_path, name) for name in "bcd")
    for version in (one, two):
        store.promote(PROJECT, version)
    assert store.rollback(PROJECT, "It draws badly.") == store.current(PROJECT) == one
    store.promote(PROJECT, three)
    assert store.previous(PROJECT) == one  # not the one that was rolled back from
    assert store.rollback(PROJECT) == one
    assert store.rollback(PROJECT) == store.current(PROJECT) == base
    with pytest.raises(VersionError, match="none to go back to"):
        store.rollback(PROJECT)
    actions = [(entry.action, entry.version, entry.before) for entry in store.log(PROJECT)]
    assert actions[:3] == [("promote", one, base), ("promote", two, one), ("roll back", one, two)]
    assert store.log(PROJECT)[2].why == "It draws badly."


def test_states_tell_how_each_version_stands_and_why(store, tmp_path):
    base = store.seed(weights(tmp_path / "shipped", figures={"avc": 0.93, "data": "some"}))
    refused = trained(store, tmp_path, "b", parent=base, created=1.0, state="refused", reason="It is lower.")
    old = trained(store, tmp_path, "c", parent=base, created=2.0, state="candidate", reason="It is not lower.")
    new = trained(store, tmp_path, "d", parent=old, created=3.0, state="candidate", metrics={"avc": 0.9})
    waiting = trained(store, tmp_path, "e", parent=old, created=4.0, state="candidate", reason="Too few videos.")
    store.promote(PROJECT, old)
    store.promote(PROJECT, new, "A person wanted it.")
    states = {state.name: state for state in store.states(PROJECT)}
    assert [state.name for state in store.states(PROJECT)] == [base, refused, old, new, waiting]
    assert {name: state.state for name, state in states.items()} == {
        base: "retired",
        refused: "refused",
        old: "retired",
        new: "current",
        waiting: "candidate",
    }
    assert [name for name, state in states.items() if state.current] == [new]
    assert states[new].reason == "A person wanted it." and states[new].metrics == {"avc": 0.9}
    assert states[refused].reason == "It is lower." and states[waiting].reason == "Too few videos."
    assert states[old].reason == f"{new} took its place. A person wanted it."
    assert states[base].metrics == {"avc": 0.93} and states[old].parent == base
    store.refuse(PROJECT, waiting, "Nobody wants it.")
    assert {state.name: state.reason for state in store.states(PROJECT)}[waiting] == "Nobody wants it."
    with pytest.raises(VersionError, match="is the current version"):
        store.refuse(PROJECT, new, "No.")
    store.rollback(PROJECT, "It draws badly.")
    states = {state.name: state for state in store.states(PROJECT)}
    assert (states[new].state, states[old].state) == ("retired", "current")
    assert "It draws badly." in states[new].reason


def test_a_home_from_before_the_log_is_read_and_rolled_back(home_store, tmp_path):
    """What an earlier Earmark has left: folders and pointers, no log."""
    root = tmp_path / "home" / "versions"
    names = []
    for content in "ab":
        folder = weights(tmp_path / content, content, parent=names[0] if names else None, project=PROJECT)
        names.append(version_of(folder))
        shutil.copytree(folder, root / names[-1])
    (root / "current").mkdir()
    (root / "base").write_text(f"{names[0]}\n")
    (root / "current" / PROJECT).write_text(f"{names[1]}\n")
    assert (home_store.base(), home_store.current(PROJECT)) == tuple(names)
    assert [(state.name, state.state) for state in home_store.states(PROJECT)] == [
        (names[0], "retired"),
        (names[1], "current"),
    ]
    assert home_store.rollback(PROJECT) == names[0]


def test_another_machine_finds_version_pointer_and_log(bucket, tmp_path, monkeypatch):
    place = f"{bucket}/{tmp_path.name}"
    one = VersionStore(Settings(home=tmp_path / "one", storage=place))
    one.seed(weights(tmp_path / "shipped"))
    version = trained(one, tmp_path, "b", note="a card")
    one.promote(PROJECT, version)
    monkeypatch.setattr(pointers, "_known", {})  # another process
    other = VersionStore(Settings(home=tmp_path / "other", storage=place))
    assert other.current(PROJECT) == version and len(other.log(PROJECT)) == 1
    path = other.path(version)
    assert path.is_relative_to(tmp_path / "other") and version_of(path) == version == path.name
    assert other.card(version)["note"] == "a card"
    other.storage.delete(f"versions/{version}")  # it was fetched: nothing is asked for again
    assert other.path(version) == path


def test_damaged_weights_are_not_used(bucket, tmp_path):
    place = f"{bucket}/{tmp_path.name}"
    one = VersionStore(Settings(home=tmp_path / "one", storage=place))
    version = one.seed(weights(tmp_path / "shipped"))
    one.storage.write(f"versions/{version}/ave.safetensors", b"damaged")
    other = VersionStore(Settings(home=tmp_path / "other", storage=place))
    with pytest.raises(VersionError, match="damaged"):
        other.path(version)
    other.seed(tmp_path / "shipped")
    assert version_of(other.path(version)) == version


def test_asking_for_the_current_version_is_cheap_and_a_promotion_is_seen_at_once(bucket, tmp_path, monkeypatch):
    store = VersionStore(Settings(home=tmp_path / "home", storage=f"{bucket}/{tmp_path.name}"))
    store.seed(weights(tmp_path / "shipped"))
    version = trained(store, tmp_path, "b")
    reads = []
    read = object_store.ObjectStore.read
    monkeypatch.setattr(object_store.ObjectStore, "read", lambda self, name: reads.append(name) or read(self, name))
    for _ in range(50):
        store.current(PROJECT)
    assert len(reads) <= 2
    VersionStore(Settings(home=tmp_path / "home", storage=f"{bucket}/{tmp_path.name}")).promote(PROJECT, version)
    assert store.current(PROJECT) == version


def test_a_store_that_is_away_changes_nothing_for_whoever_knew(bucket, tmp_path, monkeypatch):
    settings = Settings(home=tmp_path / "home", storage=f"{bucket}/{tmp_path.name}")
    store = VersionStore(settings)
    version = store.seed(weights(tmp_path / "shipped"))
    assert store.current(PROJECT) == version
    monkeypatch.setattr(pointers, "FRESH_SECONDS", 0.0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(object_store, "_drivers", {})
    away = VersionStore(settings)
    assert away.current(PROJECT) == version
    monkeypatch.setattr(pointers, "_known", {})
    with pytest.raises(VersionError, match=f"{tmp_path.name}/versions/current"):
        away.current(PROJECT)


def test_pruning_keeps_as_many_as_it_says_be_they_promoted_or_not(store, tmp_path):
    base = store.seed(weights(tmp_path / "shipped"))
    candidates = [trained(store, tmp_path, name, parent=base, created=float(at)) for at, name in enumerate("bcd")]
    imported = store.add(weights(tmp_path / "imported", "i", created=9.0))
    assert pruning.plan(store, keep=4).go == []
    plan = pruning.plan(store, keep=2)
    assert plan.go == [candidates[0]] and set(plan.stay) == {base, *candidates[1:], imported}
    assert "newest of" in plan.stay[candidates[2]]
    assert set(pruning.plan(store, keep=0).go) == {*candidates, imported}


def test_pruning_removes_weights_that_nobody_needs_and_keeps_cards(store, tmp_path):
    base = store.seed(weights(tmp_path / "shipped"))
    made = [trained(store, tmp_path, name, parent=base, created=float(at)) for at, name in enumerate("bcdefgh")]
    for version in made[1:4]:
        store.promote(PROJECT, version)
    plan = pruning.plan(store, keep=1)
    assert set(plan.stay) == {base, made[2], made[3], made[6]}
    assert set(plan.go) == {made[0], made[1], made[4], made[5]}
    assert all(store.has_weights(version) for version in made)  # a plan removes nothing
    store.promote(PROJECT, made[4])
    assert set(pruning.prune(store, plan)) == {made[0], made[1], made[5]}
    assert len(store.states(PROJECT)) == 8 and store.card(made[0])["parent"] == base
    with pytest.raises(VersionError, match="pruned"):
        store.promote(PROJECT, made[0])
    with pytest.raises(VersionError, match="pruned: import it again"):
        store.path(made[0])
    assert store.add(tmp_path / "b") == made[0] and store.has_weights(made[0])

"""The storage: the same on a folder and in an object store, whole or not at all, and never waited for long."""

import multiprocessing
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import object_store
from backend.settings import Settings
from backend.storage import Storage, StorageError
from tests.backend.object_store import s3_server


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_server(patch) as address:
        yield address


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, bucket: str) -> Storage:
    """A place of its own for each test, on a folder and in the bucket."""
    place = tmp_path / "a folder" if request.param == "folder" else f"{bucket}/{tmp_path.name}"
    return Storage(place, tmp_path / "cache")


def test_what_is_written_is_read_replaced_and_removed(store: Storage) -> None:
    assert not store.exists("versions/base") and store.names() == []
    store.write("versions/base", b"one")
    assert store.read("versions/base") == b"one" and store.exists("versions/base")
    store.write("versions/base", b"another")
    assert store.read("versions/base") == b"another"
    assert not store.exists("versions")
    store.delete("versions/base")
    store.delete("versions/base")
    assert not store.exists("versions/base")
    for missing in (store.read, store.file):
        with pytest.raises(FileNotFoundError, match="versions/base is not there"):
            missing("versions/base")


def test_names_are_those_within_a_folder_and_go_with_it(store: Storage) -> None:
    for name in ("samples/p/v1/a.png", "samples/p/v1/b.png", "samples/p/v10/a.png", "base"):
        store.write(name, b"x")
    assert store.names("samples/p/v1") == ["samples/p/v1/a.png", "samples/p/v1/b.png"]
    assert store.names() == ["base", "samples/p/v1/a.png", "samples/p/v1/b.png", "samples/p/v10/a.png"]
    store.delete("samples/p/v1")
    assert store.names("samples") == ["samples/p/v10/a.png"]
    assert store.names("nothing/here") == []


def test_large_files_go_there_and_back_and_are_fetched_once(store: Storage, tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(bytes(range(256)) * 40_000)
    store.put("versions/v/weights", file)
    store.get("versions/v/weights", tmp_path / "deep" / "copy")
    assert (tmp_path / "deep" / "copy").read_bytes() == file.read_bytes()
    copy = store.file("versions/v/weights")
    assert copy.read_bytes() == file.read_bytes() and store.file("versions/v/weights") == copy
    with pytest.raises(FileNotFoundError):
        store.put("versions/v/other", tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        store.get("versions/v/other", tmp_path / "copy")
    assert not (tmp_path / "copy").exists() and not list(tmp_path.rglob(".partial-*"))


def test_a_reader_sees_one_whole_content_while_others_write(store: Storage) -> None:
    store.write("pointer", b"0" * 5000)
    writers = [
        threading.Thread(target=lambda one=one: [store.write("pointer", one * 5000) for _ in range(5)])
        for one in (b"1", b"2", b"3")
    ]
    for writer in writers:
        writer.start()
    seen = [store.read("pointer") for _ in range(20)]
    for writer in writers:
        writer.join()
    assert all(len(one) == 5000 and len(set(one)) == 1 for one in seen)
    assert store.names() == ["pointer"]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", "a//b", "", "a/.partial-x", "a\nb"])
def test_names_cannot_lead_out(store: Storage, name: str) -> None:
    for act in (store.read, store.exists, store.delete, store.url, store.file, lambda one: store.write(one, b"x")):
        with pytest.raises(StorageError, match="no name"):
            act(name)


def _read(store: Storage, answers: "multiprocessing.connection.Connection") -> None:
    answers.send(store.read("base"))


def test_a_process_forked_after_the_first_use_can_use_it_too(store: Storage) -> None:
    """A worker's jobs are forks; a driver's connections do not survive one."""
    store.write("base", b"one")
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_read, args=(store, there))
    process.start()
    assert here.poll(30) and here.recv() == b"one"
    process.join()


def test_another_machine_sees_what_this_one_wrote(bucket: str, tmp_path: Path) -> None:
    one, other = (Storage(f"{bucket}/{tmp_path.name}", tmp_path / name) for name in ("one", "other"))
    assert other.names() == []
    one.write("a", b"x")
    assert other.names() == ["a"] and other.read("a") == b"x"
    one.write("a", b"y")
    assert other.read("a") == b"y"


def test_a_bucket_that_is_not_there_is_named(bucket: str, tmp_path: Path) -> None:
    store = Storage("s3://no-such-bucket/x", tmp_path)
    with pytest.raises(StorageError, match=r"^s3://no-such-bucket/x/base cannot be written \(.*bucket.*\)\.$"):
        store.write("base", b"x")
    with pytest.raises(FileNotFoundError, match="s3://no-such-bucket/x/base"):
        store.read("base")


def test_nobody_waits_long_for_a_store_that_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "READ_SECONDS", 1.0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        store = Storage("s3://bucket/prefix", tmp_path)
        began = time.monotonic()
        with pytest.raises(StorageError, match="s3://bucket/prefix/base did not answer within 1 s") as told:
            store.read("base")
        assert time.monotonic() - began < 20  # opening the driver comes on top
    assert "secret" not in str(told.value)


def test_credentials_in_an_address_are_not_told(tmp_path: Path) -> None:
    store = Storage("nosuch://user:password@host/path?token=secret", tmp_path)
    assert str(store) == "nosuch://host/path"
    with pytest.raises(StorageError) as told:
        store.read("base")
    assert "nosuch://host/path/base" in str(told.value)
    assert "password" not in str(told.value) and "secret" not in str(told.value)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match=r"file/base cannot be read or written \(.*\)\.$"):
        Storage(tmp_path / "file", tmp_path).write("base", b"x")


@pytest.mark.parametrize("address", ["s3://", "s3:///", "gs://"])
def test_an_address_without_a_bucket_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"names no place to keep anything in: give it as \w+://bucket/prefix"):
        Storage(address, tmp_path)


def test_it_is_the_home_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Settings(home=tmp_path)
    assert home.open_storage().folder == tmp_path
    elsewhere = home.model_copy(update={"storage": "s3://bucket/prefix/"}).open_storage()
    assert (elsewhere.folder, elsewhere.url("index")) == (None, "s3://bucket/prefix/index")
    assert elsewhere.cache.is_relative_to(tmp_path)
    monkeypatch.setenv("EARMARK_STORAGE", f"file://{tmp_path}/shared")
    assert Settings(home=tmp_path).open_storage().folder == tmp_path / "shared"


def test_the_web_process_starts_without_the_driver() -> None:
    code = "import sys, backend.app, backend.storage; sys.exit('fsspec' in sys.modules or 's3fs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""The clip index keeps, replaces, finds and forgets clips, also from several processes at once."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.clip_tables import CLIPS
from model.moment import DIMENSION, Moment
from model.retrieval import COMPACT_EVERY, ClipIndex
from tests.backend.object_store import s3_server


def embedding(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture
def index(tmp_path: Path) -> ClipIndex:
    return ClipIndex(tmp_path / "clips")


def test_lengths_do_not_count_and_a_missing_picture_or_sound_stays_missing(index: ClipIndex) -> None:
    nothing = np.zeros(DIMENSION, np.float32)
    index.add("p", 1, "m", "v1", 3 * embedding(1), nothing)
    index.add("p", 2, "m", "v1", nothing, nothing)
    clips = index.clips("p", "v1")
    np.testing.assert_allclose(clips[1].image, embedding(1), atol=1e-6)
    assert not clips[1].sound.any() and not clips[2].image.any() and not clips[2].sound.any()
    assert index.clips("p", "v1", []) == {}


def fill(index: ClipIndex, tasks: range, project: str = "p", version: str = "v1") -> None:
    for task in tasks:
        index.add(project, task, f"media{task}", version, embedding(2 * task), embedding(2 * task + 1))


def test_projects_and_versions_are_kept_apart(index: ClipIndex) -> None:
    fill(index, range(3))
    fill(index, range(3, 5), project="other")
    fill(index, range(5, 7), version="v2")
    assert set(index.clips("p", "v1")) == set(index.tasks("p", "v1")) == {0, 1, 2}
    assert set(index.tasks("other", "v1")) == {3, 4}
    assert set(index.tasks("p", "v2")) == {5, 6}


def test_adding_again_replaces(index: ClipIndex) -> None:
    fill(index, range(3))
    index.add("p", 1, "another medium", "v1", embedding(50), embedding(51))
    assert index.tasks("p", "v1") == {0: "media0", 1: "another medium", 2: "media2"}
    [clip] = index.clips("p", "v1", [1, 7]).values()
    np.testing.assert_allclose(clip.image, embedding(50), atol=1e-6)
    np.testing.assert_allclose(clip.sound, embedding(51), atol=1e-6)


def test_deleting_tasks_a_version_and_a_project(index: ClipIndex) -> None:
    fill(index, range(4))
    fill(index, range(4), version="v2")
    fill(index, range(4), project="other")
    index.delete("p", tasks=[0, 1])
    assert set(index.tasks("p", "v1")) == set(index.tasks("p", "v2")) == {2, 3}
    index.delete("p", version="v1")
    assert index.tasks("p", "v1") == {}
    index.delete("p", tasks=[])  # no task is not every task
    assert set(index.tasks("p", "v2")) == {2, 3}
    index.delete("p")
    assert index.tasks("p", "v2") == {}
    assert set(index.tasks("other", "v1")) == {0, 1, 2, 3}


def test_quotes_in_a_key_are_only_text(index: ClipIndex) -> None:
    names = ["x' OR '1'='1", "x'; --", 'y"', "z\\", "z\\'", "100%_"]
    for task, name in enumerate(names):
        index.add(name, task, "m", "v'1", embedding(task), embedding(task))
    for task, name in enumerate(names):
        assert set(index.tasks(name, "v'1")) == {task}
    index.delete("nobody' OR project != '")
    assert [len(index.tasks(name, "v'1")) for name in names] == [1] * len(names)


def test_a_clip_brings_its_regions_and_its_document(index: ClipIndex) -> None:
    pairs = {task: np.stack([embedding(10 * task + n) for n in range(4)]).reshape(2, 2, -1) for task in (7, 3)}
    for task, both in pairs.items():
        index.add("p", task, "m", "v1", embedding(1), embedding(2), regions=both, document=f'{{"of": {task}}}')
    names, vectors = index.regions("p", "v1")
    assert names == [(3, 0), (3, 1), (7, 0), (7, 1)]
    np.testing.assert_allclose(vectors, np.concatenate([pairs[3], pairs[7]]), atol=1e-6)
    clips = index.clips("p", "v1")
    assert [(task, clip.document) for task, clip in clips.items()] == [(3, '{"of": 3}'), (7, '{"of": 7}')]
    # Annotated anew there is one region less, and the other clip keeps its own.
    index.add("p", 7, "m", "v1", embedding(1), embedding(2), regions=pairs[7][:1])
    assert index.regions("p", "v1")[0] == [(3, 0), (3, 1), (7, 0)]
    index.add("p", 3, "m", "v1", embedding(1), embedding(2))
    assert index.regions("p", "v1")[0] == [(7, 0)]
    index.delete("p", tasks=[7])
    assert index.regions("p", "v1")[1].shape == (0, 2, DIMENSION)


def test_a_moment_is_found_across_modalities_with_its_time(index: ClipIndex) -> None:
    for task in range(1, 6):
        moments = [
            Moment(float(second), embedding(100 * task + second), embedding(100 * task + 50 + second))
            for second in range(30)
        ]
        index.add("p", task, "m", "v1", embedding(task), embedding(task), moments=moments)
    [best, *rest] = index.find(embedding(303), "image", project="p", version="v1", limit=4)
    assert best == (3, 3.0, pytest.approx(1.0, abs=1e-5))
    assert len({best.task, *(hit.task for hit in rest)}) == 4  # of each clip its nearest moment only
    assert [hit.similarity for hit in rest] == sorted((hit.similarity for hit in rest), reverse=True)
    [heard] = index.find(embedding(254), "sound", project="p", version="v1", limit=1)
    assert (heard.task, heard.time) == (2, 4.0)
    assert len(index.find(embedding(303), "image", project="p", version="v1", limit=99)) == 5
    assert index.find(embedding(303), "image", project="nobody", version="v1") == []
    kept = index.moments("p", "v1", [3, 99])
    assert [moment.time for moment in kept[3]] == list(range(30)) and kept[99] == []
    np.testing.assert_allclose(kept[3][7].sound, embedding(357), atol=1e-6)
    with pytest.raises(ValueError, match="no 'smell'"):
        index.find(embedding(1), "smell", project="p", version="v1")


def test_moments_without_sound_or_picture_are_no_hits(index: ClipIndex) -> None:
    nothing, asked = np.zeros(DIMENSION, np.float32), embedding(0)
    silent = [Moment(float(second), embedding(second), nothing) for second in range(300)]
    index.add("p", 1, "m", "v1", embedding(1), nothing, moments=silent)
    index.add("p", 2, "m", "v1", nothing, -asked, moments=[Moment(0.0, nothing, nothing), Moment(1.0, nothing, -asked)])
    [heard] = index.find(asked, "sound", project="p", version="v1")
    assert (heard.task, heard.time) == (2, 1.0)
    assert heard.similarity == pytest.approx(-1.0, abs=1e-5)
    [seen] = index.find(asked, "image", project="p", version="v1")
    assert seen.task == 1


def test_an_index_of_another_layout_is_begun_anew(tmp_path: Path) -> None:
    import lancedb

    lancedb.connect(tmp_path / "clips").create_table(CLIPS, [{"task": 1, "vector": [1.0, 2.0]}])
    index = ClipIndex(tmp_path / "clips")
    fill(index, range(2))
    assert set(index.tasks("p", "v1")) == {0, 1}


def test_other_versions_can_be_deleted_alone(index: ClipIndex) -> None:
    fill(index, range(2))
    fill(index, range(3), version="v2")
    assert index.versions("p") == {"v1", "v2"}
    index.delete("p", but="v2")
    assert index.versions("p") == {"v2"}
    assert set(index.tasks("p", "v2")) == {0, 1, 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": np.ones(64)}, r"128 numbers as image embedding: vector.shape = \(64,\)"),
        ({"sound": np.full(DIMENSION, np.nan)}, "finite sound embedding"),
        ({"task": -1}, "whole number from 0, not -1"),
        ({"task": True}, "whole number from 0, not True"),
        ({"project": ""}, "printable text as project"),
        ({"version": "a\x00b"}, "printable text as version"),
    ],
)
def test_what_cannot_be_stored_is_refused_in_one_sentence(index: ClipIndex, change: dict, message: str) -> None:
    values = {
        "project": "p",
        "task": 1,
        "media": "m",
        "version": "v",
        "image": embedding(1),
        "sound": embedding(2),
    }
    with pytest.raises(ValueError, match=message):
        index.add(**(values | change))
    assert index.tasks("p", "v") == {}


def test_many_commits_are_joined_into_few_fragments(index: ClipIndex) -> None:
    fill(index, range(COMPACT_EVERY + 10))
    assert set(index.tasks("p", "v1")) == set(range(COMPACT_EVERY + 10))
    assert index._table(CLIPS).stats()["fragment_stats"]["num_fragments"] < 30


def write_clips(path: Path, first: int) -> None:
    index = ClipIndex(path)
    fill(index, range(first, first + 8))
    index.add("p", 1000, "m", "v1", embedding(1), embedding(2))  # every process writes this one


def test_several_processes_write_at_once_and_lose_nothing(index: ClipIndex) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_clips, args=(index._path, 8 * n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert set(index.tasks("p", "v1")) == {*range(24), 1000}


def test_another_process_sees_what_was_written(index: ClipIndex, tmp_path: Path) -> None:
    reader = ClipIndex(tmp_path / "clips")
    assert reader.tasks("p", "v1") == {}
    fill(index, range(2))
    assert set(reader.tasks("p", "v1")) == {0, 1}


def test_an_index_opened_before_a_fork_is_refused_after_it(index: ClipIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(index, range(1))
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(RuntimeError, match="opened before a fork"):
        index.tasks("p", "v1")


def test_naming_an_index_opens_nothing(tmp_path: Path) -> None:
    code = f"import sys; from model.retrieval import ClipIndex; ClipIndex({str(tmp_path / 'i')!r}); "
    code += "sys.exit('lancedb' in sys.modules or 'pyarrow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert not (tmp_path / "i").exists()


def test_an_index_in_an_object_store_is_one_for_all_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_server(monkeypatch) as bucket:
        one, other = ClipIndex(f"{bucket}/index"), ClipIndex(f"{bucket}/index")
        assert other.tasks("p", "v1") == {}
        fill(one, range(1, 4))
        assert set(other.tasks("p", "v1")) == {1, 2, 3}
        other.delete("p", tasks=[2])
        assert set(one.tasks("p", "v1")) == {1, 3}

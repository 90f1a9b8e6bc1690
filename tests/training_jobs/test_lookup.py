"""The lookup job: what a dropped file finds, and why it finds nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend import lookups, metrics
from backend.identity import PredictionIdentity
from backend.lookups import DONE, FAILED, Lookup
from model.annotator import annotate
from model.checkpoints import load_models
from model.retrieval import ClipIndex
from training_jobs.lookup import look_up
from training_jobs.project import Project


@pytest.fixture
def indexed(project: Project, sounding_clip: Path) -> Project:
    """The project with one clip in its index, as annotating leaves it."""
    models = load_models(project.versions.path(project.version))
    clip = annotate(sounding_clip, models)
    ClipIndex(project.index).add(
        str(project), 12, "media", project.version, clip.image_embedding, clip.sound_embedding, moments=clip.moments
    )
    return project


def searched(project: Project, kind: str, data: bytes) -> Lookup:
    """Drop a file, let the worker at it; what the page then reads."""
    files, key = project.settings.open_storage(), str(project)
    asked = lookups.begin(project.redis, files, key, kind=kind, file="its own name", data=data)
    look_up(project=key, lookup=asked.name, job=lookups.job_of(key, asked.name))
    assert files.names(f"lookups/{key}") == []
    ended = lookups.read(project.redis, key, asked.name)
    assert ended is not None
    return ended


def test_a_clip_finds_itself_both_ways(indexed: Project, sounding_clip: Path) -> None:
    found = searched(indexed, "video", sounding_clip.read_bytes())
    assert (found.state, found.version) == (DONE, indexed.version)
    groups = {group.words: group.hits for group in found.groups}
    assert list(groups) == [
        "Looks like the picture",
        "Sounds like what the picture shows",
        "Shows what would make the sound",
        "Sounds like the sound",
    ]
    [hit] = groups["Looks like the picture"]
    assert hit.task == 12
    assert hit.duplicate


def test_a_picture_is_searched_by(indexed: Project, tmp_path: Path) -> None:
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(tmp_path / "grey.png")
    found = searched(indexed, "image", (tmp_path / "grey.png").read_bytes())
    assert [group.words for group in found.groups] == ["Looks like the picture", "Sounds like what the picture shows"]


def test_it_says_with_how_many_of_the_clips_the_file_was_compared(indexed: Project, sounding_clip: Path) -> None:
    identities = [PredictionIdentity(task, "media", "config", indexed.version) for task in (12, 13, 14, 15)]
    indexed.states.queued(identities[:3], "annotate-1")  # 12 is in the index, and to be annotated again
    indexed.states.failed(identities[3], "It has no sound.")
    found = searched(indexed, "video", sounding_clip.read_bytes())
    assert (found.compared, found.known) == (1, 3)


@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_a_file_that_is_not_what_it_begins_like_says_so(indexed: Project, kind: str) -> None:
    found = searched(indexed, kind, b"\xff\xd8\xff" + bytes(500))
    assert found.state == FAILED
    assert found.reason.startswith("The file:")
    assert "/" not in found.reason  # no path of this machine


def test_before_anything_is_indexed_it_says_what_to_wait_for(project: Project, sounding_clip: Path) -> None:
    found = searched(project, "video", sounding_clip.read_bytes())
    assert found.state == FAILED
    assert "no clips to search yet" in found.reason


def test_a_job_that_ended_without_a_word_is_not_waited_for(project: Project) -> None:
    key, files = str(project), project.settings.open_storage()
    asked = lookups.begin(project.redis, files, key, kind="image", file="x.png", data=b"x")
    project.redis.flushdb()
    lookups._keep(project.redis, key, asked)
    ended = lookups.read(project.redis, key, asked.name)
    assert ended is not None
    assert ended.state == FAILED


def test_its_time_is_counted(indexed: Project, sounding_clip: Path) -> None:
    searched(indexed, "video", sounding_clip.read_bytes())
    [(labels, parts)] = metrics.counted(indexed.redis)["earmark_job_seconds"].items()
    assert labels == ("lookup",)
    assert parts["sum"] > 0

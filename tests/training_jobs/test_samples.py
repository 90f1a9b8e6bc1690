"""The samples job: pictures of the project's own videos, of the current version alone."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend import jobs, samples
from tests.training_jobs.fake_label_studio import FakeLabelStudio
from training_jobs.project import Project
from training_jobs.samples import draw


def drawn(project: Project) -> list[samples.Sample]:
    """Have them drawn; what the page then reads."""
    [job] = samples.enqueue(project.redis, str(project)).jobs
    draw(project=str(project), job=job)
    found = samples.read(project.settings.open_storage(), str(project), project.version)
    assert found is not None
    return found


def test_a_video_becomes_a_picture_with_its_heat(
    project: Project, label_studio: FakeLabelStudio, sounding_clip: Path
) -> None:
    label_studio.add_task(None)  # cannot be fetched: passed over
    task = label_studio.add_task(sounding_clip)
    [sample] = drawn(project)
    assert sample.task == task
    assert 0.4 <= sample.seconds <= 1.6  # while it sounds
    assert sample.boxes >= 1
    picture = Image.open(
        io.BytesIO(samples.picture(project.settings.open_storage(), str(project), project.version, task))
    )
    assert picture.size == (sample.width, sample.height) == (160, 120)
    red, _, blue = np.asarray(picture).astype(int).transpose(2, 0, 1)
    assert (red > blue + 30).mean() > 0.05


def test_a_project_without_a_picture_has_none_and_is_not_tried_again(
    project: Project, label_studio: FakeLabelStudio
) -> None:
    label_studio.add_task(None)
    assert drawn(project) == []
    samples.enqueue_if_missing(project.redis, project.settings.open_storage(), str(project), project.version)
    assert not jobs.exists(project.redis, f"samples-{project}")


def test_those_of_another_version_go(project: Project, label_studio: FakeLabelStudio, sounding_clip: Path) -> None:
    files, old = project.settings.open_storage(), "earmark-000000000001"
    samples.keep(files, str(project), old, [(samples.Sample(1, 0.0, 1, 1, 0, None, ""), b"jpeg")])
    label_studio.add_task(sounding_clip)
    drawn(project)
    assert samples.read(files, str(project), old) is None
    with pytest.raises(FileNotFoundError):
        samples.picture(files, str(project), old, 1)


def test_missing_ones_are_drawn_once(project: Project) -> None:
    files = project.settings.open_storage()
    for _ in range(2):
        samples.enqueue_if_missing(project.redis, files, str(project), project.version)
    assert jobs.waiting(project.redis, jobs.ANNOTATE) == 1

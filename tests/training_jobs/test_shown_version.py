"""The version Label Studio shows is the one that predicts, told once."""

from typing import Any

import pytest

from backend.label_studio import LabelStudio, LabelStudioError
from training_jobs.project import Project
from training_jobs.shown_version import show_current


def test_label_studio_is_made_to_ask_once_and_again_until_it_shows_the_version(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, asked = "earmark-000000000000", 0

    def backends(_client: LabelStudio, number: int) -> list[dict[str, Any]]:
        nonlocal asked
        asked += 1
        if shown == "":
            raise LabelStudioError("It is away.")
        return [{"url": f"http://backend:9090/projects/{number}", "model_version": shown}, {"url": "http://other"}]

    monkeypatch.setattr(LabelStudio, "backends", backends)
    assert not show_current(project)  # its /setup answered an older one yet
    shown = ""
    assert not show_current(project)
    shown = project.version
    assert show_current(project)
    assert not show_current(project) and asked == 3

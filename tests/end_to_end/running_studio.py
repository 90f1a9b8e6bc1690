"""A Label Studio alone, without any backend: what its page makes of a prediction that was put there."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from backend.label_studio import LabelStudio
from earmark import ports
from earmark.studio import START_SECONDS, Studio
from earmark.supervisor import Supervisor


@dataclass(frozen=True)
class RunningStudio:
    """It, while it runs."""

    studio: Studio

    @classmethod
    @contextmanager
    def start(cls, home: Path) -> Iterator["RunningStudio"]:
        """Start it with empty data in `home` until the block ends; media lie in `home`/media."""
        (home / "media").mkdir()
        port = ports.choose(0, "", "")
        studio = Studio(port, home / "data", home / "media", secrets.token_urlsafe(16), secrets.token_hex(20))
        supervisor = Supervisor(home, print)
        try:
            supervisor.start("label-studio", studio.command, studio.environment)
            supervisor.wait(studio.is_up, "Label Studio's start", START_SECONDS)
            yield cls(studio)
        finally:
            supervisor.stop()

    @property
    def url(self) -> str:
        """Its address."""
        return self.studio.url

    @property
    def password(self) -> str:
        """Its one user's."""
        return self.studio.password

    @property
    def media(self) -> Path:
        """Folder of the files that tasks may name."""
        return self.studio.files

    def address(self, name: str) -> str:
        """Where a task finds a file of `media`."""
        return f"/data/local-files/?d=clips/{name}"

    def task(self, xml: str, data: Mapping[str, Any]) -> tuple[int, int]:
        """A new project with one task; their ids."""
        label_studio = LabelStudio(self.url, self.studio.token)
        project = int(label_studio.create_project("Configs", xml)["id"])
        storage = {"project": project, "path": str(self.media / "clips"), "use_blob_urls": True}
        headers = {"Authorization": f"Token {self.studio.token}"}
        requests.post(
            f"{self.url}/api/storages/localfiles", headers=headers, data=storage, timeout=30
        ).raise_for_status()
        [task] = label_studio.import_tasks(project, [{"data": dict(data)}])["task_ids"]
        return project, int(task)

    def predict(self, task: int, result: Sequence[Mapping[str, Any]], score: float | None) -> None:
        """Put a prediction there, as the worker does."""
        LabelStudio(self.url, self.studio.token).create_prediction(
            task, result, model_version="earmark-0123456789ab", score=score
        )

"""A connected project as a job sees it: its Label Studio, Redis, versions and labelling config."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from redis import Redis

from backend.identity import PredictionIdentity, identify
from backend.label_studio import LabelStudio
from backend.media import Fetcher
from backend.projects import ProjectKey
from backend.settings import Settings
from backend.tasks import TaskStates
from backend.versions import VersionStore
from label_config import LabelConfig, read_config

Row = dict[str, Any]

OURS = "earmark-"  # every model version of ours begins so


class ProjectError(RuntimeError):
    """A job cannot work on its project; the message is one sentence."""


@dataclass
class Project:
    """What a job needs of one project. Address and token come from the settings, never from the job.

    Attributes:
        settings: as the worker was started with.
        redis: a connection of this process's own.
        key: which project of which Label Studio.
        label_studio: its API.
    """

    settings: Settings
    redis: Redis
    key: ProjectKey
    label_studio: LabelStudio

    @classmethod
    def open(cls, key: str, now: Settings, redis: Redis) -> "Project":
        """The project that a job names by its key, under the settings of now.

        Raises:
            ProjectError: no Label Studio is connected, or the key belongs to another one.
        """
        if not now.label_studio_url or now.label_studio_token is None:
            raise ProjectError("No Label Studio is connected: run `earmark connect --url --token --project`.")
        try:
            parsed = ProjectKey.parse(key, now.label_studio_url)
        except ValueError as error:
            raise ProjectError(str(error)) from None
        client = LabelStudio(now.label_studio_url, now.label_studio_token.get_secret_value())
        return cls(now, redis, parsed, client)

    def close(self) -> None:
        """Close every connection to Label Studio."""
        self.label_studio.close()
        self.fetcher.close()

    def __str__(self) -> str:
        return str(self.key)

    @cached_property
    def row(self) -> Row:
        """The project's row in Label Studio, read once a job.

        Raises:
            ProjectError: the id now names another project.
            LabelStudioError: it cannot be read.
        """
        row = self.label_studio.project(self.key.id)
        if ProjectKey.of_row(self.key.address, row) != self.key:
            raise ProjectError(f"Project {self.key.id} was deleted and its id is used again: connect the new one.")
        return row

    def read(self, tasks: Collection[int]) -> dict[int, Row]:
        """These tasks' rows as they are now, by id; those that were deleted are missing. Raises LabelStudioError."""
        return {row["id"]: row for row in self.label_studio.tasks(self.key.id, tasks)}

    @property
    def xml(self) -> str:
        """The labelling config as Label Studio keeps it."""
        return self.row["label_config"]

    @cached_property
    def config(self) -> LabelConfig:
        """The labelling config. Raises label_config.ConfigError when no prediction can be shown under it."""
        return read_config(self.xml)

    @cached_property
    def states(self) -> TaskStates:
        """The records of the project's predictions."""
        return TaskStates(self.redis, str(self.key))

    @cached_property
    def versions(self) -> VersionStore:
        """Every stored model version."""
        return VersionStore(self.settings)

    @cached_property
    def fetcher(self) -> Fetcher:
        """The guarded way to a task's media."""
        return Fetcher(self.settings)

    @property
    def version(self) -> str:
        """The model version that predicts in this project now."""
        return self.versions.current(str(self.key))

    @property
    def index(self) -> str:
        """Address of the clip index, which all workers share: a folder, or in an object store."""
        return self.settings.open_storage().url("index")

    def link(self, task: int) -> str:
        """The address of a task in Label Studio."""
        return f"{self.label_studio.url}/projects/{self.key.id}/data?task={task}"

    @property
    def clips(self) -> Path:
        """Folder of the clip cache."""
        return self.settings.home / "clips"

    def identify(self, task: Mapping[str, Any], version: str) -> PredictionIdentity:
        """The identity of a task's prediction under this project's labelling config.

        Raises:
            ValueError: the task has no video, or the labelling config cannot be read.
        """
        return identify(task, self.xml, version)


def is_labelled(task: Mapping[str, Any]) -> bool:
    """Whether a person worked on this task, be it to skip it: then what they saw is left as it is."""
    return bool(task.get("annotations"))


def own_predictions(task: Mapping[str, Any]) -> list[Row]:
    """The task's predictions that some version of ours made, oldest first."""
    found = [row for row in task.get("predictions") or [] if str(row.get("model_version", "")).startswith(OURS)]
    return sorted(found, key=lambda row: row["id"])

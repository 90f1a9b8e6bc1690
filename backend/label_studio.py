"""Label Studio's API, through its SDK: plain dicts in and out, every call timed out, one sentence for an error."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TIMEOUT = 30.0  # seconds a call may take


class LabelStudioError(RuntimeError):
    """Label Studio refused or did not answer; the message is one sentence fit for a project lead.

    `status` is the HTTP status, or None when there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        """`message`: one sentence; never holds a token."""
        super().__init__(message)
        self.status = status


class LabelStudio:
    """One Label Studio, spoken to with one token: a personal access token (a JWT) or a legacy one, by its shape."""

    def __init__(self, url: str, token: str, *, timeout: float = TIMEOUT) -> None:
        """Nothing is sent yet. Raises ValueError when `url` is not an http(s) address."""
        self.url, self.timeout = url, timeout

    def authorization(self) -> str:
        """The Authorization header's value, refreshed when it has run out (a personal token's lasts 300 s)."""
        raise NotImplementedError

    def whoami(self) -> dict[str, Any]:
        """The user the token belongs to (`id`, `email`, ...)."""
        raise NotImplementedError

    def project(self, project: int) -> dict[str, Any]:
        """One project's row: `id`, `title`, `label_config`, `created_at`, counters."""
        raise NotImplementedError

    def projects(self) -> Iterator[dict[str, Any]]:
        """Every project's row."""
        raise NotImplementedError

    def create_project(self, title: str, label_config: str, **fields: Any) -> dict[str, Any]:
        """Make a project; its row."""
        raise NotImplementedError

    def update_project(self, project: int, **fields: Any) -> dict[str, Any]:
        """Change a project's fields; its row."""
        raise NotImplementedError

    def tasks(self, project: int) -> Iterator[dict[str, Any]]:
        """Every task's row, oldest first: `id`, `data`, `created_at`, `annotations`, `predictions`, totals."""
        raise NotImplementedError

    def task(self, task: int) -> dict[str, Any]:
        """One task's row, with its annotations and predictions."""
        raise NotImplementedError

    def update_task(self, task: int, **fields: Any) -> dict[str, Any]:
        """Change a task's fields (`data`, `meta`)."""
        raise NotImplementedError

    def predictions(self, *, task: int | None = None, project: int | None = None) -> list[dict[str, Any]]:
        """The predictions of a task or of a whole project, newest last."""
        raise NotImplementedError

    def create_prediction(
        self,
        task: int,
        result: Sequence[Mapping[str, Any]],
        *,
        model_version: str,
        score: float | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Write a prediction; its row. `fields` may hold `neighbors`, `cluster`, `mislabeling`."""
        raise NotImplementedError

    def update_prediction(self, prediction: int, **fields: Any) -> dict[str, Any]:
        """Rewrite a prediction in place (`result`, `score`, ...); its row."""
        raise NotImplementedError

    def delete_prediction(self, prediction: int) -> None:
        """Delete a prediction; one that is already gone is no error."""
        raise NotImplementedError

    def create_annotation(self, task: int, result: Sequence[Mapping[str, Any]], **fields: Any) -> dict[str, Any]:
        """Write an annotation; its row."""
        raise NotImplementedError

    def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Import tasks (`{"data": {...}}`); Label Studio's answer with `task_ids` where it gives them."""
        raise NotImplementedError

    def import_file(self, project: int, path: Path) -> dict[str, Any]:
        """Upload one media file, which becomes one task; Label Studio's answer. Raises LabelStudioError."""
        raise NotImplementedError

    def backends(self, project: int) -> list[dict[str, Any]]:
        """The project's ML backends, the one that is asked first."""
        raise NotImplementedError

    def create_backend(self, project: int, url: str, **fields: Any) -> dict[str, Any]:
        """Connect an ML backend (`title`, `auth_method`, `basic_auth_user`, `basic_auth_pass`, ...)."""
        raise NotImplementedError

    def update_backend(self, backend: int, **fields: Any) -> dict[str, Any]:
        """Change an ML backend's fields."""
        raise NotImplementedError

    def delete_backend(self, backend: int) -> None:
        """Disconnect an ML backend; its webhook stays."""
        raise NotImplementedError

    def train(self, backend: int) -> None:
        """Press Start Training on an ML backend."""
        raise NotImplementedError

    def webhooks(self, project: int) -> list[dict[str, Any]]:
        """The project's webhooks."""
        raise NotImplementedError

    def create_webhook(self, project: int, url: str, **fields: Any) -> dict[str, Any]:
        """Add a webhook (`headers`, `send_for_all_actions`, ...)."""
        raise NotImplementedError

    def update_webhook(self, webhook: int, **fields: Any) -> dict[str, Any]:
        """Change a webhook's fields."""
        raise NotImplementedError

    def delete_webhook(self, webhook: int) -> None:
        """Remove a webhook."""
        raise NotImplementedError

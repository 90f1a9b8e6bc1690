"""Label Studio's API, through its SDK: plain dicts in and out, every call timed out, one sentence for an error."""

import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from backend.projects import normalise_address

if TYPE_CHECKING:
    from label_studio_sdk.client import LabelStudio as Client

TIMEOUT = 30.0  # seconds a call may take
UPLOAD_TIMEOUT = 600.0
PAGE = 100  # tasks a call lists


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
        self.url, self.timeout = normalise_address(url), timeout
        self._token = token.strip()
        self._opened: Client | None = None

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._opened is not None:
            self._opened._client_wrapper.httpx_client.httpx_client.close()  # the SDK has no public way
            self._opened = None

    def authorization(self, *, fresh: bool = False) -> str:
        """The Authorization header's value; a personal token's is good for 300 s and renewed in time.

        `fresh` asks for another one although the last should still be good. Raises LabelStudioError.
        """
        if fresh:
            self.close()
        # The SDK has no public name for the header it sends.
        headers = self._call("give access", lambda client: client._client_wrapper.get_headers())
        return str(headers["Authorization"])

    def whoami(self) -> dict[str, Any]:
        """The user the token belongs to (`id`, `email`, ...)."""
        return self._call("say whose token this is", lambda client: client.users.whoami())

    def project(self, project: int) -> dict[str, Any]:
        """One project's row: `id`, `title`, `label_config`, `created_at`, counters."""
        return self._call(f"show project {project}", lambda client: client.projects.get(project))

    def projects(self) -> Iterator[dict[str, Any]]:
        """Every project's row."""
        yield from self._pages(
            "list its projects", lambda client, page: client.projects.list(page=page, page_size=PAGE)
        )

    def create_project(self, title: str, label_config: str, **fields: Any) -> dict[str, Any]:
        """Make a project; its row."""
        return self._call(
            f"create project {title!r}",
            lambda client: client.projects.create(title=title, label_config=label_config, **fields),
        )

    def tasks(
        self, project: int, only: Collection[int] | None = None, *, resolve: bool = True
    ) -> Iterator[dict[str, Any]]:
        """Every task's row, oldest first: `id`, `data`, `created_at`, `annotations`, `predictions`, totals.

        `only` these tasks, where given; those that are not there are left out. In `data` Label Studio puts addresses
        of its own for what lies in a storage (`s3://`, ...); without `resolve` it leaves what is stored.
        """
        asked: dict[str, Any] = {"resolve_uri": resolve}
        if only is None:
            self.project(project)  # the SDK lists a project that is not there as an empty one
        elif not only:
            return
        else:
            asked["query"] = json.dumps({"selectedItems": {"all": False, "included": sorted(only)}})
        yield from self._pages(
            f"list the tasks of project {project}",
            lambda client, page: client.tasks.list(project=project, page=page, page_size=PAGE, fields="all", **asked),
        )

    def task(self, task: int) -> dict[str, Any]:
        """One task's row, with its annotations and predictions.

        Where it has no prediction, Label Studio asks the ML backend for one before it answers; `tasks` never does.
        """
        return self._call(f"show task {task}", lambda client: client.tasks.get(str(task)))

    def update_task(self, task: int, *, data: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a task's data; its row. Label Studio keeps nothing of the data before."""
        return self._call(f"change task {task}", lambda client: client.tasks.update(str(task), data=dict(data)))

    def predictions(self, *, task: int | None = None, project: int | None = None) -> list[dict[str, Any]]:
        """The predictions of a task or of a whole project, newest last."""
        rows = self._call("list predictions", lambda client: client.predictions.list(task=task, task_project=project))
        return sorted(rows, key=lambda row: row["id"])

    def create_prediction(
        self,
        task: int,
        result: Sequence[Mapping[str, Any]],
        *,
        model_version: str,
        score: float | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Write a prediction; its row. `fields` may hold `neighbors`, `cluster`, `mislabeling`; None is left out."""
        given = {"score": score, **fields}
        return self._call(
            f"keep a prediction of task {task}",
            lambda client: client.predictions.create(
                task=task,
                result=[dict(item) for item in result],
                model_version=model_version,
                **{name: value for name, value in given.items() if value is not None},
            ),
        )

    def update_prediction(self, prediction: int, **fields: Any) -> dict[str, Any]:
        """Rewrite a prediction in place (`result`, `score`, `neighbors`, `cluster`, ...); its row."""
        return self._call(
            f"change prediction {prediction}", lambda client: client.predictions.update(prediction, **fields)
        )

    def delete_prediction(self, prediction: int) -> None:
        """Delete a prediction; one that is already gone is no error."""
        self._delete(f"delete prediction {prediction}", lambda client: client.predictions.delete(prediction))

    def create_annotation(self, task: int, result: Sequence[Mapping[str, Any]], **fields: Any) -> dict[str, Any]:
        """Write an annotation; its row."""
        return self._call(
            f"keep an annotation of task {task}",
            lambda client: client.annotations.create(task, result=[dict(item) for item in result], **fields),
        )

    def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Import tasks (`{"data": {...}}`, or with `annotations`); the answer holds `task_ids`."""
        request: list[Any] = [dict(task) for task in tasks]
        return self._call(
            f"import into project {project}",
            lambda client: client.projects.import_tasks(project, request=request, return_task_ids=True),
        )

    def import_file(self, project: int, path: Path) -> dict[str, Any]:
        """Upload one media file, which becomes one task; Label Studio's answer. Raises LabelStudioError."""
        return self.import_files(project, [path])

    def import_files(self, project: int, paths: Sequence[Path]) -> dict[str, Any]:
        """Upload media files in one import, one task each; Label Studio's answer. Raises LabelStudioError."""
        what = f"take the upload of {', '.join(path.name for path in paths)}"
        with ExitStack() as opened:
            # Under one name each: of several files under the same name Label Studio takes the last alone.
            files = {f"file{n}": (path.name, opened.enter_context(path.open("rb"))) for n, path in enumerate(paths)}
            try:  # by requests: the SDK cannot upload
                answer = requests.post(
                    f"{self.url}/api/projects/{project}/import",
                    headers={"Authorization": self.authorization()},
                    files=files,
                    timeout=(self.timeout, UPLOAD_TIMEOUT),
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                raise self._unreachable(error) from None
        try:
            body = answer.json()
        except ValueError:
            body = answer.text
        if answer.status_code not in (200, 201):
            raise self._refused(what, answer.status_code, body)
        return body

    def backends(self, project: int) -> list[dict[str, Any]]:
        """The project's ML backends, the one that is asked first."""
        rows = self._call(f"list the backends of project {project}", lambda client: client.ml.list(project=project))
        return sorted(rows, key=lambda row: row["id"])

    def create_backend(self, project: int, url: str, **fields: Any) -> dict[str, Any]:
        """Connect an ML backend (`title`, `auth_method`, `basic_auth_user`, `basic_auth_pass`, ...)."""
        return self._call(
            f"connect the backend {url}", lambda client: client.ml.create(project=project, url=url, **fields)
        )

    def update_backend(self, backend: int, **fields: Any) -> dict[str, Any]:
        """Change an ML backend's fields."""
        return self._call(f"change backend {backend}", lambda client: client.ml.update(backend, **fields))

    def delete_backend(self, backend: int) -> None:
        """Disconnect an ML backend; its webhook stays."""
        self._delete(f"disconnect backend {backend}", lambda client: client.ml.delete(backend))

    def train(self, backend: int) -> None:
        """Press Start Training on an ML backend."""
        self._call(f"start a training on backend {backend}", lambda client: client.ml.train(backend))

    def webhooks(self, project: int) -> list[dict[str, Any]]:
        """The project's webhooks, oldest first."""
        rows = self._call(
            f"list the webhooks of project {project}", lambda client: client.webhooks.list(project=str(project))
        )
        return sorted(rows, key=lambda row: row["id"])

    def create_webhook(self, project: int, url: str, **fields: Any) -> dict[str, Any]:
        """Add a webhook (`headers`, `send_for_all_actions`, ...)."""
        return self._call(
            f"add a webhook to {url}", lambda client: client.webhooks.create(project=project, url=url, **fields)
        )

    def update_webhook(self, webhook: int, **fields: Any) -> dict[str, Any]:
        """Change a webhook's fields."""
        return self._call(f"change webhook {webhook}", lambda client: client.webhooks.update(webhook, **fields))

    def delete_webhook(self, webhook: int) -> None:
        """Remove a webhook."""
        self._delete(f"remove webhook {webhook}", lambda client: client.webhooks.delete(webhook))

    def _client(self) -> "Client":
        if self._opened is None:
            import httpx
            from label_studio_sdk.client import LabelStudio as Client

            # No connection is kept between calls, so that none is left open when nobody needs this any more.
            limits = httpx.Limits(max_keepalive_connections=0)
            # No retries: a prediction written twice is worse than one written a little later.
            # The trailing slash keeps a path prefix when the SDK renews the token.
            self._opened = Client(
                base_url=f"{self.url}/",
                api_key=self._token,
                timeout=self.timeout,
                max_retries=0,
                httpx_client=httpx.Client(timeout=self.timeout, follow_redirects=False, limits=limits),
            )
        return self._opened

    def _call(self, what: str, ask: "Callable[[Client], Any]") -> Any:
        import httpx
        from label_studio_sdk.core.api_error import ApiError

        for last in (False, True):
            try:
                return _plain(ask(self._client()))
            except ApiError as error:
                # A personal token's access may run out between its renewal and the call.
                if error.status_code == 401 and not last and self._token.count(".") == 2:
                    self.close()
                    continue
                raise self._refused(what, error.status_code, error.body) from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise self._unreachable(error) from None
            except ValueError as error:  # no JSON where the SDK expects it
                raise LabelStudioError(f"{self.url} does not answer like a Label Studio ({error}).") from None
        raise AssertionError  # the loop always returns or raises

    def _delete(self, what: str, ask: "Callable[[Client], Any]") -> None:
        try:
            self._call(what, ask)
        except LabelStudioError as error:
            if error.status != 404:
                raise

    def _pages(self, what: str, ask: "Callable[[Client, int], Any]") -> Iterator[dict[str, Any]]:
        for page in itertools.count(1):
            rows = self._call(what, partial(_items, ask, page))
            yield from rows
            if len(rows) < PAGE:
                return

    def _refused(self, what: str, status: int | None, body: object) -> LabelStudioError:
        if status == 401:
            return LabelStudioError(
                f"Label Studio at {self.url} does not accept the token: make a new one under Account & Settings "
                "and run `earmark connect` with it.",
                status,
            )
        detail = " ".join(str(_detail(body)).replace(self._token, "...").split())[:300]
        return LabelStudioError(f"Label Studio at {self.url} would not {what} ({status}: {detail}).", status)

    def _unreachable(self, error: Exception) -> LabelStudioError:
        reason = str(error).replace(self._token, "...")[:200] or type(error).__name__
        return LabelStudioError(f"Label Studio at {self.url} does not answer ({reason}): is it running there?")


def _items(ask: "Callable[[Client, int], Any]", page: int, client: "Client") -> list[Any]:
    return ask(client, page).items or []


def _plain(value: Any) -> Any:
    """The SDK's models as the plain JSON they came from."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _detail(body: object) -> object:
    if not isinstance(body, Mapping):
        return body
    return body.get("validation_errors") or body.get("detail") or body

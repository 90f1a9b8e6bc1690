"""A Label Studio of a few endpoints, in this process: for what a real one cannot be made to do on demand.

It keeps one project and serves media files; `fail` makes it answer 500 to what it matches, and stopping it is its
being away. The end-to-end tests speak to the real one.
"""

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.local_server import LocalServer, reply

Row = dict[str, Any]

CREATED = "2026-01-02T03:04:05Z"


class FakeLabelStudio(LocalServer):
    """Project 1, its tasks and predictions; `calls` lists every request as `METHOD path`."""

    def __init__(self, label_config: str) -> None:
        self.project: Row = {"id": 1, "title": "Sounds", "label_config": label_config, "created_at": CREATED}
        self.tasks: dict[int, Row] = {}
        self.predictions: dict[int, Row] = {}
        self.media: dict[str, Path] = {}
        self.calls: list[str] = []
        self.fail: Callable[[str], bool] = lambda _call: False
        self._next = 0
        super().__init__(_handler(self))

    def add_task(self, media: Path | None, choice: str | None = None) -> int:
        """Import a task; `choice` is what a person labelled it with."""
        task = self.number()
        path = f"/data/upload/1/{task:08x}-clip.mp4"
        if media is not None:
            self.media[path] = media
        self.tasks[task] = {"id": task, "data": {"video": path}, "created_at": CREATED, "project": 1, "annotations": []}
        if choice is not None:
            self.label(task, choice)
        return task

    def label(self, task: int, choice: str) -> None:
        """A person chooses."""
        item = {"type": "choices", "from_name": "clip_class", "to_name": "video", "value": {"choices": [choice]}}
        self.tasks[task]["annotations"].append({"id": self.number(), "result": [item], "was_cancelled": False})

    def submit(self, task: int, result: list[Row], **fields: Any) -> int:
        """A person submits an annotation; its id."""
        number = self.number()
        made = {"was_cancelled": False, "created_at": CREATED, "updated_at": CREATED}
        self.tasks[task]["annotations"].append({"id": number, "result": result, **made, **fields})
        return number

    def submit_from(self, task: int, prediction: int, result: list[Row]) -> int:
        """A person submits what they made of a prediction; the annotation's id."""
        made = [{**item, "origin": "prediction"} for item in result]
        return self.submit(task, made, parent_prediction=prediction)

    def add_prediction(self, task: int, version: str, result: list[Row] | None = None) -> int:
        """A prediction that is there already."""
        return self.store({"task": task, "model_version": version, "result": result or [], "score": 0.5})["id"]

    def of(self, task: int) -> list[Row]:
        """A task's predictions, oldest first."""
        return [row for row in self.predictions.values() if row["task"] == task]

    def row(self, task: int) -> Row:
        """A task as the API shows it."""
        return {**self.tasks[task], "predictions": self.of(task)}

    def store(self, prediction: Row) -> Row:
        """Keep a prediction."""
        row = {"id": self.number(), "project": 1, "created_at": CREATED, "score": None, **prediction}
        self.predictions[row["id"]] = row
        return row

    def number(self) -> int:
        """An id that was not used before."""
        self._next += 1
        return self._next

    def writes(self) -> list[str]:
        """The calls that changed something."""
        return [call for call in self.calls if not call.startswith("GET")]


def _resolved(task: int, value: Any) -> Any:
    """What Label Studio shows for an address in a storage."""
    stored = isinstance(value, str) and value.startswith("s3://")
    return f"/tasks/{task}/resolve/?fileuri={value}" if stored else value


def _handler(state: FakeLabelStudio) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self._begun():
                return
            path, query = self._path, self._query
            if path in state.media:
                self._answer(state.media[path].read_bytes(), "video/mp4")
            elif path == "/api/projects/1":
                self._answer(state.project)
            elif path == "/api/tasks":
                self._answer(self._tasks(query))
            else:
                self._answer({"detail": "Not found."}, status=404)

        def do_POST(self) -> None:
            if self._begun() and self._path == "/api/predictions":
                self._answer(state.store(self._body()), status=201)

        def do_PATCH(self) -> None:
            if self._begun():
                rows = state.tasks if self._path.startswith("/api/tasks") else state.predictions
                rows[self._number].update(self._body())
                self._answer(rows[self._number])

        def do_DELETE(self) -> None:
            if self._begun():
                state.predictions.pop(self._number, None)
                self._answer(b"", status=204)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

        @property
        def _number(self) -> int:
            return int(re.findall(r"\d+", self._path)[-1])

        def _begun(self) -> bool:
            parts = urlsplit(self.path)
            self._path, self._query = parts.path.rstrip("/"), parse_qs(parts.query)
            state.calls.append(f"{self.command} {self._path}")
            if state.fail(state.calls[-1]):
                self._body_bytes()
                self._answer({"detail": "Something broke."}, status=500)
                return False
            return True

        def _tasks(self, query: dict[str, list[str]]) -> Row:
            chosen = json.loads(query.get("query", ["{}"])[0]).get("selectedItems", {}).get("included")
            ids = [task for task in state.tasks if chosen is None or task in chosen]
            page, size = int(query.get("page", ["1"])[0]), int(query.get("page_size", ["100"])[0])
            rows = [state.row(task) for task in ids[(page - 1) * size : page * size]]
            if query.get("resolve_uri", ["true"])[0] == "true":
                rows = [{**row, "data": {n: _resolved(row["id"], v) for n, v in row["data"].items()}} for row in rows]
            return {"tasks": rows, "total": len(ids), "total_annotations": 0, "total_predictions": 0}

        def _body_bytes(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _body(self) -> Row:
            return json.loads(self._body_bytes())

        def _answer(self, body: Row | bytes, kind: str = "application/json", *, status: int = 200) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            reply(self, content, kind, status=status)

    return Handler

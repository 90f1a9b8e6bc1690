"""A stand-in for Label Studio: a few fixed answers, each of which a test may exchange for what goes wrong."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from backend.connecting import HEADER, project_url
from tests.local_server import LocalServer, reply

CREATED = "2026-11-22T09:53:30.651261Z"
BACKEND = "http://127.0.0.1:9090"


class StandIn(LocalServer):
    """Answers by `METHOD path`: a status and a body. Without the token everything but health is 401."""

    def __init__(self, token: str, secret: str, project: int = 1, title: str = "Street sounds") -> None:
        self.token = token
        self.asked: list[str] = []
        self.authorization: list[str | None] = []
        url = project_url(BACKEND, project)
        self.answers: dict[str, tuple[int, Any]] = {
            "GET /health": (200, {"status": "UP"}),
            "GET /api/current-user/whoami": (200, {"id": 1, "email": "lead@example.org"}),
            f"GET /api/projects/{project}/": (200, {"id": project, "title": title, "created_at": CREATED}),
            "GET /api/ml": (200, [{"id": 3, "url": url, "title": "Earmark", "state": "CO"}]),
            "GET /api/webhooks/": (
                200,
                [{"id": 5, "url": f"{url}/webhook", "is_active": True, "headers": {HEADER: secret}}],
            ),
        }
        super().__init__(_handler(self))


def _handler(state: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            call, shown = f"{self.command} {path}", self.headers.get("Authorization")
            state.asked.append(call)
            state.authorization.append(shown)
            status, body = state.answers.get(call, (404, {"detail": "Not found."}))
            if (
                path.startswith("/api/")
                and path != "/api/token/refresh/"
                and shown
                not in (
                    f"Token {state.token}",
                    "Bearer access",
                )
            ):
                status, body = 401, {"detail": "Invalid token."}
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            reply(self, content, status=status)

    return Handler

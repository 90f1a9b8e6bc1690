"""A web server whose answers a test decides, with the faults that real ones have."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from tests.local_server import LocalServer, reply


class MediaHost(LocalServer):
    """Answers on a port of its own: `answers[path](handler)`, else 404. `requests` keeps what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host.requests.append((self.command, self.path, dict(self.headers)))
                answer = host.answers.get(self.path.partition("?")[0])
                self.close_connection = True
                try:
                    if answer is None:
                        self.send_error(404)
                    else:
                        answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the fetcher has heard enough

            do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 (http.server's names)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(Handler)

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [path for _, path, _ in self.requests]


def body(content: bytes, kind: str = "video/mp4", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """An ordinary answer."""
    return lambda handler: reply(handler, content, kind, **headers)


def redirect(location: str, status: int = 302) -> Callable[[BaseHTTPRequestHandler], None]:
    """A redirect."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    """A refusal."""
    return lambda handler: handler.send_error(code)

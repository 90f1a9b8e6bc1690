"""A host that answers https requests from a table, without a network."""

import io

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

Answer = tuple[int, dict[str, str], bytes]  # status, headers, body


class FakeHost(HTTPAdapter):
    """Answers by URL, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_args: object, **_options: object) -> requests.Response:
        self.asked.append(request)
        status, headers, body = self.answers[str(request.url)]
        raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return self.build_response(request, raw)

    def session(self) -> requests.Session:
        """A session that asks this host, whatever the URL."""
        session = requests.Session()
        session.mount("https://", self)
        return session

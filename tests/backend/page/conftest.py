"""Fixtures of the page's tests: a browser's client of a backend with one lived-in project."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from backend.page import watch
from backend.page.watch import Watched
from backend.settings import Settings
from tests.backend.calls import BASIC, KEY
from tests.backend.page.lived_in import add_versions, fill_redis

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Visitor:
    """Somebody with the password, in front of a browser."""

    client: FlaskClient
    key: str
    versions: list[str]

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={**HTML, **BASIC, **headers})

    def press(
        self, action: str, *, page: str = "/projects/1/", headers: dict[str, str] = OWN, **fields: Any
    ) -> TestResponse:
        """Send the form of this action as the page has it; `fields` are filled in."""
        return self.send(action, Forms.of(self.get(page).text)[action], headers, **fields)

    def send(self, action: str, token: str, headers: dict[str, str] = OWN, **fields: Any) -> TestResponse:
        """Send a form that was put together by hand."""
        return self.client.post(action, data={"token": token, **fields}, headers={**HTML, **BASIC, **headers})


class Forms(HTMLParser):
    """The token of each form by its action."""

    @classmethod
    def of(cls, text: str) -> dict[str, str]:
        parser = cls()
        parser.found, parser.action = {}, ""
        parser.feed(text)
        return parser.found

    found: dict[str, str]
    action: str

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self.action = named["action"] or ""
        if tag == "input" and named.get("name") == "token":
            self.found[self.action] = named["value"] or ""


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Health that was looked at already: its own tests look at it."""
    monkeypatch.setattr(watch._watch, "look", lambda _settings, _redis: Watched((), 0.0))
    yield


@pytest.fixture
def furnished(settings: Settings) -> Settings:
    """Settings with the project connected."""
    return settings.model_copy(update={"projects": (KEY,)})


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home with the project's versions, made once, and their names."""
    home = tmp_path_factory.mktemp("made")
    weights = home / "weights"
    weights.mkdir()
    for name in ("avol.safetensors", "ave.safetensors"):
        (weights / name).write_text("weights")
    (weights / "card.json").write_text("{}")
    return home, add_versions(Settings(home=home), KEY, weights)


@pytest.fixture
def visitor(
    settings: Settings,
    redis: Redis,
    made: tuple[Path, list[str]],
    application: Callable[[Settings], Flask],
    settled: None,
) -> Visitor:
    home, versions = made
    shutil.copytree(home, settings.home, dirs_exist_ok=True)
    fill_redis(redis, KEY, versions, tasks=60)
    furnished = settings.model_copy(update={"projects": (KEY,)})
    return Visitor(application(furnished).test_client(), KEY, versions)

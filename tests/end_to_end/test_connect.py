import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.connecting import HEADER
from backend.label_studio import LabelStudio
from earmark import ports, studio
from earmark.supervisor import Supervisor
from label_config import template
from tests.end_to_end.running_demo import Demo


@pytest.fixture
def project(demo: Demo) -> int:
    """An empty project nobody has connected."""
    return int(demo.label_studio.create_project("Connecting", template(["bell", "drum"]))["id"])


def test_connecting_twice_changes_nothing_the_second_time(demo: Demo, project: int) -> None:
    first = demo.connect(project)
    assert (first.returncode, first.stderr.count("registered the backend")) == (0, 1), first.stderr
    before = demo.label_studio.backends(project), demo.label_studio.webhooks(project)
    second = demo.connect(project)
    assert (second.returncode, second.stderr) == (0, "")
    assert "nothing had to be changed" in second.stdout
    backends, webhooks = demo.label_studio.backends(project), demo.label_studio.webhooks(project)
    assert [row["id"] for row in backends] == [row["id"] for row in before[0]]
    assert webhooks == before[1]
    secret = demo.settings.secret
    assert secret is not None and [row["headers"] for row in webhooks] == [{HEADER: secret.get_secret_value()}]


def test_a_webhook_too_many_goes_and_a_foreign_one_stays(demo: Demo, project: int) -> None:
    demo.connect(project)
    label_studio = demo.label_studio
    [ours] = label_studio.webhooks(project)
    label_studio.create_webhook(project, ours["url"], send_payload=True, send_for_all_actions=True)
    foreign = label_studio.create_webhook(project, "http://127.0.0.1:9/other", send_for_all_actions=True)
    assert demo.connect(project).returncode == 0
    kept = {row["id"]: row for row in label_studio.webhooks(project)}
    assert set(kept) == {ours["id"], foreign["id"]}
    assert HEADER in kept[ours["id"]]["headers"]


def test_a_personal_access_token_connects_too(demo: Demo, project: int) -> None:
    import requests

    headers = {"Authorization": f"Token {demo.keepsake['token']}"}
    answer = requests.post(f"{demo.url}/api/token/", headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    token = answer.json()["token"]
    arguments = ["connect", "--url", demo.url, "--project", str(project), "--backend-url", demo.backend]
    try:
        outcome = demo.earmark(*arguments, EARMARK_LABEL_STUDIO_TOKEN=token)
        assert outcome.returncode == 0, outcome.stderr
        assert [row["state"] for row in demo.label_studio.backends(project)] == ["CO"]
    finally:
        demo.connect(project)  # the token the other tests use


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("0" * 40, "legacy token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.x", "personal access token that was revoked"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.x", "lasts five minutes"),
    ],
)
def test_a_refused_token_is_told_apart_by_its_shape(demo: Demo, project: int, token: str, sentence: str) -> None:
    arguments = ["connect", "--url", demo.url, "--project", str(project), "--backend-url", demo.backend]
    outcome = demo.earmark(*arguments, EARMARK_LABEL_STUDIO_TOKEN=token)
    assert outcome.returncode == 1
    assert sentence in outcome.stderr and token not in outcome.stderr and "Traceback" not in outcome.stderr
    assert demo.label_studio.backends(project) == []


def test_a_foreign_backend_in_first_place_is_named(demo: Demo, project: int) -> None:
    # Any backend will do for a foreign one: this is ours under an address that is not the project's.
    secret = demo.settings.secret
    assert secret is not None
    demo.label_studio.create_backend(
        project,
        demo.backend,
        title="Other",
        auth_method="BASIC_AUTH",
        basic_auth_user="earmark",
        basic_auth_pass=secret.get_secret_value(),
    )
    outcome = demo.connect(project)
    assert outcome.returncode == 0, outcome.stderr
    assert f'the backend "Other" at {demo.backend} stands first in project {project}' in outcome.stderr
    assert len(demo.label_studio.backends(project)) == 2


def test_an_unreachable_backend_leaves_nothing_behind(demo: Demo, project: int) -> None:
    arguments = ["connect", "--url", demo.url, "--project", str(project), "--backend-url", "http://127.0.0.1:9"]
    outcome = demo.earmark(*arguments, EARMARK_LABEL_STUDIO_TOKEN=demo.keepsake["token"])
    assert outcome.returncode == 1
    assert "cannot reach the backend at http://127.0.0.1:9/" in outcome.stderr
    assert demo.label_studio.backends(project) == demo.label_studio.webhooks(project) == []


def test_a_missing_project_is_one_sentence(demo: Demo) -> None:
    outcome = demo.connect(987654)
    assert outcome.returncode == 1
    assert "project 987654" in outcome.stderr and "Traceback" not in outcome.stderr


@pytest.fixture
def guarded(demo: Demo, project: int, tmp_path: Path) -> Iterator[tuple[LabelStudio, str]]:
    """A second Label Studio, with a copy of the demo's data, whose guard against private webhooks is on.

    And the address of a second backend, whose settings lie in `<tmp_path>/home`.
    """
    data = tmp_path / "label-studio"
    shutil.copytree(demo.home / "label-studio", data, ignore=shutil.ignore_patterns("*.sqlite3*", "media"))
    with (
        closing(sqlite3.connect(demo.home / "label-studio" / "label_studio.sqlite3")) as source,
        closing(sqlite3.connect(data / "label_studio.sqlite3")) as target,
    ):
        source.backup(target)
    port, backend = (ports.choose(0, "", "") for _ in range(2))
    other = studio.Studio(port, data, tmp_path / "videos", demo.keepsake["password"], demo.keepsake["token"])
    supervisor = Supervisor(tmp_path, print)
    try:
        environment = {**other.environment, "LABEL_STUDIO_SSRF_PROTECTION_ENABLED": "true"}
        supervisor.start("label-studio", other.command, environment)
        serve = [sys.executable, "-m", "earmark", "serve", "--port", str(backend)]
        supervisor.start("backend", serve, {**os.environ, "EARMARK_HOME": str(tmp_path / "home")})
        log = tmp_path / "logs" / "backend.log"
        supervisor.wait(lambda: str(backend) in log.read_text(), "the backend's start", 120)
        supervisor.wait(other.is_up, "Label Studio's start", studio.START_SECONDS)
        yield LabelStudio(other.url, other.token), f"http://127.0.0.1:{backend}"
    finally:
        supervisor.stop()


def test_a_backend_that_label_studio_half_saved_is_removed_again(
    demo: Demo, project: int, guarded: tuple[LabelStudio, str], tmp_path: Path
) -> None:
    label_studio, backend = guarded
    outcome = demo.earmark(
        "connect",
        *("--url", label_studio.url, "--project", str(project), "--backend-url", backend),
        EARMARK_LABEL_STUDIO_TOKEN=demo.keepsake["token"],
        EARMARK_HOME=str(tmp_path / "home"),
    )
    assert outcome.returncode == 1
    assert "ML_BLOCK_LOCAL_IP=false and SSRF_PROTECTION_ENABLED=false" in outcome.stderr
    assert label_studio.backends(project) == label_studio.webhooks(project) == []

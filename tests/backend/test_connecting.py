from typing import Any, cast

import pytest

from backend.connecting import HEADER, TITLE, ConnectingError, connect, project_url, token_trap
from backend.label_studio import LabelStudio, LabelStudioError

BACKEND = "http://127.0.0.1:9090"
OURS = project_url(BACKEND, 3)
PRIVATE = LabelStudioError("would not connect (403: URL resolves to a reserved network address)", 403)


class Shelf:
    """Label Studio's rows of backends and webhooks; it subscribes a webhook itself, and fails as it does."""

    url = "http://localhost:8080"

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, dict[str, Any]]] = {"backend": {}, "webhook": {}}
        self.refuses: set[str] = set()
        self.writes = 0

    def put(self, kind: str, **fields: Any) -> dict[str, Any]:
        self.writes += 1
        row = {"id": sum(map(len, self.rows.values())) + 1, "project": 3, **fields}
        self.rows[kind][row["id"]] = row
        return row

    def backends(self, project: int) -> list[dict[str, Any]]:
        return list(self.rows["backend"].values())

    def create_backend(self, project: int, url: str, **fields: Any) -> dict[str, Any]:
        if "half" in self.refuses:
            self.put("backend", url=url, state="CO", **fields)
        if self.refuses & {"backend", "half"}:
            raise PRIVATE
        self.put(
            "webhook", url=f"{url}/webhook", headers={}, is_active=True, send_payload=True, send_for_all_actions=True
        )
        return self.put("backend", url=url, state="CO", **fields)

    def update_backend(self, backend: int, **fields: Any) -> dict[str, Any]:
        # Less than all of them is answered with a 500 by the real one.
        assert {"project", "url", "title", "auth_method", "basic_auth_user", "basic_auth_pass"} <= set(fields)
        self.writes += 1
        self.rows["backend"][backend].update(fields, state="CO")
        return self.rows["backend"][backend]

    def delete_backend(self, backend: int) -> None:
        self.writes += 1
        del self.rows["backend"][backend]

    def webhooks(self, project: int) -> list[dict[str, Any]]:
        return [dict(row) for row in self.rows["webhook"].values()]

    def create_webhook(self, project: int, url: str, **fields: Any) -> dict[str, Any]:
        if "webhook" in self.refuses:
            raise PRIVATE
        return self.put("webhook", url=url, **fields)

    def update_webhook(self, webhook: int, **fields: Any) -> dict[str, Any]:
        self.writes += 1
        self.rows["webhook"][webhook].update(fields)
        return self.rows["webhook"][webhook]

    def delete_webhook(self, webhook: int) -> None:
        self.writes += 1
        del self.rows["webhook"][webhook]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def connecting(shelf: Shelf, *, backend: str = BACKEND, secret: str = "one") -> Any:
    return connect(cast(LabelStudio, shelf), 3, backend, secret)


def test_the_first_time_registers_and_the_second_changes_nothing(shelf: Shelf) -> None:
    first = connecting(shelf)
    assert (first.url, len(first.changes)) == (OURS, 2)
    [backend] = shelf.backends(3)
    assert (backend["auth_method"], backend["basic_auth_user"], backend["basic_auth_pass"]) == (
        "BASIC_AUTH",
        "earmark",
        "one",
    )
    [webhook] = shelf.webhooks(3)
    assert webhook["headers"] == {HEADER: "one"}
    writes = shelf.writes
    second = connecting(shelf)
    assert second.changes == second.warnings == ()
    assert (second.backend, second.webhook, shelf.writes) == (first.backend, first.webhook, writes)


def test_another_secret_reaches_backend_and_webhook(shelf: Shelf) -> None:
    connecting(shelf)
    assert len(connecting(shelf, secret="two").changes) == 2
    assert shelf.backends(3)[0]["basic_auth_pass"] == "two"
    assert shelf.webhooks(3)[0]["headers"] == {HEADER: "two"}


def test_another_address_of_the_backend_moves_what_is_there(shelf: Shelf) -> None:
    first = connecting(shelf)
    moved = connecting(shelf, backend="http://127.0.0.1:9999/prefix/")
    assert (moved.backend, moved.webhook) == (first.backend, first.webhook)
    assert [row["url"] for row in shelf.backends(3)] == ["http://127.0.0.1:9999/prefix/projects/3"]
    assert [row["url"] for row in shelf.webhooks(3)] == ["http://127.0.0.1:9999/prefix/projects/3/webhook"]


@pytest.mark.parametrize("state", ["ER", "DI"])
def test_a_backend_label_studio_cannot_use_is_brought_up_to_date(shelf: Shelf, state: str) -> None:
    connecting(shelf)
    shelf.backends(3)[0].update(state=state, basic_auth_pass="forgotten")
    assert connecting(shelf).changes == (f"brought the backend up to date: {OURS}",)
    assert shelf.backends(3)[0]["basic_auth_pass"] == "one"


def test_surplus_ones_of_ours_go_and_those_of_others_stay(shelf: Shelf) -> None:
    connecting(shelf)
    shelf.put("backend", url="http://127.0.0.1:1/projects/3", title=TITLE)
    shelf.put("webhook", url=f"{OURS}/webhook", headers={})
    shelf.put("webhook", url="http://127.0.0.1:1/projects/3/webhook", headers={HEADER: "old"})
    other = shelf.put("webhook", url="http://elsewhere/hook", headers={})
    connecting(shelf)
    assert [row["url"] for row in shelf.backends(3)] == [OURS]
    assert [row["url"] for row in shelf.webhooks(3)] == [f"{OURS}/webhook", other["url"]]


def test_a_foreign_backend_in_first_place_is_named_and_left(shelf: Shelf) -> None:
    foreign = shelf.put("backend", url="http://elsewhere:9090", title="Other", state="CO")
    [warning] = connecting(shelf).warnings
    assert 'the backend "Other" at http://elsewhere:9090 stands first in project 3' in warning
    assert foreign["id"] in shelf.rows["backend"]


@pytest.mark.parametrize("refuses", ["backend", "half"])
def test_a_refused_backend_leaves_nothing_and_names_both_switches(shelf: Shelf, refuses: str) -> None:
    shelf.refuses = {refuses}
    with pytest.raises(ConnectingError, match="ML_BLOCK_LOCAL_IP=false and SSRF_PROTECTION_ENABLED=false"):
        connecting(shelf)
    assert shelf.backends(3) == shelf.webhooks(3) == []


def test_a_half_saved_backend_of_an_earlier_time_is_undone_when_its_webhook_is_refused(shelf: Shelf) -> None:
    shelf.put("backend", url=OURS, title="by hand", state="CO")
    shelf.refuses = {"webhook"}
    with pytest.raises(ConnectingError, match="SSRF_PROTECTION_ENABLED=false"):
        connecting(shelf)
    assert shelf.backends(3) == []


def test_a_half_saved_backend_of_an_earlier_time_is_completed_when_it_can_be(shelf: Shelf) -> None:
    shelf.put("backend", url=OURS, title="by hand", state="CO")
    connecting(shelf)
    assert shelf.backends(3)[0]["basic_auth_pass"] == "one"
    assert [row["headers"] for row in shelf.webhooks(3)] == [{HEADER: "one"}]


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("0" * 40, "legacy token"),
        ("a.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.b", "personal access token that was revoked"),
        ("a.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.b", "lasts five minutes"),
        ("a.!.b", "legacy token"),
        ("a.W10.b", "legacy token"),
    ],
)
def test_what_is_wrong_with_a_token_is_told_by_its_shape(token: str, words: str) -> None:
    assert words in token_trap(token)

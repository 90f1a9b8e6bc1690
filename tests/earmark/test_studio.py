from pathlib import Path

import pytest

from earmark import ports
from earmark.studio import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(ports.choose(0, "", ""), tmp_path / "data", tmp_path / "videos", "pass word", "to ken")


def test_settings_of_another_label_studio_do_not_reach_it(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_BASE_DATA_DIR", "/somewhere/precious")
    monkeypatch.setenv("POSTGRE_HOST", "db.example.org")
    monkeypatch.setenv("DJANGO_DB", "default")
    environment = studio.environment
    assert environment["LABEL_STUDIO_BASE_DATA_DIR"] == str(studio.data)
    assert not {"POSTGRE_HOST", "DJANGO_DB"} & set(environment)
    assert "PATH" in environment


def test_both_guards_are_off_because_they_refuse_a_backend_on_this_machine(studio: Studio) -> None:
    guards = ("LABEL_STUDIO_ML_BLOCK_LOCAL_IP", "LABEL_STUDIO_SSRF_PROTECTION_ENABLED")
    assert [studio.environment[name] for name in guards] == ["false", "false"]


def test_login_and_token_are_in_no_command_line(studio: Studio) -> None:
    assert not {studio.password, studio.token} & set(studio.command)


def test_it_is_not_up_where_nothing_listens(studio: Studio) -> None:
    assert not studio.is_up()

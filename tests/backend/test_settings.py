"""Settings: read once, from the environment above the saved file; secrets stay private."""

import stat

import pytest

from backend import settings as module
from backend.settings import Settings, SettingsError, load, save_connection

URL, TOKEN = "http://localhost:8080", "legacy-token-of-forty-characters-0123456"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("EARMARK_") or name == "REDIS_URL"]:
        monkeypatch.delenv(name)


def test_defaults_work_without_anything(tmp_path):
    settings = load(tmp_path)
    assert (settings.port, settings.host, settings.redis_url, settings.secret) == (9090, "127.0.0.1", None, None)
    assert settings.projects == ()


def test_environment_is_read_and_wins_over_the_file(tmp_path, monkeypatch):
    save_connection(load(tmp_path), url=URL, token=TOKEN, project="p")
    monkeypatch.setenv("EARMARK_HOME", str(tmp_path))
    monkeypatch.setenv("EARMARK_PORT", "1234")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("EARMARK_ALLOWED_HOSTS", "a.example.com, b.example.com:9000")
    monkeypatch.setenv("EARMARK_LABEL_STUDIO_URL", "http://Other:80/")
    settings = load()
    assert settings.home == tmp_path
    assert settings.port == 1234
    assert settings.redis_url == "redis://elsewhere"
    assert settings.allowed_hosts == ("a.example.com", "b.example.com:9000")
    assert settings.label_studio_url == "http://other"
    assert settings.label_studio_token.get_secret_value() == TOKEN


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EARMARK_PORT", "many"),
        ("EARMARK_RETRAIN_AFTER", "0"),
        ("EARMARK_LABEL_STUDIO_URL", "localhost"),
        ("EARMARK_POLL_SECONDS", "-1"),
    ],
)
def test_wrong_variable_is_named(tmp_path, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load(tmp_path)


def test_connection_is_saved_privately_and_once(tmp_path):
    first = save_connection(load(tmp_path), url=URL + "/", token=TOKEN, project="p", aliases=("http://ls:8080/",))
    saved = tmp_path / "settings.json"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    before = saved.stat()
    second = save_connection(first, url=URL, token=TOKEN, project="p", aliases=("http://ls:8080",))
    assert second == first == load(tmp_path)
    assert (saved.stat().st_mtime_ns, saved.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert len(first.secret.get_secret_value()) >= 32
    assert first.label_studio_aliases == ("http://ls:8080",)


def test_projects_accumulate_on_one_server_only(tmp_path):
    settings = save_connection(load(tmp_path), url=URL, token=TOKEN, project="p")
    settings = save_connection(settings, url=URL, token="renewed", project="q")
    assert settings.projects == ("p", "q")
    assert settings.label_studio_token.get_secret_value() == "renewed"
    moved = save_connection(settings, url="http://elsewhere", token=TOKEN, project="r")
    assert moved.projects == ("r",)
    assert moved.secret == settings.secret


def test_secrets_are_never_printed(tmp_path):
    settings = save_connection(load(tmp_path), url=URL, token=TOKEN, project="p")
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert TOKEN not in shown
    assert settings.secret.get_secret_value() not in shown


def test_broken_file_is_named(tmp_path):
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(SettingsError, match=r"settings\.json"):
        load(tmp_path)
    with pytest.raises(SettingsError, match=r"settings\.json"):
        save_connection(Settings.model_construct(home=tmp_path), url=URL, token=TOKEN, project="p")


def test_refresh_takes_up_the_connection_and_keeps_the_rest(tmp_path):
    running = load(tmp_path).model_copy(update={"port": 4321})
    save_connection(load(tmp_path), url=URL, token=TOKEN, project="p")
    fresh = module.refresh(running)
    assert (fresh.port, fresh.label_studio_url, fresh.projects) == (4321, URL, ("p",))


def test_a_project_opts_in_to_having_one_field_written(tmp_path):
    first = save_connection(load(tmp_path), url=URL, token=TOKEN, project="p", similar="alike")
    assert first.similar == {"p": "alike"}
    # Connecting again, or another project, takes nothing back; another Label Studio starts anew.
    second = save_connection(first, url=URL, token=TOKEN, project="q")
    assert second.similar == load(tmp_path).similar == {"p": "alike"}
    assert save_connection(second, url="http://elsewhere:1", token=TOKEN, project="p").similar == {}

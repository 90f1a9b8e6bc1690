import json
from pathlib import Path

import pytest

from earmark import ports, studio
from earmark.demonstration import DemoError, Demonstration


def test_ports_login_and_token_are_kept_for_the_user_alone(tmp_path: Path) -> None:
    Demonstration(tmp_path, 0, 0)
    first = json.loads((tmp_path / "demo.json").read_text())
    Demonstration(tmp_path, 0, 0)
    assert json.loads((tmp_path / "demo.json").read_text()) == first
    assert {"port", "label_studio_port", "password", "token"} <= set(first)
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0


def test_a_damaged_keepsake_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(DemoError, match=r"demo\.json is damaged: move .* away"):
        Demonstration(tmp_path, 0, 0)


def test_without_label_studio_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "PYTHON", tmp_path / "missing" / "bin" / "python")
    demonstration = Demonstration(tmp_path, 0, 0)
    with pytest.raises(DemoError, match="run `make demo`"):
        demonstration.run()
    demonstration.stop()


def test_a_taken_port_is_refused_with_its_option(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        with pytest.raises(DemoError, match="--label-studio-port N"):
            Demonstration(tmp_path, 0, taken.getsockname()[1])

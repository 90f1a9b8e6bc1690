import socket

import pytest

from earmark import ports


def test_a_free_port_is_kept_and_zero_means_any() -> None:
    port = ports.choose(0, "--port", "the backend")
    assert ports.choose(port, "--port", "the backend") == port


def test_a_taken_port_names_its_option() -> None:
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ports.PortError, match=rf"port {port} for Label Studio is taken.*--label-studio-port N"):
            ports.choose(port, "--label-studio-port", "Label Studio")


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ports.PortError, match="is no port"):
        ports.choose(port, "--port", "the backend")


def test_the_environment_names_the_backends_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EARMARK_PORT", raising=False)
    assert ports.backend_port() == 9090
    monkeypatch.setenv("EARMARK_PORT", "9191")
    assert ports.backend_port() == 9191


def test_an_environment_that_names_no_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARMARK_PORT", "ninety")
    with pytest.raises(ports.PortError, match="EARMARK_PORT is 'ninety'"):
        ports.backend_port()

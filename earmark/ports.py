"""The TCP ports of the demo, checked before anything starts.

Standard library only: set-up uses it on a bare Python.
"""

from __future__ import annotations

import os
import socket

HOST = "127.0.0.1"
BACKEND_PORT = 9090
LABEL_STUDIO_PORT = 8080


class PortError(OSError):
    """One sentence: which port cannot be used, for what, and the option that chooses another."""


def backend_port() -> int:
    """The backend's port when no option names one: EARMARK_PORT, else 9090."""
    given = os.environ.get("EARMARK_PORT") or str(BACKEND_PORT)
    if not given.isdecimal():
        raise PortError(f"EARMARK_PORT is {given!r}, no port: set it to a number from 1 to 65535, or unset it")
    return int(given)


def is_free(port: int) -> bool:
    """Whether a server can listen on `port` of the loopback interface now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(port: int, option: str, purpose: str) -> int:
    """Return `port` if it is free, or any free one for 0; raise PortError otherwise."""
    if port == 0:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            return probe.getsockname()[1]
    if not 0 < port < 65536:
        raise PortError(f"{option} {port} is no port: choose 1 to 65535, or 0 for any free one")
    if not is_free(port):
        raise PortError(
            f"port {port} for {purpose} is taken by another program: stop it, "
            f"or choose another port with {option} N (0 for any free one)"
        )
    return port

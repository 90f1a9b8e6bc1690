"""`earmark serve`: the backend that Label Studio talks to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import socket

    from flask import Flask

    from backend.redis_server import EmbeddedRedis
    from backend.settings import Settings

THREADS = 32


def serve(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one. Default: EARMARK_PORT, else 9090."),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. Default: EARMARK_HOST, else 127.0.0.1.")
    ] = None,
) -> None:
    """Serve Label Studio (/health, /setup, /predict, /webhook) and the page. Ctrl-C stops it.

    Without REDIS_URL it starts the embedded Redis too, and stops it last. Boxes are drawn by `earmark worker`.
    Once it listens, its address is printed on stdout.
    """
    import logging

    from rich.console import Console

    from backend import settings as settings_module
    from backend.address import http, take_back
    from backend.left_behind import left_behind, todo
    from backend.redis_server import EmbeddedRedis, RedisError, connect
    from backend.settings import SettingsError
    from backend.versions import VersionError
    from earmark.child import launcher

    console = Console(stderr=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = settings_module.load()
        settings = settings.model_copy(
            update={"port": settings.port if port is None else port, "host": host or settings.host}
        )
        _seed(settings)
        if missed := left_behind(settings):
            logging.getLogger(__name__).warning("%s %s", missed, todo(settings))
        listener = _listen(settings)
        # Redis ends with this process even if that is killed: nothing else of this home needs it then.
        embedded = None if settings.redis_url else EmbeddedRedis(settings.home, launcher=launcher("TERM"))
        if embedded is not None:
            embedded.start()
        connect(settings)  # sends nothing, but refuses an address that is none
    except (SettingsError, VersionError, RedisError, OSError) as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from None
    address = http(*listener.getsockname()[:2])
    try:
        _run(settings, listener, address, embedded)
    finally:
        take_back(settings.home, address)
        if embedded is not None:
            embedded.stop()


def _seed(settings: "Settings") -> None:
    """Store the shipped version, found beside the package `model` without importing it."""
    import importlib.util
    from pathlib import Path

    from backend.versions import VersionError, VersionStore

    spec = importlib.util.find_spec("model")
    store = VersionStore(settings)
    try:
        store.seed(Path(str(spec.origin if spec else "")).parent / "weights")
    except VersionError as missing:
        try:
            store.base()  # no weights beside the package: those stored before serve on
        except VersionError:
            raise missing from None


def _listen(settings: "Settings") -> "socket.socket":
    """The listening socket, bound before anything else starts, so that a port in use is one sentence."""
    import socket

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"Port {settings.port} of {settings.host} cannot be listened on ({error.strerror}): "
            "stop what uses it, or choose another with --port."
        ) from None
    listener.set_inheritable(True)
    return listener


def _run(settings: "Settings", listener: "socket.socket", address: str, embedded: "EmbeddedRedis | None") -> None:
    """Serve until a signal ends it: gunicorn's master in this process, one worker process with 32 threads."""
    import logging

    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter

    from backend.address import leave

    descriptor = listener.detach()  # gunicorn's now, which closes it

    class Master(Arbiter):
        """Looks after the embedded Redis once a second, as it does after its worker."""

        def murder_workers(self) -> None:
            super().murder_workers()
            if embedded is not None and embedded.owner and embedded.start():
                self.log.warning("The embedded Redis had ended and was started again.")

    class Server(BaseApplication):
        def load_config(self) -> None:
            options = {
                "bind": f"fd://{descriptor}",
                "preload_app": True,
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "graceful_timeout": 5,
                "keepalive": 5,
                "loglevel": "warning",
                "proc_name": "earmark serve",
                "control_socket_disable": True,
                "when_ready": announce,
                "post_worker_init": begin,
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> "Flask":
            from backend.app import create_app

            return create_app(settings, threads=THREADS)

        def run(self) -> None:
            Master(self).run()

    def announce(_master: Any) -> None:
        leave(settings.home, address)
        print(address, flush=True)
        logging.getLogger(__name__).info("The page is at %s/; `earmark page` prints its user and password.", address)

    def begin(worker: Any) -> None:
        from backend.app import poll

        poll(worker.wsgi).start()

    Server().run()

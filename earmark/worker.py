"""`earmark worker`: the process that annotates and trains."""

from typing import TYPE_CHECKING, Annotated

import typer

from earmark.told import told

if TYPE_CHECKING:
    from backend.settings import Settings


def worker(
    queues: Annotated[
        str, typer.Option(help="Queues to take jobs from, the first of them first: interactive, annotate, train.")
    ] = "interactive,annotate,train",
    device: Annotated[str, typer.Option(help="Where the networks run: cpu, cuda or cuda:0, ...")] = "cpu",
) -> None:
    """Take jobs from the queues until Ctrl-C. Start as many as there are cores or cards to use.

    One process a job; a job whose worker is killed is taken up by another worker. Give trainings a worker of their
    own (`--queues train,annotate`), so that new tasks never wait for one.
    """
    import logging
    import os

    from redis.exceptions import RedisError
    from rich.console import Console

    from backend import redis_server
    from backend import settings as settings_module
    from backend.queues import ANNOTATE, INTERACTIVE, TRAIN
    from backend.settings import SettingsError

    console = Console(stderr=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    known = (INTERACTIVE, ANNOTATE, TRAIN)
    names = list(dict.fromkeys(name.strip() for name in queues.split(",") if name.strip()))
    wrong = [name for name in names if name not in known]
    with told():
        if wrong or not names:
            raise SettingsError(f"--queues {queues!r} names {wrong or 'no queue'}: choose from {', '.join(known)}.")
        settings = settings_module.load()
        _check_device(device)
        _seed(settings)
        redis = redis_server.connect(settings)
        redis.ping()

    from training_jobs.running import DEVICE
    from training_jobs.worker import JobWorker

    os.environ[DEVICE] = device
    _import_ahead()
    taking = JobWorker(names, redis)
    console.print(f"Worker {taking.name[:8]} takes {', '.join(names)}.", highlight=False)
    try:
        taking.work()
    except RedisError as error:
        # Asked to stop together with Redis, there is nothing left to tell it.
        if not taking.asked_to_stop:
            console.print(f"Redis went away ({error}).", style="red", markup=False, highlight=False)
    if not taking.asked_to_stop:
        raise typer.Exit(1)


def _check_device(device: str) -> None:
    """Raise SettingsError for what is no device here. Touches no card: the worker's children are to open it."""
    import torch

    from backend.settings import SettingsError

    try:
        kind = torch.device(device).type
    except RuntimeError:
        kind = ""
    if kind not in ("cpu", "cuda"):
        raise SettingsError(f"--device {device!r} is none: write cpu, cuda or cuda:0.")
    if kind == "cuda" and not torch.backends.cuda.is_built():
        raise SettingsError(f"--device {device!r}: the torch installed here is built for the CPU only.")


def _seed(settings: "Settings") -> None:
    """Store the shipped version, unless one is stored already and none is shipped; in a process of its own.

    The driver of an object store runs threads, which this process must not have when it forks its jobs.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
        process.submit(_seed_here, settings).result()


def _seed_here(settings: "Settings") -> None:
    from backend.versions import VersionError, VersionStore
    from model.checkpoints import SHIPPED

    store = VersionStore(settings)
    try:
        store.seed(SHIPPED)
    except VersionError:
        store.base()


def _import_ahead() -> None:
    """Import once what every job needs, so that its process, a fork of this one, starts at once."""
    import importlib.util

    for name in (
        "httpcore",  # which httpx would import at the first call
        "label_studio_sdk.client",
        "model.annotator",
        "training_jobs.annotating",
        "training_jobs.reconciling",
    ):
        importlib.import_module(name)
    # Four fifths of what LanceDB, which starts threads and so is left to the children, takes to import: over a second.
    if importlib.util.find_spec("lance_namespace"):  # older ones do without
        importlib.import_module("lance_namespace")

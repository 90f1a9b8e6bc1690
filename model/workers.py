"""Sharing work among processes that end with the one that started them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def available() -> int:
    """How many processes can run at once here: the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[..., Result], arguments: Sequence[tuple[Any, ...]], *, workers: int | None = None
) -> Generator[Result]:
    """Yield `work(*each)` for each of `arguments`, in their order, from `workers` processes; one works right here.

    Whatever `work` raises is raised here, and what has not begun never begins.

    Args:
        work: a function of a module, so that another process finds it.
        arguments: the positional arguments of each call.
        workers: by default as many as there are cores for this process.
    """
    workers = min(workers or available(), len(arguments))
    if workers <= 1:
        for each in arguments:
            yield work(*each)
        return
    # forkserver: a fork of a process that holds threads may hang, and a spawn imports everything once more.
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
        try:
            waiting = [pool.submit(work, *each) for each in arguments]
            for future in waiting:
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """End this process as soon as the one it works for is gone, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent sees to its workers
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent,), daemon=True).start()


def _wait_and_end(parent: Any) -> None:
    parent.join()
    os._exit(1)  # from a thread nothing else ends a process that is in the middle of its work

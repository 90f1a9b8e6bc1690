"""Health: what Earmark needs to work, looked at one by one, each with what to do where it fails."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from backend import jobs, workers
from backend.connecting import HEADER, UNUSABLE_STATES, project_url, token_trap
from backend.label_studio_look import Look, LookError
from backend.left_behind import left_behind, todo
from backend.projects import ProjectKey
from backend.settings import Settings
from backend.versions import VersionError, VersionStore

SECONDS = 20.0  # for all checks together; they run side by side
LEAST_DISK = 2 << 30  # bytes free

SWITCHES = "ML_BLOCK_LOCAL_IP=false and SSRF_PROTECTION_ENABLED=false"
CONNECT = "Run `earmark connect --url ADDRESS --project ID` with Label Studio's address and the project's number."


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool | None
    """None where it could not be looked at, or is neither good nor bad."""
    said: str
    """What was found, one sentence."""
    todo: str = ""
    """What to do about it, where it fails."""


def checks(settings: Settings, redis: Redis) -> list[Check]:
    """Look at everything, in at most SECONDS. Needs nothing to be there, and never shows a secret."""
    groups: list[tuple[str, Callable[[], list[Check]]]] = [
        ("Redis", lambda: [redis_answers(settings, redis)]),
        ("Label Studio", lambda: label_studio(settings)),
        ("Workers", lambda: [working(redis), queue_lengths(redis)]),
        ("Model", lambda: [model_version(settings), *left_in_home(settings)]),
        ("Disk", lambda: [disk(settings)]),
        ("GPU", lambda: [gpu()]),
        ("torchaudio", lambda: [torchaudio()]),
    ]
    return [check for group in _side_by_side(groups) for check in group]


def label_studio(settings: Settings) -> list[Check]:
    """The connection: address, token, and how each project stands there."""
    names = ("Label Studio", "Token", "Projects")
    if not settings.label_studio_url or settings.label_studio_token is None:
        later = [Check(name, None, "Waits for the connection.") for name in names[1:]]
        return [Check(names[0], False, "Earmark is not connected to a Label Studio yet.", CONNECT), *later]
    look, found = Look(settings), []
    try:
        look.health()
        found.append(Check(names[0], True, f"Answers at {look.url}."))
    except LookError as error:
        todo = (
            f"Start Label Studio, or see that this machine reaches {look.url}; if it has moved, run `earmark connect`."
        )
        later = [Check(name, None, "Waits for Label Studio.") for name in names[1:]]
        return [Check(names[0], False, str(error), todo), *later]
    try:
        found.append(Check(names[1], True, f"Valid: it is {look.whoami()}'s."))
    except LookError as error:
        found.append(_bad_token(settings, error))
        return [*found, Check(names[2], None, "Waits for a token that is accepted.")]
    if not settings.projects:
        return [*found, Check(names[2], False, "No project is connected.", CONNECT)]
    for key in settings.projects:
        found += project(settings, look, ProjectKey.parse(key, look.url))
    return found


def project(settings: Settings, look: Look, key: ProjectKey) -> list[Check]:
    """Whether a project is the one that was connected, and has our backend and our webhook."""
    name, again = f"Project {key.id}", f"Run `earmark connect --url {look.url} --project {key.id}` again."
    try:
        row = look.project(key.id)
        if ProjectKey.of_row(key.address, row) != key:
            return [Check(name, False, "It was deleted, and its number is another project's now.", again)]
        backends, webhooks = look.backends(key.id), look.webhooks(key.id)
    except LookError as error:
        todo = "Connect a project that is there." if error.status == 404 else "See Label Studio's log, and its load."
        return [Check(name, False, f"{name} is not there any more." if error.status == 404 else str(error), todo)]
    except ValueError as error:
        return [Check(name, False, str(error), again)]
    path = urlsplit(project_url("", key.id)).path
    ours = [backend for backend in backends if str(backend.get("url", "")).rstrip("/").endswith(path)]
    if not ours:
        todo = f"{again} If Label Studio refuses a private address, start it with both {SWITCHES}."
        return [Check(name, False, "Earmark is not among its ML backends.", todo)]
    url = str(ours[0]["url"]).rstrip("/")
    return [_backend(name, ours[0], backends[0], url), _webhook(settings, name, webhooks, url, again)]


def redis_answers(settings: Settings, redis: Redis) -> Check:
    """Whether Redis answers, and keeps what it holds."""
    where = "The embedded Redis" if settings.redis_url is None else f"Redis at {_host(settings.redis_url)}"
    try:
        found = redis.info("server")
        persistent = redis.info("persistence").get("aof_enabled")
    except RedisError:
        todo = (
            "Start `earmark serve`, which starts it." if settings.redis_url is None else "Start it, or mend REDIS_URL."
        )
        return Check("Redis", False, f"{where} does not answer.", todo)
    kept = "" if persistent else " Without appendonly, a restart forgets queued work; the poll finds it again."
    return Check("Redis", True, f"{where} answers (version {found.get('redis_version')}).{kept}")


def working(redis: Redis) -> Check:
    """Whether somebody takes jobs from every queue."""
    try:
        living = workers.alive(redis)
    except RedisError:
        return Check("Workers", None, "Cannot be counted without Redis.")
    taken = {queue for worker in living for queue in worker.queues}
    idle = [queue for queue in jobs.QUEUES if queue not in taken]
    told = f"{len(living)} alive, {sum(worker.busy for worker in living)} at work"
    if not idle:
        return Check("Workers", True, f"{told}.")
    names = ",".join(idle)
    said = f"{told}; nobody takes jobs from {', '.join(idle)}." if living else "None is alive, so nothing is annotated."
    return Check("Workers", False, said, f"Start `earmark worker --queues {names}`, and keep it running.")


def queue_lengths(redis: Redis) -> Check:
    """How much is waiting. Many are no fault: workers get to them."""
    try:
        lengths = {q: jobs.waiting(redis, q) for q in jobs.QUEUES}
    except RedisError:
        return Check("Queues", None, "Cannot be counted without Redis.")
    return Check("Queues", True, ", ".join(f"{number} {queue}" for queue, number in lengths.items()) + " waiting.")


def model_version(settings: Settings) -> Check:
    """Whether every project has a version that predicts."""
    store = VersionStore(settings)
    try:
        found = [store.path(store.current(key)).name for key in settings.projects] or [store.path(store.base()).name]
    except VersionError as error:
        todo = (
            "Start `earmark serve` once: it stores the version that Earmark came with. Put back any other by `earmark "
            "versions import`, or let another serve by `earmark versions promote`."
        )
        return Check("Model", False, str(error), todo)
    return Check("Model", True, f"Predicting: {', '.join(dict.fromkeys(found))}.")


def left_in_home(settings: Settings) -> list[Check]:
    """Versions that are not where all workers look for them; nothing where there are none."""
    try:
        missed = left_behind(settings)
    except VersionError:  # which `model_version` tells
        return []
    return [Check("Versions", False, missed, todo(settings))] if missed else []


def disk(settings: Settings) -> Check:
    """Whether there is room for videos, clips and versions."""
    folder = settings.home.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:,.1f} GiB free in {folder}."
    todo = f"Make room, move EARMARK_HOME, or lower EARMARK_MEDIA_CACHE_BYTES: media are kept in {settings.home}/media."
    return Check("Disk", free >= LEAST_DISK, said, "" if free >= LEAST_DISK else todo)


def gpu() -> Check:
    """What NVIDIA's driver tells of this machine; workers elsewhere have cards of their own."""
    if (binary := shutil.which("nvidia-smi")) is None:
        return Check("GPU", None, "None on this machine: the networks run on the CPU.")
    command = [binary, "--query-gpu=name,memory.used,memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return Check(
            "GPU", False, "nvidia-smi is there and does not answer.", "See the driver, or run workers on the CPU."
        )
    cards = [[part.strip() for part in line.split(",")] for line in answer.splitlines() if line.count(",") == 2]
    said = "; ".join(f"{name}, {_gib(used)} of {_gib(total)} GiB in use" for name, used, total in cards) + "."
    if _version("torch").endswith("+cpu"):
        todo = "Install the CUDA build of torch, then start workers with --device cuda."
        return Check("GPU", False, f"{said} The torch installed here is built for the CPU.", todo)
    return Check("GPU", True, said)


def torchaudio() -> Check:
    """Whether torchaudio can be imported here: PyPI's brings CUDA libraries that fail to load beside a CPU torch."""
    torch, version = _version("torch"), _version("torchaudio")
    spec = importlib.util.find_spec("torchaudio") if version else None
    if spec is None or spec.origin is None:
        return Check("torchaudio", None, "Not installed here: this machine can serve, not annotate.")
    libraries = list((Path(spec.origin).parent / "lib").glob("*.so"))
    if torch.endswith("+cpu") and not version.endswith("+cpu") and libraries:
        todo = f"Run `make setup`, or remove {libraries[0].parent}/*.so, which nothing here needs."
        return Check("torchaudio", False, f"torchaudio {version} has CUDA libraries beside torch {torch}.", todo)
    return Check("torchaudio", True, f"torchaudio {version} beside torch {torch}.")


def _bad_token(settings: Settings, error: LookError) -> Check:
    if error.status != 401 or settings.label_studio_token is None:
        return Check("Token", False, str(error), "See Label Studio's log.")
    trap = token_trap(settings.label_studio_token.get_secret_value())
    todo = f"{trap[0].upper()}{trap[1:]}; then run `earmark connect` with it."
    return Check("Token", False, "Label Studio does not accept the token.", todo)


def _backend(name: str, ours: dict[str, object], first: dict[str, object], url: str) -> Check:
    if ours.get("state") in UNUSABLE_STATES:
        why = " ".join(str(ours.get("error_message") or "").split())[:160]
        said = f"Label Studio cannot use the backend at {url}" + (f" ({why})." if why else ".")
        todo = (
            f"Start `earmark serve`. If it runs, Label Studio's machine does not reach {url}: connect again with "
            "--backend-url naming an address that it does."
        )
        return Check(name, False, said, todo)
    if first.get("id") != ours.get("id"):
        said = "Another ML backend stands first, and Label Studio asks only the first; predictions are still pushed."
        return Check(name, None, said, "To have Earmark asked as well, delete the other one under Settings, Model.")
    return Check(name, True, f"Label Studio reaches the backend at {url}.")


def _webhook(settings: Settings, name: str, webhooks: Sequence[dict[str, object]], url: str, again: str) -> Check:
    secret = settings.secret.get_secret_value() if settings.secret else None
    ours = [hook for hook in webhooks if str(hook.get("url", "")).rstrip("/") == f"{url}/webhook"]
    name = f"{name}, webhook"
    if not ours:
        said = "There is no webhook, so imports and Start Training go unnoticed until the next poll."
        return Check(name, False, said, f"{again} Should Label Studio refuse it, start it with both {SWITCHES}.")
    headers = ours[0].get("headers")
    shown = headers.get(HEADER) if isinstance(headers, dict) else None
    if not ours[0].get("is_active", True) or shown != secret:
        return Check(name, False, "The webhook is switched off or does not show today's secret.", again)
    return Check(name, True, "It is there and shows the secret.")


def _side_by_side(groups: Sequence[tuple[str, Callable[[], list[Check]]]]) -> list[list[Check]]:
    """What each group found; one that is not done in SECONDS, or broke, says so."""
    found: dict[str, list[Check]] = {}

    def run(name: str, look: Callable[[], list[Check]]) -> None:
        try:
            found[name] = look()
        except Exception as error:
            found[name] = [Check(name, False, f"Could not be looked at ({type(error).__name__}).", "See the log.")]

    # Daemons: one that hangs on a name server keeps nobody.
    threads = [threading.Thread(target=run, args=group, daemon=True) for group in groups]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = "Takes too long to answer."
    return [found.get(name) or [Check(name, False, late, "See whether it is overloaded.")] for name, _ in groups]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _host(url: str) -> str:
    """An address without user and password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path


def _gib(mebibytes: str) -> str:
    return f"{float(mebibytes) / 1024:.1f}" if mebibytes.replace(".", "").isdigit() else "?"

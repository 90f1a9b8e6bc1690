"""A project that has been lived in: versions, trainings, tasks, samples and history as months of work leave them."""

import io
import json
import shutil
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from redis import Redis

from backend import history, samples, summary, trainings
from backend.history import Entry
from backend.identity import PredictionIdentity
from backend.samples import Sample
from backend.settings import Settings
from backend.summary import Acceptance, Summary
from backend.tasks import TaskStates
from backend.trainings import Status
from backend.versions import VersionStore, version_of

HOUR, DAY = 3600.0, 86400.0
FAILURES = {
    7: "/data/upload/1/0b61f2d0-market.mp4 cannot be fetched: its host answered 404; is it still there?",
    23: "harbour-crane.mov: nothing in it can be decoded; convert it to H.264/AAC mp4 and try again.",
    31: "Media are not fetched from cdn.example.net: it is neither Label Studio's host nor named in "
    "EARMARK_ALLOWED_HOSTS.",
}
# Parent's and own correspondence on the same held-out videos, and whether the gate let it pass.
MADE = ((0.812, 0.838, True), (0.838, 0.847, True), (0.847, 0.803, False), (0.847, 0.871, True), (0.871, 0.889, True))


def furnish(settings: Settings, redis: Redis, key: str, weights: Path, *, tasks: int = 212) -> list[str]:
    """Fill project `key`; the names of its versions, the current one last. `weights` become the base."""
    versions = add_versions(settings, key, weights)
    fill_redis(redis, key, versions, tasks)
    return versions


def fill_redis(redis: Redis, key: str, versions: list[str], tasks: int) -> None:
    """What months leave in Redis."""
    count_tasks(redis, key, versions[-1], tasks)
    keep_summary(redis, key, versions)
    write_history(redis, key, versions)
    end_trainings(redis, key, versions)
    run_training(redis, key)


def add_versions(settings: Settings, key: str, weights: Path) -> list[str]:
    """The base and one version for each of MADE; those that passed were promoted in turn."""
    store, now = VersionStore(settings), time.time()
    names = [store.seed(weights)]
    for number, (before, after, passed) in enumerate(MADE):
        folder = settings.home / "made" / str(number)
        folder.mkdir(parents=True)
        for name in ("avol.safetensors", "ave.safetensors"):
            shutil.copyfile(weights / name, folder / name)
        with (folder / "ave.safetensors").open("ab") as file:
            file.write(bytes([number + 1]))  # another content, another version
        word = "not lower" if passed else "lower"
        card = {
            "version": version_of(folder),
            "project": key,
            "parent": names[-1],
            "created": now - (len(MADE) - number) * 6 * DAY,
            "metrics": {"avc": after, "avc_of_parent": before},
            "state": "candidate" if passed else "refused",
            "reason": f"Correspondence is {word} than the current version's: {after:.3f} against {before:.3f} on 2048 "
            "pairs of 43 held-out videos" + ("." if passed else ", so it does not serve."),
        }
        (folder / "card.json").write_text(json.dumps(card))
        stored = store.add(folder)
        if passed:
            store.promote(key, stored)
            names.append(stored)
    return names


def count_tasks(redis: Redis, key: str, version: str, tasks: int) -> None:
    """So many tasks, some in every state."""
    states = TaskStates(redis, key)

    def named(task: int) -> PredictionIdentity:
        return PredictionIdentity(task, f"media {task}", "config", version)

    for task in range(1, tasks + 1):
        if task in FAILURES:
            states.failed(named(task), FAILURES[task])
        elif task > tasks - 16:
            states.queued([named(task)], "annotate-1")
        elif task > tasks - 20:
            states.processing(named(task), "annotate-1")
        else:
            states.done(named(task), {"result": []}, "silent throughout" if task % 21 == 0 else None)


def keep_summary(redis: Redis, key: str, versions: list[str]) -> None:
    """What people made of the versions that served."""
    made = [
        (31, 11, 0.21, 0.53, 0.61),
        (44, 21, 0.34, 0.62, 0.68),
        (57, 34, 0.47, 0.71, 0.74),
        (22, 16, 0.52, 0.87, 0.79),
    ]
    accepted = [
        Acceptance(version, annotations, unchanged, unchanged / annotations, low, high, iou)
        for version, (annotations, unchanged, low, high, iou) in zip(versions[1:], made, strict=False)
    ]
    summary.keep(redis, key, Summary("Street sounds", 212, 154, accepted, time.time() - 12))


def write_history(redis: Redis, key: str, versions: list[str]) -> None:
    """The last lines, the oldest first."""
    now = time.time()
    lines = [
        (5 * DAY, "earmark versions promote", f"{versions[-1]} serves now."),
        (
            3 * DAY,
            "START_TRAINING",
            "ignored: Nothing new to learn from: 3 of the 20 new imports that start a training.",
        ),
        (26 * HOUR, "PROJECT_UPDATED", "ignored: The labelling config means what it did before."),
        (5 * HOUR, "imports found by the poll", "18 of the 20 new imports that start a training."),
        (
            2 * HOUR,
            "TASKS_CREATED",
            "queued: 24 tasks queued for annotation in 2 jobs. Training queued: 42 new imports.",
        ),
        (90.0, "reconcile", "Of 212 tasks: 2 delivered, 1 outdated."),
    ]
    for ago, event, outcome in lines:
        redis.lpush(f"earmark:{key}:history", json.dumps(asdict(Entry(now - ago, event, outcome))))
    assert len(history.read(redis, key)) == len(lines)


def end_trainings(redis: Redis, key: str, versions: list[str]) -> None:
    """Those that ended, the newest first in the list."""
    now, job = time.time(), f"retrain-{key}"
    told = [
        (
            "Start Training was pressed.",
            18,
            402,
            "earmark-5d07c1be92f4 is kept but not served. Correspondence is lower.",
        ),
        (
            "20 new imports since the last training.",
            12,
            655,
            f"{versions[-2]} was promoted. 168 of 168 tasks carry it.",
        ),
        ("Every Sunday at 3:00.", 6, 718, f"{versions[-1]} was promoted. 171 of 171 tasks carry it."),
    ]
    ended = [
        Status(job, trigger, now - days * DAY, outcome=outcome, succeeded=True, updated=now - days * DAY + seconds)
        for trigger, days, seconds, outcome in told
    ]
    for status in ended:
        redis.lpush(f"earmark:{key}:trainings", json.dumps(asdict(status)))


def run_training(redis: Redis, key: str) -> Status:
    """One that is at its fourth step."""
    now = time.time()
    status = Status(
        f"retrain-{key}", "42 new imports since the last training.", now - 215, step="train", done=0.41, total=1,
        seconds_left=142, detail="avol: step 830 of 2025, loss 0.412", updated=now, training="t1", since=now - 98,
        spent={"collect": 2.1, "fetch": 46.0, "decode": 69.4},
    )  # fmt: skip
    redis.hset(f"earmark:{key}:training", mapping={name: json.dumps(value) for name, value in asdict(status).items()})
    assert trainings.read(redis, key) == status
    return status


def put_samples(settings: Settings, key: str, version: str, pictures: list[bytes] | None = None) -> None:
    """Some samples of the version; plain ones unless pictures are given."""
    found = pictures or [_plain(shade) for shade in (40, 90, 140)]
    size = Image.open(io.BytesIO(found[0])).size
    samples.keep(
        settings.open_storage(), key, version,
        [(Sample(7 + 31 * n, 1.4 + n, *size, 1, 0.91 - n / 20, ""), jpeg) for n, jpeg in enumerate(found)],
    )  # fmt: skip


def beat(redis: Redis, *workers: str) -> None:
    """Workers, by the queues each takes from, as rq keeps them."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for number, queues in enumerate(workers):
        redis.sadd("rq:workers", f"rq:worker:w{number}")
        redis.hset(
            f"rq:worker:w{number}",
            mapping={"queues": queues, "last_heartbeat": at, "state": "idle", "hostname": "here"},
        )


def _plain(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (160, 120), (shade, 60, 90)).save(buffer, "JPEG")
    return buffer.getvalue()

"""Feedback: what was predicted where people submitted annotations, kept for good beside what they made of it.

Label Studio keeps the annotation but not what it was made from: predictions are rewritten when suggestions change and
deleted when a new version comes, and with a deleted prediction the annotation's link to it goes too. So what was
predicted is kept here, in `<home>/feedback/<project>.sqlite`: Redis may be lost, and the figures of earlier versions
could not be had again. It is a database that several processes write a row at a time, which an object store cannot
hold: with EARMARK_STORAGE in one, each machine keeps what its own jobs saw, and only a home that all of them mount
keeps all of it in one place.
"""

import contextlib
import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from label_config import LabelConfig
from label_config.regions import read_regions
from training_jobs.comparison import Comparison, VersionReport, compare, summarise
from training_jobs.project import Row, own_predictions

WAIT = 30.0  # seconds a writer waits for another
EARLIER = 3  # contents a task's prediction had before that are kept: an editor may be open on any of them
EARLIER_KEPT = 14 * 24 * 3600.0  # seconds they are kept: no editor stays open longer

_TABLES = """
CREATE TABLE IF NOT EXISTS submitted (
    name TEXT PRIMARY KEY, task TEXT NOT NULL, made TEXT NOT NULL, updated TEXT NOT NULL, version TEXT NOT NULL,
    score REAL, predicted BLOB NOT NULL, comparison TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS earlier (
    task TEXT NOT NULL, prediction INTEGER NOT NULL, version TEXT NOT NULL, score REAL, result BLOB NOT NULL,
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS earlier_by_task ON earlier (task);
"""


@dataclass(frozen=True)
class Submitted:
    """One annotation that was made from a prediction of ours.

    Attributes:
        task: Label Studio's task id.
        made: when it was submitted, in ISO 8601 as Label Studio writes it.
        version: the model version that predicted.
        score: the prediction's, 0..1; None where it had none.
        comparison: what was made of it.
    """

    task: int
    made: str
    version: str
    score: float | None
    comparison: Comparison


@dataclass(frozen=True)
class _Predicted:
    """One content a prediction has or had."""

    prediction: int
    version: str
    score: float | None
    result: list[Row]


class Feedback:
    """One project's feedback. Files only, so that neither Redis nor Label Studio is needed to read it."""

    def __init__(self, home: Path, project: str) -> None:
        """Nothing is created before the first write.

        Args:
            home: of the settings.
            project: a project key's string.
        """
        self.path = home / "feedback" / f"{project}.sqlite"

    def before_change(self, task: Mapping[str, Any], predictions: Iterable[Row]) -> None:
        """Keep what predictions say now, since they are about to be rewritten or deleted.

        Somebody may have the task open and submit what they see.

        Args:
            task: the task's row.
            predictions: rows of its predictions.
        """
        rows = [
            (_name(task), row["id"], row["model_version"], row.get("score"), _packed(row.get("result") or []))
            for row in predictions
        ]
        if not rows:
            return
        with self._open() as database:
            now = time.time()
            database.executemany("INSERT INTO earlier VALUES (?, ?, ?, ?, ?, ?)", [(*row, now) for row in rows])
            database.execute(
                "DELETE FROM earlier WHERE task = ? AND rowid NOT IN "
                "(SELECT rowid FROM earlier WHERE task = ? ORDER BY rowid DESC LIMIT ?)",
                (_name(task), _name(task), EARLIER),
            )
            database.execute("DELETE FROM earlier WHERE at < ?", (now - EARLIER_KEPT,))

    def update(self, tasks: Sequence[Row], config: LabelConfig) -> int:
        """Compare what was submitted or changed since the last look.

        An annotation that was deleted or turned into a skip counts no longer; one whose whole task is gone does: the
        figures of a version outlive the tasks they were made on.

        Args:
            tasks: every task of the project, with annotations and predictions.
            config: its labelling config.

        Returns:
            How many annotations were compared.
        """
        if not self.path.exists() and not any(_annotations(task) for task in tasks):
            return 0
        with self._open() as database:
            known = dict(database.execute("SELECT name, updated FROM submitted"))
            count, seen = 0, set()
            for task in tasks:
                for annotation in _annotations(task):
                    name = f"{_name(task)} {annotation['id']} {annotation.get('created_at')}"
                    seen.add(name)
                    if known.get(name) != str(annotation.get("updated_at")):
                        count += self._compare(database, task, annotation, name, config)
            here = {_name(task) for task in tasks}
            gone = [
                (name,)
                for name, task in database.execute("SELECT name, task FROM submitted")
                if task in here and name not in seen
            ]
            database.executemany("DELETE FROM submitted WHERE name = ?", gone)
        return count

    def submitted(self) -> list[Submitted]:
        """Every annotation made from a prediction, oldest first."""
        if not self.path.exists():
            return []
        with self._open() as database:
            rows = database.execute("SELECT task, made, version, score, comparison FROM submitted ORDER BY made")
            return [
                Submitted(int(task.split()[0]), made, version, score, Comparison(**json.loads(comparison)))
                for task, made, version, score, comparison in rows
            ]

    def report(self) -> list[VersionReport]:
        """What people made of each version's predictions, the version first submitted from first."""
        by_version: dict[str, list[Comparison]] = {}
        for one in self.submitted():
            by_version.setdefault(one.version, []).append(one.comparison)
        return summarise(by_version)

    def _compare(
        self, database: sqlite3.Connection, task: Row, annotation: Row, name: str, config: LabelConfig
    ) -> bool:
        kept = database.execute("SELECT version, score, predicted FROM submitted WHERE name = ?", (name,)).fetchone()
        if kept is not None:
            version, score, result = kept[0], kept[1], _unpacked(kept[2])
        else:
            origin = _origin(annotation, self._contents(database, task))
            if origin is None:
                return False
            version, score, result = origin.version, origin.score, origin.result
        rate = config.for_task(task.get("data") or {}).frame_rate()
        comparison = compare(read_regions(result, rate), read_regions(annotation.get("result") or [], rate))
        database.execute(
            "REPLACE INTO submitted VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                name,
                _name(task),
                str(annotation.get("created_at")),
                str(annotation.get("updated_at")),
                version,
                score,
                _packed(result),
                json.dumps(asdict(comparison)),
            ),
        )
        return True

    def _contents(self, database: sqlite3.Connection, task: Row) -> list[_Predicted]:
        """All that predictions of the task are known to have said, the newest last."""
        rows = database.execute(
            "SELECT prediction, version, score, result FROM earlier WHERE task = ? ORDER BY rowid", (_name(task),)
        )
        earlier = [_Predicted(number, version, score, _unpacked(result)) for number, version, score, result in rows]
        now = [
            _Predicted(row["id"], row["model_version"], row.get("score"), row.get("result") or [])
            for row in own_predictions(task)
        ]
        return earlier + now

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self.path, timeout=WAIT)) as database, database:
            database.executescript(_TABLES)
            database.execute("BEGIN IMMEDIATE")
            yield database


def _origin(annotation: Row, contents: Sequence[_Predicted]) -> _Predicted | None:
    """What an annotation was made from: of what its prediction ever said, that which shares most regions with it.

    Where the prediction is gone, and Label Studio's link to it too, the regions that came from one tell it alone.
    """
    result = annotation.get("result") or []
    regions = {item.get("id") for item in result if str(item.get("origin", "")).startswith("prediction")}
    parent = annotation.get("parent_prediction")
    linked = [one for one in contents if one.prediction == parent] if parent is not None else []

    def shared(one: _Predicted) -> int:
        return len(regions & {item.get("id") for item in one.result})

    best: _Predicted | None = None
    for one in linked or contents:
        if best is None or shared(one) >= shared(best):
            best = one
    if best is None or not (linked or shared(best)):
        return None
    return best


def _annotations(task: Row) -> list[Row]:
    return [row for row in task.get("annotations") or [] if not row.get("was_cancelled")]


def _name(task: Mapping[str, Any]) -> str:
    """A task by id and creation time: ids of deleted tasks are used again."""
    return f"{task['id']} {task.get('created_at')}"


def _packed(result: Sequence[Row]) -> bytes:
    return zlib.compress(json.dumps(result).encode())


def _unpacked(packed: bytes) -> list[Row]:
    return json.loads(zlib.decompress(packed))

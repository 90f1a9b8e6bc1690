"""The clip index: embeddings of a project's clips, of the regions in them and of their moments.

They live in LanceDB, embedded, in a folder the caller names: one table each for clips, regions and moments.
LanceDB runs threads of its own, which a fork does not copy: a `ClipIndex` therefore imports and opens it at its
first use, and a process that will fork must not use one before.
"""

import os
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from model.clip_tables import (
    CLIPS,
    KEYS,
    MOMENTS,
    REGIONS,
    condition,
    joined,
    matrix,
    open_table,
    schema_of,
    task_key,
    text_key,
    unit,
)
from model.moment import DIMENSION, Moment

COMPACT_EVERY = 100  # commits: each adds a fragment, and a search opens every fragment
INDEX_FROM = 10_000  # rows: below this a scan of the task column is as quick as its index


class IndexedClip(NamedTuple):
    """What is kept of a clip.

    Attributes:
        task: the Label Studio task it belongs to.
        media: hash of the media file the embeddings were made from.
        image: (128,) float32 of length 1; zeros without a picture.
        sound: (128,) float32 of length 1; zeros without sound.
        document: the text that was kept with it.
    """

    task: int
    media: str
    image: np.ndarray
    sound: np.ndarray
    document: str


class Hit(NamedTuple):
    """A moment near the one asked about.

    Attributes:
        task: the Label Studio task.
        time: seconds from the beginning of its clip.
        similarity: cosine of the two embeddings, -1..1.
    """

    task: int
    time: float
    similarity: float


class ClipIndex:
    """Embeddings by (project, task, model version), searched exactly.

    Several processes may read and write one index at once; each sees what the others have committed. A row of
    clips and of regions holds two unit embeddings end to end, so that one scalar product compares either, or both.
    """

    def __init__(self, path: Path | str) -> None:
        """Name the folder of the index, or an address that LanceDB opens; nothing is opened before the first use."""
        self._path = str(path)
        self._opened: dict[str, Any] = {}
        self._process = 0

    def add(
        self,
        project: str,
        task: int,
        media: str,
        version: str,
        image: np.ndarray,
        sound: np.ndarray,
        *,
        regions: np.ndarray | None = None,
        moments: Sequence[Moment] = (),
        document: str = "",
    ) -> None:
        """Store a clip's embeddings, replacing those of the same project, task and version.

        Args:
            project: key of the project.
            task: Label Studio's task id.
            media: hash of the media file the embeddings were made from.
            version: model version that made them; embeddings of two versions are never compared.
            image: (128,) embedding of the frames; zeros for a clip without a picture.
            sound: (128,) embedding of the sound; zeros for a clip without sound. A clip that has neither is kept,
                and is near to nothing.
            regions: (tracks, 2, 128), what is seen under each track's box and what is heard while it sounds.
            moments: of the clip, by time.
            document: what else the caller wants to keep with the clip.

        Raises:
            ValueError: an embedding has another shape or is not finite; a key is no printable text.
        """
        key = {"project": text_key(project, "project"), "task": task_key(task), "version": text_key(version, "version")}
        media = text_key(media, "media")
        both = np.zeros((0, 2, DIMENSION), np.float32) if regions is None else np.asarray(regions)
        clip = key | {"media": media, "embedding": joined(image, sound), "document": document}
        tracks = [key | {"track": track, "embedding": joined(*pair)} for track, pair in enumerate(both)]
        kept = [
            key | {"time": float(m.time), "image": unit(m.image, "image"), "sound": unit(m.sound, "sound")}
            for m in moments
        ]
        # The clip last: who finds it there finds all of it.
        self._replace(REGIONS, project, task, version, tracks)
        self._replace(MOMENTS, project, task, version, kept)
        self._replace(CLIPS, project, task, version, [clip])

    def delete(
        self, project: str, *, tasks: Collection[int] | None = None, version: str | None = None, but: str | None = None
    ) -> None:
        """Delete a project's clips: all of them, or those of the given tasks, or version, or both.

        `but` keeps those of that version.
        """
        if tasks is not None and not tasks:
            return
        where = condition(project, version=version, tasks=tasks, but=but)
        for name in (CLIPS, REGIONS, MOMENTS):
            self._table(name).delete(where)

    def tasks(self, project: str, version: str) -> dict[int, str]:
        """The media hash by task, of the project's tasks with embeddings of this version."""
        found = self._rows(CLIPS, ["task", "media"], project, version)
        return dict(zip(found["task"].to_pylist(), found["media"].to_pylist(), strict=True))

    def versions(self, project: str) -> set[str]:
        """Model versions that the project has embeddings of."""
        found = self._table(CLIPS).search().where(condition(project)).select(["version"]).to_arrow()
        return set(found["version"].to_pylist())

    def clips(self, project: str, version: str, tasks: Collection[int] | None = None) -> dict[int, IndexedClip]:
        """The project's clips of this version, or those of the given tasks, by task in rising order."""
        if tasks is not None and not tasks:
            return {}
        found = self._rows(CLIPS, ["task", "media", "embedding", "document"], project, version, tasks)
        vectors = matrix(found["embedding"], 2 * DIMENSION)
        columns = (found[name].to_pylist() for name in ("task", "media", "document"))
        rows = sorted(zip(*columns, vectors, strict=True), key=lambda row: row[0])
        return {t: IndexedClip(t, media, both[:DIMENSION], both[DIMENSION:], text) for t, media, text, both in rows}

    def regions(self, project: str, version: str) -> tuple[list[tuple[int, int]], np.ndarray]:
        """Every region of the project: (task, track) of each, in rising order, and (n, 2, 128) float32."""
        found = self._rows(REGIONS, ["task", "track", "embedding"], project, version)
        names = list(zip(found["task"].to_pylist(), found["track"].to_pylist(), strict=True))
        order = sorted({name: row for row, name in enumerate(names)}.items())
        vectors = matrix(found["embedding"], 2 * DIMENSION)[[row for _, row in order]]
        return [name for name, _ in order], vectors.reshape(-1, 2, DIMENSION)

    def moments(self, project: str, version: str, tasks: Collection[int]) -> dict[int, list[Moment]]:
        """The moments of these tasks' clips, by time."""
        found: dict[int, list[Moment]] = {task: [] for task in tasks}
        if not found:
            return found
        rows = self._rows(MOMENTS, ["task", "time", "image", "sound"], project, version, tasks)
        images, sounds = (matrix(rows[name], DIMENSION) for name in ("image", "sound"))
        for task, time, image, sound in zip(
            rows["task"].to_pylist(), rows["time"].to_pylist(), images, sounds, strict=True
        ):
            found[task].append(Moment(time, image, sound))
        return {task: sorted(moments, key=lambda moment: moment.time) for task, moments in found.items()}

    def find(self, query: np.ndarray, what: str, *, project: str, version: str, limit: int = 10) -> list[Hit]:
        """The moments nearest to one embedding, best first, of each task only the nearest; an exact search.

        Moments at which nothing is seen, or heard, are not among them.

        Args:
            query: (128,) embedding of a picture or of a sound: both lie in one space.
            what: "image" to compare with what is seen at each moment, "sound" with what is heard.
            project: only clips of this project.
            version: only embeddings of this model version; it must be the one that made `query`.
            limit: at most so many.

        Raises:
            ValueError: `query` has another shape, is not finite or is zero; `what` is neither.
        """
        if what not in ("image", "sound"):
            raise ValueError(f"A moment has an image and a sound, and no {what!r}.")
        vector = unit(query, what)
        if not vector.any():
            raise ValueError(f"The clip index needs something to look for; the {what} embedding is zero.")
        hits: list[Hit] = []
        while len(hits) < limit:
            # A moment without has a zero vector, which would be nearer than what is unlike the query.
            where = f"{condition(project, version=version)} AND (array_max({what}) > 0 OR array_min({what}) < 0)"
            if hits:
                where += f" AND task NOT IN ({', '.join(str(hit.task) for hit in hits)})"
            search = self._table(MOMENTS).search(vector, vector_column_name=what).distance_type("dot")
            columns = ["task", "time", "_distance"]
            found = search.where(where, prefilter=True).select(columns).limit(20 * limit).to_arrow()
            if not found.num_rows:
                break
            seen = {hit.task for hit in hits}
            for task, time, distance in zip(*(found[name].to_pylist() for name in columns), strict=True):
                if task not in seen:
                    seen.add(task)
                    hits.append(Hit(task, time, 1.0 - distance))
        return hits[:limit]

    def _compact(self, name: str) -> None:
        """Join a table's small fragments; index its task column once it is large enough to gain.

        Losing a race against another process's write is no error: a later call does it.
        """
        from lancedb.index import BTree

        table = self._table(name)
        try:
            table.optimize()
            if table.count_rows() >= INDEX_FROM and not table.list_indices():
                table.create_index("task", config=BTree())
        except (OSError, RuntimeError):
            return

    def _replace(self, name: str, project: str, task: int, version: str, rows: list[dict[str, Any]]) -> None:
        """Put a clip's rows of one table in the place of those it had, in one commit."""
        import pyarrow as pa

        table = self._table(name)
        where = condition(project, version=version, tasks=[task])
        if rows:
            merge = table.merge_insert(KEYS[name]).when_matched_update_all().when_not_matched_insert_all()
            if name != CLIPS:
                merge = merge.when_not_matched_by_source_delete(where)
            merge.execute(pa.Table.from_pylist(rows, schema=schema_of(name)))
        elif table.count_rows(where):
            table.delete(where)
        else:
            return
        if table.version % COMPACT_EVERY == 0:
            self._compact(name)

    def _rows(
        self, name: str, columns: list[str], project: str, version: str, tasks: Collection[int] | None = None
    ) -> Any:
        where = condition(project, version=version, tasks=tasks)
        return self._table(name).search().where(where).select(columns).to_arrow()

    def _table(self, name: str) -> Any:
        if self._opened and self._process != os.getpid():
            raise RuntimeError(
                f"The clip index {self._path} was opened before a fork; open it only in the child process."
            )
        if not self._opened:
            import lancedb

            if "://" not in self._path:
                Path(self._path).mkdir(parents=True, exist_ok=True)
            database = lancedb.connect(self._path, read_consistency_interval=timedelta(0))
            self._opened = {each: open_table(database, each) for each in (CLIPS, REGIONS, MOMENTS)}
            self._process = os.getpid()
        return self._opened[name]

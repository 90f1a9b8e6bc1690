"""The clip index: embeddings of a project's clips, of the regions in them and of their moments.

They live in LanceDB, embedded, in a folder the caller names: one table each for clips, regions and moments.
LanceDB runs threads of its own, which a fork does not copy: a `ClipIndex` therefore imports and opens it at its
first use, and a process that will fork must not use one before.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from model.likeness import Moment

DIMENSION = 128
CLIPS, REGIONS, MOMENTS = "clips", "regions", "moments"  # the tables
COMPACT_EVERY = 100  # commits: each adds a fragment, and a search opens every fragment
INDEX_FROM = 10_000  # rows: below this a scan of the task column is as quick as its index
LARGEST_TASK = 2**63 - 1
KEYS = {  # columns that tell a table's rows apart
    CLIPS: ("project", "task", "version"),
    REGIONS: ("project", "task", "version", "track"),
    MOMENTS: ("project", "task", "version", "time"),
}
# Similarity under which two clips are no evidence of one label. Measured on 100 generated videos, four of them
# labelled: a nearest clip at least so similar (there is one for 41 %) shares a sounding class in 90 %, one less
# similar in 6 %.
FLOOR = 0.5
STANDS = 0.9  # the share of suggested choices that is right


class Neighbour(NamedTuple):
    """A clip near the one asked about.

    Attributes:
        task: the Label Studio task the clip belongs to.
        similarity: mean of the cosine of the image embeddings and that of the sound embeddings, -1..1; where
            one of them is missing in either clip its cosine counts as 0.
    """

    task: int
    similarity: float


class Clip(NamedTuple):
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


class Suggestion(NamedTuple):
    """A label offered for a clip.

    Attributes:
        choice: the choice a person made for the nearest labelled clip.
        similarity: that clip's similarity, `FLOOR`..1.
    """

    choice: str
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
        moments: "Sequence[Moment]" = (),
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
        key = {"project": _text(project, "project"), "task": _task(task), "version": _text(version, "version")}
        media = _text(media, "media")
        both = np.zeros((0, 2, DIMENSION), np.float32) if regions is None else np.asarray(regions)
        clip = key | {"media": media, "embedding": _joined(image, sound), "document": document}
        tracks = [key | {"track": track, "embedding": _joined(*pair)} for track, pair in enumerate(both)]
        kept = [
            key | {"time": float(m.time), "image": _unit(m.image, "image"), "sound": _unit(m.sound, "sound")}
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
        where = _where(project, version=version, tasks=tasks)
        if but is not None:
            where += f" AND version != {_quoted(_text(but, 'version'))}"
        for name in (CLIPS, REGIONS, MOMENTS):
            self._table(name).delete(where)

    def tasks(self, project: str, version: str) -> dict[int, str]:
        """The media hash by task, of the project's tasks with embeddings of this version."""
        found = self._rows(CLIPS, ["task", "media"], project, version)
        return dict(zip(found["task"].to_pylist(), found["media"].to_pylist(), strict=True))

    def versions(self, project: str) -> set[str]:
        """Model versions that the project has embeddings of."""
        found = self._table(CLIPS).search().where(_where(project)).select(["version"]).to_arrow()
        return set(found["version"].to_pylist())

    def clips(self, project: str, version: str, tasks: Collection[int] | None = None) -> dict[int, Clip]:
        """The project's clips of this version, or those of the given tasks, by task in rising order."""
        if tasks is not None and not tasks:
            return {}
        found = self._rows(CLIPS, ["task", "media", "embedding", "document"], project, version, tasks)
        vectors = _matrix(found["embedding"], 2 * DIMENSION)
        columns = (found[name].to_pylist() for name in ("task", "media", "document"))
        rows = sorted(zip(*columns, vectors, strict=True), key=lambda row: row[0])
        return {t: Clip(t, media, both[:DIMENSION], both[DIMENSION:], text) for t, media, text, both in rows}

    def embeddings(self, project: str, task: int, version: str) -> tuple[np.ndarray, np.ndarray] | None:
        """A stored clip's image and sound embeddings, (128,) float32 of length 1 or 0; or None."""
        clip = self.clips(project, version, [task]).get(task)
        return None if clip is None else (clip.image, clip.sound)

    def regions(self, project: str, version: str) -> tuple[list[tuple[int, int]], np.ndarray]:
        """Every region of the project: (task, track) of each, in rising order, and (n, 2, 128) float32."""
        found = self._rows(REGIONS, ["task", "track", "embedding"], project, version)
        names = list(zip(found["task"].to_pylist(), found["track"].to_pylist(), strict=True))
        order = sorted({name: row for row, name in enumerate(names)}.items())
        vectors = _matrix(found["embedding"], 2 * DIMENSION)[[row for _, row in order]]
        return [name for name, _ in order], vectors.reshape(-1, 2, DIMENSION)

    def moments(self, project: str, version: str, tasks: Collection[int]) -> "dict[int, list[Moment]]":
        """The moments of these tasks' clips, by time."""
        from model.likeness import Moment

        found: dict[int, list[Moment]] = {task: [] for task in tasks}
        if not found:
            return found
        rows = self._rows(MOMENTS, ["task", "time", "image", "sound"], project, version, tasks)
        images, sounds = (_matrix(rows[name], DIMENSION) for name in ("image", "sound"))
        for task, time, image, sound in zip(
            rows["task"].to_pylist(), rows["time"].to_pylist(), images, sounds, strict=True
        ):
            found[task].append(Moment(time, image, sound))
        return {task: sorted(moments, key=lambda moment: moment.time) for task, moments in found.items()}

    def nearest(
        self,
        image: np.ndarray,
        sound: np.ndarray,
        *,
        project: str,
        version: str,
        exclude: int | None = None,
        among: Collection[int] | None = None,
        limit: int = 10,
    ) -> list[Neighbour]:
        """The project's clips nearest to the given embeddings, best first, each task once; an exact search.

        Args:
            image: (128,) image embedding of the clip asked about.
            sound: (128,) sound embedding of it.
            project: only clips of this project.
            version: only embeddings of this model version; it must be the one that made `image` and `sound`.
            exclude: a task to leave out, usually the one asked about.
            among: only these tasks, usually the labelled ones; None: any.
            limit: at most so many.

        Raises:
            ValueError: as for `add`, and where both embeddings are zero.
        """
        query = _joined(image, sound) / 2  # the product with a row is then the mean of the two cosines
        if not query.any():
            raise ValueError("The clip index needs an image or a sound embedding; both are zero.")
        wanted = None if among is None else {_task(task) for task in among} - {exclude}
        if wanted is not None and not wanted:
            return []
        where = _where(project, version=version, tasks=wanted, exclude=exclude)
        search = self._table(CLIPS).search(query, vector_column_name="embedding").distance_type("dot")
        # Two processes that add the same clip at the same moment may both insert it: each task counts once.
        found = search.where(where, prefilter=True).select(["task", "_distance"]).limit(2 * limit).to_arrow()
        best: dict[int, float] = {}
        for task, distance in zip(found["task"].to_pylist(), found["_distance"].to_pylist(), strict=True):
            best.setdefault(task, 1.0 - distance)  # LanceDB's dot distance is 1 - product, nearest first
        return [Neighbour(task, similarity) for task, similarity in best.items()][:limit]

    def find(self, query: np.ndarray, what: str, *, project: str, version: str, limit: int = 10) -> list[Hit]:
        """The moments nearest to one embedding, best first, of each task only the nearest; an exact search.

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
        vector = _unit(query, what)
        if not vector.any():
            raise ValueError(f"The clip index needs something to look for; the {what} embedding is zero.")
        hits: list[Hit] = []
        while len(hits) < limit:
            where = _where(project, version=version)
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

    def compact(self) -> None:
        """Join small fragments; index the task column of a table once it is large enough to gain.

        `add` does it now and then. Losing a race against another process's write is no error: a later call
        does it.
        """
        for name in (CLIPS, REGIONS, MOMENTS):
            self._compact(name)

    def _compact(self, name: str) -> None:
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
        where = _where(project, version=version, tasks=[task])
        if rows:
            merge = table.merge_insert(KEYS[name]).when_matched_update_all().when_not_matched_insert_all()
            if name != CLIPS:
                merge = merge.when_not_matched_by_source_delete(where)
            merge.execute(pa.Table.from_pylist(rows, schema=_schema(name)))
        elif table.count_rows(where):
            table.delete(where)
        else:
            return
        if table.version % COMPACT_EVERY == 0:
            self._compact(name)

    def _rows(
        self, name: str, columns: list[str], project: str, version: str, tasks: Collection[int] | None = None
    ) -> Any:
        where = _where(project, version=version, tasks=tasks)
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
            self._opened = {each: _open(database, each) for each in (CLIPS, REGIONS, MOMENTS)}
            self._process = os.getpid()
        return self._opened[name]


def suggest(neighbours: Sequence[Neighbour], labels: Mapping[int, str]) -> Suggestion | None:
    """The choice of the nearest labelled clip, scored by its similarity.

    Args:
        neighbours: clips near the one asked about, best first.
        labels: the choice a person made, by task.

    Returns:
        None where no labelled clip is nearer than `FLOOR`.
    """
    for neighbour in neighbours:
        if neighbour.task in labels and neighbour.similarity >= FLOOR:
            return Suggestion(labels[neighbour.task], neighbour.similarity)
    return None


def _open(database: Any, name: str) -> Any:
    """The table; one with other columns than today's is begun anew, for the embeddings can be made again."""
    schema = _schema(name)
    try:
        return database.create_table(name, schema=schema, exist_ok=True)
    except ValueError:  # it has another schema
        return database.create_table(name, schema=schema, mode="overwrite")


def _schema(name: str) -> Any:
    import pyarrow as pa

    # LanceDB compares concurrent merges by the columns marked as the key, and repeats the one that lost.
    key = {"lance-schema:unenforced-primary-key": "true"}
    types = {"task": pa.int64(), "track": pa.int64(), "time": pa.float64()}
    vector = pa.list_(pa.float32(), DIMENSION)
    rest = {
        CLIPS: {"media": pa.string(), "embedding": pa.list_(pa.float32(), 2 * DIMENSION), "document": pa.string()},
        REGIONS: {"embedding": pa.list_(pa.float32(), 2 * DIMENSION)},
        MOMENTS: {"image": vector, "sound": vector},
    }[name]
    fields = [pa.field(each, types.get(each, pa.string()), nullable=False, metadata=key) for each in KEYS[name]]
    return pa.schema([*fields, *(pa.field(each, kind, nullable=False) for each, kind in rest.items())])


def _matrix(column: Any, width: int) -> np.ndarray:
    """A column of vectors as (rows, width) float32."""
    flat = column.combine_chunks().flatten() if len(column) else []
    return np.asarray(flat, dtype=np.float32).reshape(-1, width)


def _where(
    project: str,
    *,
    version: str | None = None,
    tasks: Collection[int] | None = None,
    exclude: int | None = None,
) -> str:
    """A filter in LanceDB's SQL; texts are quoted, task ids are integers."""
    terms = [f"project = {_quoted(_text(project, 'project'))}"]
    if version is not None:
        terms.append(f"version = {_quoted(_text(version, 'version'))}")
    if tasks is not None:
        terms.append(f"task IN ({', '.join(str(_task(task)) for task in sorted(tasks))})")
    if exclude is not None:
        terms.append(f"task != {_task(exclude)}")
    return " AND ".join(terms)


def _quoted(text: str) -> str:
    """An SQL string: a quote inside is doubled, and no other character has a meaning there."""
    return "'" + text.replace("'", "''") + "'"


def _text(value: str, name: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(f"The clip index needs printable text as {name}, not {value!r}.")
    return value


def _task(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= LARGEST_TASK:
        raise ValueError(f"The clip index needs a task id, a whole number from 0, not {value!r}.")
    return int(value)


def _joined(image: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """(256,) float32: the two embeddings end to end, each of length 1, or 0 where it is missing."""
    return np.concatenate([_unit(image, "image"), _unit(sound, "sound")])


def _unit(embedding: np.ndarray, name: str) -> np.ndarray:
    vector = np.asarray(embedding, dtype=np.float32)
    if vector.shape != (DIMENSION,):
        raise ValueError(f"The clip index needs {DIMENSION} numbers as {name} embedding: {vector.shape = }.")
    if not np.isfinite(vector).all():
        raise ValueError(f"The clip index needs a finite {name} embedding; this one holds NaN or infinity.")
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector

"""The clip index: AVE-Net embeddings of a project's clips, and the label a similar clip carries.

The embeddings live in LanceDB, embedded, in a folder the caller names. LanceDB runs threads of its own, which
a fork does not copy: a `ClipIndex` therefore imports and opens it at its first use, and a process that will
fork must not use one before.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

DIMENSION = 128
TABLE = "clips"
COMPACT_EVERY = 100  # commits: each adds a fragment, and a search opens every fragment
INDEX_FROM = 10_000  # rows: below this a scan of the task column is as quick as its index
LARGEST_TASK = 2**63 - 1
# Similarity under which two clips are no evidence of one label. Measured on 100 generated videos, four of them
# labelled: a nearest clip at least so similar (there is one for 41 %) shares a sounding class in 90 %, one less
# similar in 6 %.
FLOOR = 0.5


class Neighbour(NamedTuple):
    """A clip near the one asked about.

    Attributes:
        task: the Label Studio task the clip belongs to.
        similarity: mean of the cosine of the image embeddings and that of the sound embeddings, -1..1; where
            one of them is missing in either clip its cosine counts as 0.
    """

    task: int
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
    """Embeddings of clips by (project, task, model version), searched exactly.

    Several processes may read and write one index at once; each sees what the others have committed. A row
    holds the two unit embeddings end to end, so that one scalar product compares images, sounds, or both.
    """

    def __init__(self, path: Path | str) -> None:
        """Name the folder of the index; nothing is opened or created before the first use."""
        self._path = Path(path)
        self._opened: Any = None
        self._process = 0

    def add(self, project: str, task: int, media: str, version: str, image: np.ndarray, sound: np.ndarray) -> None:
        """Store a clip's embeddings, replacing those of the same project, task and version.

        Args:
            project: key of the project.
            task: Label Studio's task id.
            media: hash of the media file the embeddings were made from.
            version: model version that made them; embeddings of two versions are never compared.
            image: (128,) embedding of the frames; zeros for a clip without a picture.
            sound: (128,) embedding of the sound; zeros for a clip without sound.

        Raises:
            ValueError: an embedding has another shape or is not finite; both are zero; a key is no printable
                text.
        """
        import pyarrow as pa

        row = {
            "project": _text(project, "project"),
            "task": _task(task),
            "media": _text(media, "media"),
            "version": _text(version, "version"),
            "embedding": _joined(image, sound),
        }
        table = self._table()
        merge = table.merge_insert(["project", "task", "version"])
        merge = merge.when_matched_update_all().when_not_matched_insert_all()
        merge.execute(pa.Table.from_pylist([row], schema=_schema()))
        if table.version % COMPACT_EVERY == 0:
            self.compact()

    def delete(self, project: str, *, tasks: Collection[int] | None = None, version: str | None = None) -> None:
        """Delete a project's clips: all of them, or those of the given tasks, or version, or both."""
        if tasks is not None and not tasks:
            return
        self._table().delete(_where(project, version=version, tasks=tasks))

    def tasks(self, project: str, version: str) -> set[int]:
        """Tasks of the project with embeddings of this version."""
        found = self._table().search().where(_where(project, version=version)).select(["task"]).to_arrow()
        return set(found["task"].to_pylist())

    def embeddings(self, project: str, task: int, version: str) -> tuple[np.ndarray, np.ndarray] | None:
        """A stored clip's image and sound embeddings, (128,) float32 of length 1 or 0; or None."""
        where = _where(project, version=version, tasks=[task])
        found = self._table().search().where(where).select(["embedding"]).limit(1).to_arrow()
        if found.num_rows == 0:
            return None
        both = np.asarray(found["embedding"][0].as_py(), dtype=np.float32)
        return both[:DIMENSION], both[DIMENSION:]

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
            ValueError: as for `add`.
        """
        query = _joined(image, sound) / 2  # the product with a row is then the mean of the two cosines
        wanted = None if among is None else {_task(task) for task in among} - {exclude}
        if wanted is not None and not wanted:
            return []
        where = _where(project, version=version, tasks=wanted, exclude=exclude)
        search = self._table().search(query, vector_column_name="embedding").distance_type("dot")
        # Two processes that add the same clip at the same moment may both insert it: each task counts once.
        found = search.where(where, prefilter=True).select(["task", "_distance"]).limit(2 * limit).to_arrow()
        best: dict[int, float] = {}
        for task, distance in zip(found["task"].to_pylist(), found["_distance"].to_pylist(), strict=True):
            best.setdefault(task, 1.0 - distance)  # LanceDB's dot distance is 1 - product, nearest first
        return [Neighbour(task, similarity) for task, similarity in best.items()][:limit]

    def compact(self) -> None:
        """Join small fragments; index the task and media columns once the table is large enough to gain.

        `add` does it now and then. Losing a race against another process's write is no error: a later call
        does it.
        """
        from lancedb.index import BTree

        table = self._table()
        try:
            table.optimize()
            if table.count_rows() >= INDEX_FROM and not table.list_indices():
                table.create_index("task", config=BTree())
                table.create_index("media", config=BTree())
        except (OSError, RuntimeError):
            return

    def _table(self) -> Any:
        if self._opened is not None and self._process != os.getpid():
            raise RuntimeError(
                f"The clip index {self._path} was opened before a fork; open it only in the child process."
            )
        if self._opened is None:
            import lancedb

            self._path.mkdir(parents=True, exist_ok=True)
            database = lancedb.connect(self._path, read_consistency_interval=timedelta(0))
            self._opened = database.create_table(TABLE, schema=_schema(), exist_ok=True)
            self._process = os.getpid()
        return self._opened


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


def _schema() -> Any:
    import pyarrow as pa

    # LanceDB compares concurrent merges by the columns marked as the key, and repeats the one that lost.
    key = {"lance-schema:unenforced-primary-key": "true"}
    return pa.schema(
        [
            pa.field("project", pa.string(), nullable=False, metadata=key),
            pa.field("task", pa.int64(), nullable=False, metadata=key),
            pa.field("version", pa.string(), nullable=False, metadata=key),
            pa.field("media", pa.string(), nullable=False),
            pa.field("embedding", pa.list_(pa.float32(), 2 * DIMENSION), nullable=False),
        ]
    )


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
    both = np.concatenate([_unit(image, "image"), _unit(sound, "sound")])
    if not both.any():
        raise ValueError("The clip index needs an image or a sound embedding; both are zero.")
    return both


def _unit(embedding: np.ndarray, name: str) -> np.ndarray:
    vector = np.asarray(embedding, dtype=np.float32)
    if vector.shape != (DIMENSION,):
        raise ValueError(f"The clip index needs {DIMENSION} numbers as {name} embedding: {vector.shape = }.")
    if not np.isfinite(vector).all():
        raise ValueError(f"The clip index needs a finite {name} embedding; this one holds NaN or infinity.")
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector

"""The clip index's tables in LanceDB: their columns, the filters they are searched by, what may be put into them."""

from collections.abc import Collection
from typing import Any

import numpy as np

from model.moment import DIMENSION

CLIPS, REGIONS, MOMENTS = "clips", "regions", "moments"
KEYS = {  # columns that tell a table's rows apart
    CLIPS: ("project", "task", "version"),
    REGIONS: ("project", "task", "version", "track"),
    MOMENTS: ("project", "task", "version", "time"),
}
LARGEST_TASK = 2**63 - 1


def open_table(database: Any, name: str) -> Any:
    """The table; one with other columns than today's is begun anew, for the embeddings can be made again."""
    columns = schema_of(name)
    try:
        return database.create_table(name, schema=columns, exist_ok=True)
    except ValueError:  # it has another schema
        return database.create_table(name, schema=columns, mode="overwrite")


def schema_of(name: str) -> Any:
    """A table's pyarrow schema, the columns of its key first."""
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


def matrix(column: Any, width: int) -> np.ndarray:
    """A column of vectors as (rows, width) float32."""
    flat = column.combine_chunks().flatten() if len(column) else []
    return np.asarray(flat, dtype=np.float32).reshape(-1, width)


def condition(
    project: str, *, version: str | None = None, tasks: Collection[int] | None = None, but: str | None = None
) -> str:
    """A filter in LanceDB's SQL, for a project's rows: those of one version, of some tasks, of all versions but one."""
    terms = [f"project = {_quoted(text_key(project, 'project'))}"]
    if version is not None:
        terms.append(f"version = {_quoted(text_key(version, 'version'))}")
    if tasks is not None:
        terms.append(f"task IN ({', '.join(str(task_key(task)) for task in sorted(tasks))})")
    if but is not None:
        terms.append(f"version != {_quoted(text_key(but, 'version'))}")
    return " AND ".join(terms)


def _quoted(text: str) -> str:
    """An SQL string: a quote inside is doubled, and no other character has a meaning there."""
    return "'" + text.replace("'", "''") + "'"


def text_key(value: str, name: str) -> str:
    """A key's text, unchanged. Raises ValueError where it is empty or not printable."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(f"The clip index needs printable text as {name}, not {value!r}.")
    return value


def task_key(value: int) -> int:
    """A task's id as an int of Python's. Raises ValueError where it is no id."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= LARGEST_TASK:
        raise ValueError(f"The clip index needs a task id, a whole number from 0, not {value!r}.")
    return int(value)


def joined(image: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """(256,) float32: the two embeddings end to end, each of length 1, or 0 where it is missing."""
    return np.concatenate([unit(image, "image"), unit(sound, "sound")])


def unit(embedding: np.ndarray, name: str) -> np.ndarray:
    """An embedding (128,) as float32 of length 1, or 0 where it is zero.

    Raises:
        ValueError: it has another shape or is not finite.
    """
    vector = np.asarray(embedding, dtype=np.float32)
    if vector.shape != (DIMENSION,):
        raise ValueError(f"The clip index needs {DIMENSION} numbers as {name} embedding: {vector.shape = }.")
    if not np.isfinite(vector).all():
        raise ValueError(f"The clip index needs a finite {name} embedding; this one holds NaN or infinity.")
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector

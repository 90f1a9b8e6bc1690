"""Exporting: accepted annotations into a folder, split by video, every file of it whole or not there."""

import csv
import hashlib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from training_jobs.accepted import Accepted, LeftOut
from training_jobs.export_formats import FORMATS, SPLITS, Example
from training_jobs.localization_set import place_media

CARD = "export.json"  # what an export says of itself, and by which it is known as one
_NAME_LENGTH = 60  # characters of the media's own name


class ExportError(ValueError):
    """Nothing can be exported, or not there, in one sentence."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        videos: by split, how many.
        left_out: what was not, and why.
    """

    videos: dict[str, int]
    left_out: list[LeftOut]


def check_folder(folder: Path) -> None:
    """Raise ExportError where a folder holds anything but an earlier export."""
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is a file: name a folder to export to.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CARD).is_file():
        raise ExportError(f"{folder} is not empty and holds no earlier export: name an empty or a new folder.")


def split_of(key: str, shares: Sequence[float], seed: int) -> str:
    """Which split a video belongs to, by a hash of its content: it stays there as others come and go.

    Args:
        key: hash of the media's content.
        shares: of SPLITS, summing to 1. With few videos what falls to each differs from its share.
        seed: another one splits in another way.
    """
    place = int(hashlib.sha256(f"split {seed} {key}".encode()).hexdigest()[:12], 16) / 16**12
    reached = 0.0
    for split, share in zip(SPLITS, shares, strict=True):
        reached += share
        if share and place < reached:
            return split
    return max(zip(shares, SPLITS, strict=True))[1]  # the shares' rounding


def export(
    accepted: Sequence[Accepted],
    folder: Path,
    form: str,
    *,
    shares: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    media: bool = True,
    left_out: Sequence[LeftOut] = (),
) -> Exported:
    """Write an export. Over an earlier one its files are replaced, and those that are no more are removed.

    Beside what the format asks for there are `media.csv`, which says where each file came from, and `export.json`.

    Args:
        accepted: what people submitted, one a video.
        folder: where to.
        form: one of FORMATS.
        shares: of train, validation and test.
        seed: of the split.
        media: whether the media are put beside their labels.
        left_out: what could not be used before, for `export.json`.

    Raises:
        ExportError: nothing is left to export, or the folder holds something else.
    """
    check_folder(folder)
    examples = [Example(one, split_of(one.key, shares, seed), _media_name(one), _sound_name(one)) for one in accepted]
    written = FORMATS[form](examples)
    if not written.used:
        why = f", the first because {written.left_out[0].reason}" if written.left_out else ""
        raise ExportError(f"No accepted annotation can be written as {form}{why or '.'}")
    texts = written.texts | {"media.csv": _media_table(written.used)}
    placed = _placed(written.used) if media else {}
    files = [*texts, *placed]
    before = _files_of(folder)
    counts = Counter(example.split for example in written.used)
    exported = Exported({split: counts[split] for split in SPLITS}, [*left_out, *written.left_out])
    card = {"format": form, "shares": list(shares), "seed": seed, **asdict(exported)}
    # First what there was and will be: a run that dies leaves nothing that the next does not know as its own.
    _write(folder / CARD, json.dumps(card | {"files": sorted({*before, *files})}, indent=1) + "\n")
    for name, source in placed.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place_media(source, place)
    for name, text in texts.items():
        _write(folder / name, text)
    for name in sorted(before - set(files)):
        _remove(folder, name)
    _write(folder / CARD, json.dumps(card | {"files": sorted(files)}, indent=1) + "\n")
    return exported


def _media_name(one: Accepted) -> str:
    """The media's own name, made unique and such that VGG-SS's labels may carry it."""
    return f"{_plain(one.url) or 'video'}-{one.key[:8]}_{one.task:06d}{one.path.suffix}"


def _sound_name(one: Accepted) -> str | None:
    """The name of the sound that a picture or video was asked about, made unique; None without one."""
    if one.sound is None or one.sound_path is None:
        return None
    return f"{_plain(one.sound) or 'sound'}_{one.task:06d}{one.sound_path.suffix}"


def _plain(url: str) -> str:
    """A file's own name in its address, as plain letters and digits."""
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parse_qs(parts.query).get("d", [parts.path])[0])).stem
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:_NAME_LENGTH]


def _placed(examples: Sequence[Example]) -> dict[str, Path]:
    """Where the media and the other sounds come from, by file name relative to the export's folder."""
    placed = {example.file: example.accepted.path for example in examples}
    for example in examples:
        if example.sound_file is not None and example.accepted.sound_path is not None:
            placed[example.sound_file] = example.accepted.sound_path
    return placed


def _media_table(examples: Sequence[Example]) -> str:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(("file", "split", "task", "source", "seconds", "sound", "sound_source"))
    for example in examples:
        one = example.accepted
        own = example.file, example.split, one.task, one.url, f"{one.info.duration:.3f}"
        rows.writerow((*own, example.sound_file or "", one.sound or ""))
    return table.getvalue()


def _files_of(folder: Path) -> set[str]:
    """The files of an earlier export, relative to its folder; none that lies elsewhere."""
    try:
        names = json.loads((folder / CARD).read_text(encoding="utf-8"))["files"]
        return {name for name in names if not Path(name).is_absolute() and ".." not in Path(name).parts}
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, KeyError, TypeError):
        raise ExportError(f"{folder / CARD} cannot be read: name a new folder.") from None


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder or any(parent.iterdir()):
            return
        parent.rmdir()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

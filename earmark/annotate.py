"""`earmark annotate`: files in, Label Studio results out, without Label Studio and without Redis."""

import functools
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from earmark.isolation import Isolated, IsolationError, sentence
from label_config import ConfigError, LabelConfig, read_config, template
from label_config.tags import MAX_CONFIG_LENGTH

if TYPE_CHECKING:
    from model.checkpoints import Models


@dataclass(frozen=True)
class _Outcome:
    """What became of one file."""

    result: list[dict[str, Any]]
    reason: str | None  # set whenever the result is empty
    failed: bool = False  # the file, or its overlay, could not be made
    warning: str | None = None


def annotate(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Media files to annotate.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each file.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if any file failed.")] = False,
    overlay: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.mp4", help="Also write the video with heatmap and boxes drawn on it (one FILE only)."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="XML", help="A project's labelling config; without it the one Earmark comes with."),
    ] = None,
    frame_rate: Annotated[
        float | None,
        typer.Option(
            metavar="FPS", help="Frames a second to count in, instead of the config's: what `$fps` is in the task."
        ),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model version's folder; without it the shipped weights.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.01, help="Give a file up after this long and go on with the next.")
    ] = 1800.0,
) -> None:
    """Draw boxes around what sounds in media FILEs, as Label Studio results.

    Every FILE gets a line, also one that cannot be read: {"file", "result", "reason", "seconds", "model_version"},
    where "reason" says why "result" is empty. Results are counted in the labelling config's frames.
    """
    console = Console(stderr=True, highlight=False)
    labelling = _config(config, frame_rate)
    if overlay is not None:
        _check_overlay(overlay, files)
    directory, version = _version(model)
    for note in labelling.notes:
        console.print(note, markup=False)

    failed = False
    prepare = functools.partial(_prepare, directory, labelling, overlay)
    with Isolated[str, _Outcome](prepare, timeout=timeout) as annotate_file:
        try:
            with console.status("Loading the model"):
                annotate_file.start()
        except IsolationError as error:
            raise typer.BadParameter(f"{directory}: {error}", param_hint="--model") from error
        for number, file in enumerate(files, start=1):
            started = time.monotonic()
            try:
                with console.status(f"Annotating file {number} of {len(files)}"):
                    outcome = annotate_file(file)
            except IsolationError as error:
                outcome = _Outcome([], str(error), failed=True)
            seconds = round(time.monotonic() - started, 3)
            failed |= outcome.failed
            if outcome.warning:
                console.print(_printable(outcome.warning), markup=False)
            line: dict[str, Any] = {"file": file, "result": outcome.result, "reason": outcome.reason}
            line |= {"seconds": seconds, "model_version": version}
            typer.echo(json.dumps(line, allow_nan=False) if as_json else _readable(file, outcome, seconds))
    if strict and failed:
        raise typer.Exit(1)


def _prepare(directory: Path, config: LabelConfig, overlay: Path | None) -> Callable[[str], _Outcome]:
    """In the child process: load the model once."""
    from model.checkpoints import load_models

    return functools.partial(_annotate_file, load_models(directory), config, overlay)


def _annotate_file(models: "Models", config: LabelConfig, overlay: Path | None, file: str) -> _Outcome:
    """In the child process: one file's outcome, whatever the file is."""
    from model.annotator import annotate as find
    from model.overlay import write_overlay
    from model.video import MediaError
    from training_jobs.annotation import compose

    try:
        annotation = find(file, models)
        prediction = compose(annotation, config, model_version=models.version)
    except MediaError as error:
        return _Outcome([], str(error), failed=True)
    except Exception as error:  # a line for every file: what nobody foresaw in one must not stop the others
        return _Outcome([], sentence(error), failed=True)
    outcome = _Outcome(prediction.result, prediction.reason)
    if overlay is None:
        return outcome
    try:
        write_overlay(file, annotation, overlay)
    except Exception as error:  # likewise: the result is there, whatever became of its picture
        why = str(error) if isinstance(error, MediaError) else sentence(error)
        return replace(outcome, failed=True, warning=f"No overlay was written: {why}")
    return outcome


def _version(model: Path | None) -> tuple[Path, str]:
    from model.checkpoints import SHIPPED, CheckpointError, version_of

    directory = SHIPPED if model is None else model
    try:
        return directory, version_of(directory)
    except CheckpointError as error:
        raise typer.BadParameter(str(error), param_hint="--model") from error


def _config(path: Path | None, frame_rate: float | None) -> LabelConfig:
    try:
        config = read_config(template() if path is None else _text(path))
    except (ConfigError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--config") from error
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}.", param_hint="--config") from error
    if config.needs_sound:
        raise typer.BadParameter(
            f"{path}: its tasks have a second file, a sound, and a FILE here stands alone.", param_hint="--config"
        )
    if frame_rate is None:
        return config
    if not (math.isfinite(frame_rate) and 1 <= frame_rate <= 1000):
        raise typer.BadParameter(f"{frame_rate:g} is not from 1 to 1000 frames a second.", param_hint="--frame-rate")
    return config.at_frame_rate(frame_rate)


def _text(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as file:
        return file.read(MAX_CONFIG_LENGTH + 1)


def _check_overlay(overlay: Path, files: list[str]) -> None:
    problem = None
    if len(files) > 1:
        problem = f"it draws on one video, and {len(files)} files were given; run it for each."
    elif overlay.suffix.lower() != ".mp4":
        problem = f"{overlay} must end in .mp4."
    elif not overlay.absolute().parent.is_dir():
        problem = f"{overlay.absolute().parent} is not a folder."
    elif overlay.resolve() == Path(files[0]).resolve():
        problem = f"{overlay} is the video itself; name another file."
    if problem:
        raise typer.BadParameter(problem, param_hint="--overlay")


def _readable(file: str, outcome: _Outcome, seconds: float) -> str:
    kinds = [item["type"] for item in outcome.result]
    names = (("videorectangle", "box", "boxes"), ("timelinelabels", "segment", "segments"))
    counts = [(kinds.count(kind), one, many) for kind, one, many in names]
    found = ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)
    # Errors name their file already: once is enough on a line that begins with it.
    words = found or (outcome.reason or "").removeprefix(f"{Path(file).name}: ")
    return _printable(f"{file}: {words} ({seconds:.1f} s)")


def _printable(text: str) -> str:
    """File names may hold bytes that are no text; a terminal takes them escaped."""
    return text.encode(errors="backslashreplace").decode()

"""`earmark export`: what people accepted, as a labelled dataset."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from backend.label_studio import LabelStudio
    from backend.projects import ProjectKey
    from backend.settings import Settings
    from training_jobs.accepted import Accepted, LeftOut

SPLIT = ".8,.1,.1"
FORMATS = ("vggss", "coco-video", "segments-csv")  # those of training_jobs.export_formats, which --help must not load


def export(
    form: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="See above.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="New or empty folder, or that of an earlier export.")],
    project: Annotated[
        int | None, typer.Option(help="Label Studio's number of the project; needed where several are connected.")
    ] = None,
    split: Annotated[str, typer.Option(help="Shares of train, validation and test.")] = SPLIT,
    seed: Annotated[int, typer.Option(help="Another seed splits in another way.")] = 0,
    media: Annotated[bool, typer.Option(help="Put the media beside their labels, or write the labels alone.")] = True,
) -> None:
    """Write accepted annotations as a labelled dataset, split by video.

    Accepted is the newest annotation of each task that was submitted and not skipped, whoever drew it first.

    vggss: the boxes of one class on each video's middle frame, which `earmark evaluate localization --data DIR/test`
    reads too.

    coco-video: instances with a box a frame, in the form of YouTube-VIS; an image is a video of one frame. A video
    without any is one whose annotation was submitted empty.

    segments-csv: file, start, end, label, split, from time segments or else from the times in which boxes are there; a
    segment that says only "sounding" has the labels of the boxes there meanwhile.

    A region's label is its own, or the clip's choice where it says only that something sounds. A video's split follows
    from its content and the seed, so a later export to the same folder moves none. What cannot be written is named on
    stderr; stdout gets one line of JSON.
    """
    from backend import settings as settings_module
    from backend.label_studio import LabelStudioError
    from backend.settings import SettingsError
    from earmark.connected import connected, label_studio
    from label_config import ConfigError
    from training_jobs import exporting

    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    shares = _shares(split)
    if form not in FORMATS:
        raise typer.BadParameter(f"{form!r} is none of {', '.join(FORMATS)}.", param_hint="--format")
    try:
        settings = settings_module.load()
        keys = connected(settings, project)
        if len(keys) > 1:
            known = ", ".join(str(key.id) for key in keys)
            raise SettingsError(f"Several projects are connected ({known}): name one with --project.")
        exporting.check_folder(out)
        accepted, left_out = _gather(settings, label_studio(settings), keys[0], errors)
        if not accepted:
            why = f": {left_out[0].reason}" if left_out else "; submit some in Label Studio first."
            raise exporting.ExportError(f"Project {keys[0].id} has no accepted annotation that can be exported{why}")
        exported = exporting.export(accepted, out, form, shares=shares, seed=seed, media=media, left_out=left_out)
    except (SettingsError, LabelStudioError, ConfigError, exporting.ExportError, OSError) as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    for one in exported.left_out:
        errors.print(f"Left out task {one.task}: {one.reason}", markup=False)
    print(json.dumps({"out": str(out), "format": form, "videos": exported.videos, "left_out": len(exported.left_out)}))


def _gather(
    settings: "Settings", client: "LabelStudio", key: "ProjectKey", console: Console
) -> "tuple[list[Accepted], list[LeftOut]]":
    """The project's accepted annotations, their media fetched behind a bar."""
    from contextlib import closing

    from backend.media import Fetcher
    from label_config import read_config
    from training_jobs.accepted import gather

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    shown = Progress(*columns, console=console, transient=True, disable=not console.is_interactive)
    with closing(client), closing(Fetcher(settings)) as fetcher, shown as bar:
        task = bar.add_task("media", total=None)
        config = read_config(client.project(key.id)["label_config"])
        return gather(
            list(client.tasks(key.id)),
            config,
            fetcher.fetch,
            on_done=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _shares(text: str) -> list[float]:
    try:
        shares = [float(part) for part in text.split(",")]
    except ValueError:
        shares = []
    if len(shares) != 3 or not all(0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > 1e-6:
        raise typer.BadParameter(f"{text!r} must be three shares that sum to 1, as {SPLIT}.", param_hint="--split")
    return shares

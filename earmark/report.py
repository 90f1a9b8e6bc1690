"""`earmark report`: what people made of the predictions, by model version."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from backend.label_studio import LabelStudio
    from backend.projects import ProjectKey
    from backend.settings import Settings
    from training_jobs.comparison import VersionReport
    from training_jobs.feedback import Feedback

LEGEND = (
    "made: annotations submitted from predictions, the version that serves in bold; unchanged: the share submitted as "
    "predicted and its 95 % interval; IoU: overlap of the boxes on every frame that has one; time: common share of the "
    "time segments; then numbers of regions"
)


def report(
    project: Annotated[
        int | None, typer.Option(help="Label Studio's number of the project. Default: every connected one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a project.")] = False,
) -> None:
    """Compare submitted annotations with the predictions they were made from, for each model version.

    Whoever opens a task, mends what is wrong and presses Submit has judged the prediction. Told are the share that was
    submitted as predicted, how well the boxes lay, and how many regions were added, removed, moved or given another
    label. What was predicted is kept once it is submitted, so versions that serve no more stay in the table. Skipped
    tasks and annotations drawn on a blank screen are not counted. Nothing is written to Label Studio.
    """
    from backend import settings as settings_module
    from backend.settings import SettingsError
    from earmark.connected import connected, label_studio
    from training_jobs.feedback import Feedback

    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        settings = settings_module.load()
        keys, client = connected(settings, project), label_studio(settings)
    except (SettingsError, ValueError) as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    tables = 0
    for key in keys:
        feedback = Feedback(settings.home, str(key))
        if missed := _look(client, key, feedback):
            errors.print(f"Project {key.id} as it was at the last look: {missed}", markup=False)
        versions, serving = feedback.report(), _serving(settings, str(key))
        if as_json:
            print(json.dumps(_plain(key, versions, serving)))
        elif versions:
            Console().print(_table(key, versions, serving))
            tables += 1
        else:
            print(f"Project {key.id}: no annotation made from a prediction yet; open a task, mend it, press Submit.")
    if tables:
        Console(highlight=False).print(LEGEND, style="dim")
    client.close()


def _look(client: "LabelStudio", key: "ProjectKey", feedback: "Feedback") -> str | None:
    """Take in what was submitted meanwhile; why that was not possible, in a sentence, or None."""
    from backend.label_studio import LabelStudioError
    from label_config import ConfigError, read_config

    try:
        config = read_config(client.project(key.id)["label_config"])
        feedback.update(list(client.tasks(key.id)), config)
    except (LabelStudioError, ConfigError) as error:
        return str(error)
    return None


def _serving(settings: "Settings", key: str) -> str | None:
    from backend.versions import VersionError, VersionStore

    try:
        return VersionStore(settings).current(key)
    except VersionError:
        return None


def _plain(key: "ProjectKey", versions: "list[VersionReport]", serving: str | None) -> dict[str, Any]:
    from dataclasses import asdict

    return {"project": key.id, "serving": serving, "versions": [asdict(version) for version in versions]}


def _table(key: "ProjectKey", versions: "list[VersionReport]", serving: str | None) -> Table:
    table = Table(title=f"Project {key.id}", title_justify="left")
    table.add_column("version")
    for column in ("made", "unchanged", "IoU", "time", "added", "gone", "moved", "label"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in versions:
        table.add_row(
            one.version.removeprefix("earmark-"),
            str(one.annotations),
            f"{one.acceptance:.2f}\n{one.interval[0]:.2f}-{one.interval[1]:.2f}",
            _share(one.iou),
            _share(one.sounding),
            *(str(number) for number in (one.added, one.removed, one.moved, one.relabelled)),
            style="bold" if one.version == serving else None,
        )
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"

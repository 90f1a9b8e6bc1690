"""`earmark groups`: alike clips that nobody has labelled, so that a team can label a group at a time."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from earmark.connected import chosen
from earmark.told import told


def groups(
    project: Annotated[
        int | None, typer.Option(help="Label Studio's number of the project. Default: the connected one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a group.")] = False,
) -> None:
    """List groups of clips that look and sound alike and that nobody has worked on, the largest first.

    A group is named after its first task, and every prediction carries that number as its `cluster`.
    """
    from backend import redis_server
    from backend import settings as settings_module
    from backend.label_studio import LabelStudioError
    from label_config import ConfigError
    from training_jobs.project import ProjectError

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with told(ProjectError, LabelStudioError, ConfigError):
        settings = settings_module.load()
        with redis_server.connect(settings) as redis, console.status("Grouping"):
            found = _groups(settings, redis, project)
    if as_json:
        for group in found:
            print(json.dumps(group))
        return
    for group in found:
        tasks = ", ".join(str(task) for task in group["tasks"])
        print(f"Group {group['group']}: {len(group['tasks'])} clips, tasks {tasks}\n  {group['link']}")
    if not found:
        console.print("No two unlabelled clips are alike enough to be a group.")


def _groups(settings: Any, redis: Any, number: int | None) -> list[dict[str, Any]]:
    from contextlib import closing

    from backend.settings import SettingsError
    from training_jobs.labels import Labels
    from training_jobs.project import Project
    from training_jobs.suggestions import Suggester

    with closing(Project.open(str(chosen(settings, number)), settings, redis)) as project:
        suggester = Suggester(project, Labels(project).read(), project.version)
        if not suggester.known:
            raise SettingsError(
                f"Project {project.key.id} has no clips to group yet: run `earmark serve` and an `earmark worker`, and "
                "wait until `earmark status` shows tasks done."
            )
        members: dict[int, list[int]] = {}
        for task, group in sorted(suggester.groups.items()):
            members.setdefault(group, []).append(task)
        return [
            {"group": group, "tasks": tasks, "link": project.link(group)}
            for group, tasks in sorted(members.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        ]

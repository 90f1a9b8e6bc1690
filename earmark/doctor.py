"""`earmark doctor`: what works and what does not, each with what to do."""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backend.health import Check
    from backend.projects import ProjectKey
    from backend.settings import Settings
    from training_jobs.project import Project

TASK_SECONDS = 90.0  # for one task's video, from its address to a frame
LOOKED_AT = 20  # tasks among which one with a video is looked for


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    project: Annotated[
        int | None, typer.Option(help="Label Studio's number of the project. Default: every connected one.")
    ] = None,
) -> None:
    """Look at everything Earmark needs, and say for each thing that fails what to do.

    Label Studio, its token, each project's backend and webhook, Redis, workers, the model, disk, GPU and libraries; and
    of each project one task's video, from its address to a decoded frame. Nothing is changed, no secret is shown. Ends
    with 1 where something fails.
    """
    from backend import health, redis_server
    from backend import settings as settings_module
    from backend.health import Check
    from backend.settings import SettingsError

    try:
        settings = settings_module.load()
        if project is not None:
            settings = _of_one(settings, project)
        with redis_server.connect(settings, timeout=2.0, retries=0) as redis:
            found = [
                _settings(settings),
                *health.checks(settings, redis),
            ]
    except (SettingsError, ValueError) as error:
        found = [Check("Settings", False, str(error), "Mend it, then run `earmark doctor` again.")]
    except Exception as error:  # redis_server's own, for a REDIS_URL that is none
        found = [Check("Settings", False, str(error), "Mend REDIS_URL, then run `earmark doctor` again.")]
    else:
        if all(check.ok for check in found if check.name in ("Label Studio", "Token")):
            found += _videos(settings)
    failing = [check for check in found if check.ok is False]
    if as_json:
        print(json.dumps({"ok": not failing, "checks": [asdict(check) for check in found]}))
    else:
        print("\n".join(_lines(check) for check in found))
        print(f"\n{len(failing)} of {len(found)} fail." if failing else "\nEverything that could be looked at works.")
    if failing:
        raise typer.Exit(1)


def _settings(settings: "Settings") -> "Check":
    from backend.health import Check

    if settings.saved.is_file():
        return Check("Settings", True, f"Read from {settings.saved} and the environment.")
    return Check("Settings", None, f"Nothing is saved in {settings.home} yet: the environment and the defaults count.")


def _lines(check: "Check") -> str:
    mark = {True: "ok  ", False: "FAIL", None: "-   "}[check.ok]
    text = f"{mark}  {check.name}: {check.said}"
    return f"{text}\n      -> {check.todo}" if check.todo else text


def _of_one(settings: "Settings", number: int) -> "Settings":
    """The settings as if one project alone were connected."""
    from backend.projects import ProjectKey

    keys = {key: ProjectKey.parse(key, settings.label_studio_url or "").id for key in settings.projects}
    if number not in keys.values():
        known = ", ".join(str(one) for one in sorted(keys.values())) or "none"
        raise ValueError(f"Project {number} is not connected (connected: {known}).")
    return settings.model_copy(update={"projects": [key for key, one in keys.items() if one == number]})


def _videos(settings: "Settings") -> "list[Check]":
    """One check a project: a task's video, from its address to a frame."""
    from backend.projects import ProjectKey

    keys = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    return [
        _bounded(f"Project {key.id}, a video", lambda key=key: _video(settings, key))  # type: ignore[misc]
        for key in keys
    ]


def _bounded(name: str, look: "Callable[[], Check]") -> "Check":
    """What a look found, in TASK_SECONDS."""
    from backend.health import Check

    found: list[Check] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            found.append(look())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(TASK_SECONDS)
    if found:
        return found[0]
    if errors:
        return Check(
            name, False, f"{type(errors[0]).__name__} while it was looked at: {str(errors[0])[:200]}", "See above."
        )
    return Check(
        name, False, f"Took more than {TASK_SECONDS:.0f} s.", "See whether its host is slow, or the file very large."
    )


def _video(settings: "Settings", key: "ProjectKey") -> "Check":
    """Follow one task's video. The first step that fails is told."""
    from contextlib import closing

    from backend import redis_server
    from training_jobs.project import Project

    with (
        redis_server.connect(settings, timeout=2.0, retries=0) as redis,
        closing(Project.open(str(key), settings, redis)) as opened,
    ):
        return _followed(opened, f"Project {key.id}, a video")


def _followed(project: "Project", name: str) -> "Check":
    from itertools import islice

    from backend.health import Check
    from backend.label_studio import LabelStudioError
    from backend.media import FetchError
    from label_config import ConfigError
    from model.video import MediaError, decode

    try:
        config, rows = project.config, list(islice(project.label_studio.tasks(project.key.id), LOOKED_AT))
    except ConfigError as error:
        return Check(
            name,
            False,
            f"It cannot be labelled: {error}",
            "Change it under Settings, Labeling Interface, in Label Studio.",
        )
    except LabelStudioError as error:
        return Check(name, False, str(error), "See Label Studio's log.")
    if not rows:
        return Check(name, None, "There is no task yet.", "")
    reason = ""
    for row in rows:
        try:
            url = config.media_url(row["data"])
        except ConfigError as error:
            reason = f"Task {row['id']}: {error}"
            continue
        task = f"Task {row['id']}"
        if config.medium.kind == "image":
            return _picture(project, name, task, url)
        try:
            path = project.fetcher.fetch(url)
            video = decode(path, rate=1, size=None, max_seconds=1.0)
        except FetchError as error:
            return Check(name, False, f"{task}: {error}", "Mend what it says; then the task is tried again by itself.")
        except MediaError as error:
            said = str(error).replace(path.name, url.rpartition("/")[2][:80])
            return Check(
                name, False, f"{task} was fetched and cannot be decoded: {said}", "Convert it to H.264/AAC mp4."
            )
        info = video.info
        seen = f"{info.width} x {info.height} at {info.frame_rate:.4g} a second" if len(video.frames) else "no picture"
        heard = "with sound" if len(video.audio) else "without sound: nothing will be found in it"
        megabytes = path.stat().st_size / 1e6
        return Check(
            name, True, f"{task}: fetched ({megabytes:.1f} MB) and decoded, {seen}, {info.duration:.1f} s, {heard}."
        )
    return Check(name, False, reason, "Import tasks with the field that the labelling config shows.")


def _picture(project: "Project", name: str, task: str, url: str) -> "Check":
    from backend.health import Check
    from backend.media import FetchError
    from model.picture import read_picture
    from model.video import MediaError

    try:
        picture = read_picture(project.fetcher.fetch(url))
    except (FetchError, MediaError) as error:
        return Check(name, False, f"{task}: {error}", "Mend what it says; then the task is tried again by itself.")
    return Check(name, True, f"{task}: fetched and read, {picture.shape[1]} x {picture.shape[0]}.")

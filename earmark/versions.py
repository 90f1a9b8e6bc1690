"""`earmark versions`: which model versions a project has, which serves, and going to another.

None of it needs Label Studio, and only telling the running workers needs Redis.
"""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from earmark.carrying import export
from earmark.told import told
from earmark.weights import import_

if TYPE_CHECKING:
    from backend.settings import Settings
    from backend.versions import VersionState, VersionStore

versions = typer.Typer(no_args_is_help=True, help="List, promote, roll back and carry the versions of the model.")
versions.command("import")(import_)
versions.command("export")(export)

PROJECT = typer.Option(help="Label Studio's number of the project, where several are connected.")
WHY = typer.Option(help="One sentence for the log.")


@versions.command("list")
def list_(
    project: Annotated[int | None, PROJECT] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All in one line of JSON.")] = False,
) -> None:
    """List a project's versions, oldest first: which serves, how well each tells what belongs together, and why."""
    with told():
        _, key, store = _open(project)
        states = store.states(key)
    if as_json:
        print(json.dumps([_row(state) for state in states]))
        return
    if not states:
        print(
            f"No version is stored in {store.storage} yet: `earmark serve` stores the one that ships.", file=sys.stderr
        )
    for state in states:
        mark = "*" if state.current else " "
        figures = _compared(state.metrics)
        print(f"{mark} {state.name}  {state.state:<9}  {_day(state.created) or 'with Earmark':<16}  {figures}".rstrip())
        if not store.has_weights(state.name):
            print("      Its weights were pruned.")
        if state.reason:
            print(f"      {state.reason}")


@versions.command()
def show(
    version: Annotated[str, typer.Argument(help="The version; by default the current one.")] = "current",
    project: Annotated[int | None, PROJECT] = None,
) -> None:
    """Print a version's card: parent, data by hash, configuration, metrics with baselines, code, time."""
    with told():
        _, key, store = _open(project)
        if version == "current":
            version = store.current(key)
        states = {state.name: _row(state) for state in store.states(key)}
        print(json.dumps({**states.get(version, {"version": version}), "card": store.card(version)}, indent=2))


@versions.command()
def promote(
    version: Annotated[str, typer.Argument(help="A stored version.", show_default=False)],
    project: Annotated[int | None, PROJECT] = None,
    why: Annotated[str, WHY] = "",
) -> None:
    """Let a version serve, whatever the gate said of it. Tasks nobody has labelled are annotated again."""
    with told():
        settings, key, store = _open(project)
        if version == store.current(key):
            print(f"{version} serves already: nothing was changed.")
            return
        store.promote(key, version, why or "Somebody promoted it.")
        print(f"{version} serves now. {_annotate_again(settings, key, f'promoted {version}')}")


@versions.command()
def rollback(project: Annotated[int | None, PROJECT] = None, why: Annotated[str, WHY] = "") -> None:
    """Let the version serve that did before the current one. Tasks nobody has labelled are annotated again."""
    with told():
        settings, key, store = _open(project)
        version = store.rollback(key, why or "Somebody rolled back.")
        print(f"{version} serves now. {_annotate_again(settings, key, f'rolled back to {version}')}")


@versions.command()
def prune(
    keep: Annotated[int, typer.Option(min=0, help="Newest versions of each project that stay anyway.")] = 3,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only tell what would go.")] = False,
) -> None:
    """Remove the weights of versions nobody can need again; their cards stay, so that the history does.

    The base stays, and of each project the current version, the one before it, its parent, and the newest few.
    Predictions that a version has made stay as they are.
    """
    from backend import pruning
    from backend import settings as settings_module
    from backend.versions import VersionStore

    with told():
        store = VersionStore(settings_module.load())
        plan = pruning.plan(store, keep=keep)
        gone = pruning.prune(store, plan) if yes else plan.go
    for version, why in plan.stay.items():
        print(f"{version} stays: {why}.")
    for version in gone:
        print(f"{version} {'is gone' if yes else 'would go'}.")
    if not gone:
        print("There is nothing to remove.")
    elif not yes:
        print(f"Nothing was removed: `earmark versions prune --keep {keep} --yes` does it.")


def _open(project: int | None) -> "tuple[Settings, str, VersionStore]":
    from backend import settings as settings_module
    from backend.versions import VersionStore
    from earmark.connected import chosen

    settings = settings_module.load()
    return settings, str(chosen(settings, project)), VersionStore(settings)


def _annotate_again(settings: "Settings", key: str, what: str) -> str:
    """Have the project looked through, where something is there to do it; what follows, in a sentence."""
    from redis.exceptions import RedisError

    from backend import history, queues, redis_server

    try:
        redis = redis_server.connect(settings, timeout=2.0, retries=0)
        queued = queues.enqueue_reconcile(redis, key)
        history.note(redis, key, "earmark versions", f"Somebody {what}. {queued.reason}")
        redis.close()
    except (RedisError, OSError):
        return "Tasks nobody has labelled are annotated again once `earmark serve` and an `earmark worker` run."
    return "Tasks nobody has labelled are annotated again."


def _compared(metrics: dict[str, float]) -> str:
    """A version's correspondence beside its parent's on the same held-out videos: those of another row are others."""
    if "avc" not in metrics:
        return ""
    shown = [(key, name) for key, name in (("avc", "avc"), ("area", "told apart")) if key in metrics]
    own = ", ".join(f"{name} {metrics[key]:.3f}" for key, name in shown)
    parent = [f"{metrics[old]:.3f}" for key, _ in shown if (old := f"{key}_of_parent") in metrics]
    return own + (f" (its parent {', '.join(parent)} on the same videos)" if parent else "")


def _row(state: "VersionState") -> dict[str, Any]:
    return {
        "version": state.name,
        "current": state.current,
        "parent": state.parent,
        "created": _day(state.created, exact=True),
        "metrics": state.metrics,
        "state": state.state,
        "reason": state.reason,
    }


def _day(created: float | None, *, exact: bool = False) -> str | None:
    """A time in ISO 8601, in UTC; or to the minute, in the local zone, for a person."""
    if created is None:
        return None
    if exact:
        return datetime.fromtimestamp(created, UTC).isoformat(timespec="seconds")
    return f"{datetime.fromtimestamp(created):%Y-%m-%d %H:%M}"

"""Carrying versions between stores: `earmark versions export`, and `import` of what it wrote."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer


def export(
    version: Annotated[str, typer.Argument(help="The version, or `current`.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="The ZIP to write.", dir_okay=False, show_default=False)],
    project: Annotated[int | None, typer.Option(help="Of `current`: Label Studio's number of the project.")] = None,
) -> None:
    """Write a version, weights and card, into one file that `earmark versions import` takes elsewhere."""
    from backend import settings as settings_module
    from backend.archives import pack
    from backend.versions import VersionStore
    from earmark.connected import chosen
    from earmark.told import told

    with told():
        settings = settings_module.load()
        store = VersionStore(settings)
        if version == "current":
            version = store.current(str(chosen(settings, project)))
        pack(store.path(version), file)
    print(json.dumps({"version": version, "file": str(file)}))


def take_in(path: Path, project: int | None) -> None:
    """Store the version in an archive or a folder as a candidate of a project, after seeing that its networks load."""
    from backend import archives
    from backend import settings as settings_module
    from backend.versions import CARD, WEIGHTS, VersionError, VersionStore
    from earmark.connected import chosen
    from earmark.told import told
    from model.checkpoints import CheckpointError, load_models

    with told(), tempfile.TemporaryDirectory() as name:
        settings = settings_module.load()
        key, folder = str(chosen(settings, project)), Path(name)
        if path.is_dir():
            try:
                for part in (*WEIGHTS, CARD):
                    shutil.copyfile(path / part, folder / part)
            except OSError as error:
                raise VersionError(f"{path} is no model version: {part} cannot be read ({error.strerror}).") from None
        else:
            archives.unpack(path, folder)
        card = archives.read_card(folder, path)
        try:
            version = load_models(folder).version
        except CheckpointError as error:
            raise VersionError(str(error).replace(str(folder), str(path))) from None
        if card.get("version") not in (None, version):
            raise VersionError(f"{path} is damaged: its card says {card['version']}, its weights are {version}.")
        (folder / CARD).write_text(json.dumps(_card(card, path, key, version), indent=2) + "\n")
        store = VersionStore(settings)
        known = version in store.names() and store.has_weights(version)
        store.add(folder)
    print(json.dumps({"version": version, "project": key, "known": known}))


def _card(card: dict[str, Any], path: Path, key: str, version: str) -> dict[str, Any]:
    """The card as it is kept here: made elsewhere, judged by nobody here yet."""
    made = {name: card[name] for name in ("project", "state", "reason") if name in card}
    return {
        **card,
        "version": version,
        "project": key,
        "imported": {"from": path.name, **made},
        "state": "candidate",
        "reason": f"It was imported from {path.name} and has not been compared here.",
    }

"""`earmark versions import`: weights that others trained, and versions of another Earmark."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from earmark.carrying import take_in
from earmark.download import DownloadError, download, is_url, shown
from earmark.told import told


def import_(
    weights: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL",
            help="What `earmark versions export` wrote, or the folder of a version; or a released .pt of kyuyeonpooh's "
            "objects-that-sound, OpenL3's audio .h5.gz, or one weights file of Earmark.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Of a weights file: the .safetensors to write.", dir_okay=False),
    ] = None,
    project: Annotated[
        int | None, typer.Option(help="Of a version: Label Studio's number of the project it becomes a candidate in.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="FILE|URL", help="OpenL3's image .h5.gz, beside its audio file.")
    ] = None,
    sound: Annotated[
        str | None,
        typer.Option(
            help="The spectrogram the weights were trained on, if not the usual one: psd-12.0 for a .pt; "
            "openl3-linear, openl3-mel128 or openl3-mel256 for a renamed OpenL3 file."
        ),
    ] = None,
    as_avol: Annotated[
        bool, typer.Option("--as-avol", help="Make AVOL-Net of a released AVE-Net: its trunks, layers and distance.")
    ] = False,
) -> None:
    """Bring a whole version into the store, or turn released weights into a weights file of Earmark.

    A version becomes a candidate of the project: it serves once `earmark versions promote` makes it. A weights file
    gets a card that names authors, licence and front-end, and starts a training with `earmark train --start`.

    A URL is fetched over https. Nothing in a file is ever run. The released AVOL-Net is refused: it was trained the
    wrong way round; the released AVE-Net becomes an AVOL-Net with --as-avol.
    """
    from backend.archives import is_archive
    from model.released.files import ReleaseError, format_of

    path = Path(weights)
    if not is_url(weights) and (path.is_dir() or is_archive(path)):
        take_in(path, project)
        return
    if out is None and not is_url(weights) and not path.is_file():
        raise typer.BadParameter(f"{weights}: no such file or folder.", param_hint="FILE|URL")
    if out is None:
        with told(ReleaseError):
            held = "a weights file" if is_url(weights) else format_of(path).value
        raise typer.BadParameter(
            f"{weights} is {held} and no whole version, as `earmark versions export` writes them: name the "
            ".safetensors to write.",
            param_hint="--out",
        )

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
    from safetensors import SafetensorError

    from model import checkpoints
    from model.released import MOST_BYTES, import_weights

    console = Console(stderr=True)
    try:
        if not out.parent.is_dir():
            raise ReleaseError(f"{out.parent}: no such folder to write the weights to.")
        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        with tempfile.TemporaryDirectory() as folder, Progress(*columns, console=console) as bar:

            def local(name: str) -> Path:
                if not is_url(name):
                    return Path(name)
                task = bar.add_task(shown(name).rpartition("/")[2], total=None, visible=False)

                def show(done: int, total: int | None) -> None:
                    bar.update(task, completed=done, total=total, visible=True)

                # A folder each: OpenL3's two files could have one name.
                return download(name, Path(tempfile.mkdtemp(dir=folder)), most_bytes=MOST_BYTES, on_progress=show)

            imported = import_weights(
                local(weights), image=None if image is None else local(image), sound=sound, as_avol=as_avol
            )
        origin = [shown(name) for name in (weights, image) if name is not None and is_url(name)]
        card = imported.card | ({"source": origin} if origin else {})
        checkpoints.save(out, imported.network, card)
    except (ReleaseError, DownloadError) as error:
        console.print(str(error), markup=False, highlight=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from None
    except (OSError, SafetensorError) as error:
        console.print(
            f"{out}: cannot be written ({error}).", markup=False, highlight=False, style="red", soft_wrap=True
        )
        raise typer.Exit(1) from None
    print(json.dumps({"out": str(out), "network": imported.network.kind, "card": card}))

"""`earmark versions`: weights from elsewhere."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from earmark.download import DownloadError, download, is_url, shown

versions = typer.Typer(no_args_is_help=True, help="Bring in weights that others trained.")


@versions.callback()
def _actions() -> None:
    """Bring in weights that others trained."""


@versions.command("import")
def import_(
    weights: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL",
            help="A released .pt of kyuyeonpooh's objects-that-sound, OpenL3's audio .h5.gz, or weights of Earmark.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The weights file to write (.safetensors).", dir_okay=False)],
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
    """Turn released weights into a weights file of Earmark, with a card that names authors, licence and front-end.

    A URL is fetched over https. Nothing in a file is ever run. The released AVOL-Net is refused: it was trained the
    wrong way round; the released AVE-Net becomes an AVOL-Net with --as-avol.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
    from safetensors import SafetensorError

    from model import checkpoints
    from model.released import MOST_BYTES, ReleaseError, import_weights

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

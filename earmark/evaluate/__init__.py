"""`earmark evaluate`: how good a network is on labelled data, beside what it has to beat; one module a subject."""

import typer

from earmark.evaluate.avc import avc
from earmark.evaluate.localization import localization
from earmark.evaluate.retrieval import retrieval

evaluate = typer.Typer(no_args_is_help=True, help="Measure a network beside its baselines, with 95 % intervals.")
evaluate.command()(localization)
evaluate.command()(avc)
evaluate.command()(retrieval)


@evaluate.callback()
def _subjects() -> None:
    """Measure a network beside its baselines, with 95 % intervals."""

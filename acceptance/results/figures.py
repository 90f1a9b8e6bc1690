"""The figures of the results page, drawn from the experiments' JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt

Results = Sequence[dict[str, Any]]


def learning_curves(results: Results, path: Path) -> None:
    """How well held-out pairs are told apart over a training, a line an experiment."""
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for result in results:
        curve = result["train"]["curve"]
        axes.plot([one["pairs"] for one in curve], [one["area"] for one in curve], marker=".", label=result["shows"])
    axes.axhline(0.5, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="pairs learnt from", ylabel="area under the ROC curve, held-out videos")
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def by_videos(results: Results, path: Path) -> None:
    """Localization over the number of videos learnt from, with 95 % intervals."""
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    counts = [result["train"]["videos"] + result["train"]["held_out"] for result in results]
    for name, label in (
        ("pointing", "pointing"),
        ("swap_pointing", "pointing, audio swapped"),
        ("box_iou50", "box IoU >= .5"),
    ):
        found = [result["localization"][name] for result in results]
        values = [one["model"] for one in found]
        below = [one["model"] - one["ci95"][0] for one in found]
        above = [one["ci95"][1] - one["model"] for one in found]
        axes.errorbar(counts, values, yerr=[below, above], marker="o", capsize=3, label=label)
    axes.axhline(
        results[0]["localization"]["pointing"]["centre"], color="grey", linestyle=":", label="centre, pointing"
    )
    axes.set(xlabel="videos", xscale="log", ylim=(0, 1))
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)

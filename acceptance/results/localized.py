"""The results page's sections on localization: the generated worlds, their controls, classes and sizes, composites."""

from collections.abc import Sequence

from acceptance.results import figures, measure
from acceptance.results.experiments import EXPERIMENTS, Experiment
from acceptance.results.measure import measured
from acceptance.results.tables import NONE, Result, interval_of, learnt_from, number, spent, table, value

WORLDS = {"avol": "standard", "hard": "hard"}  # what the experiments' worlds are called
CONTROLLED = {  # figures that stand beside controls, and what the model is asked there
    "pointing": "pointing",
    "swap_pointing": "audio swapped, to the other object",
    "right_of_two": "the right one of two",
}
CONTROLS = (
    "model",
    "centre",
    "uniform",
    "random_weights",
    "other_sound",
    "silence",
    "white_noise",
    "original_audio",
    "chance",
)


def found_in(name: str) -> Result:
    """What an experiment's localization gave; empty where it was not measured."""
    return (measured(name) or {}).get("localization") or {}


def localization() -> str:
    """AVOL-Net on both worlds."""
    head = ("AVOL-Net on", *LOCATED, "AVC", "labels' ceiling", "training")
    rows = []
    for name, world in WORLDS.items():
        found, report = found_in(name), (measured(name) or {}).get("train")
        if not found or not report:
            rows.append((world, *located(found), "", "", ""))
            continue
        told = (value(found["avc"]), value(found["avc"], "ceiling"), spent(report))
        plain = ", no mixtures" if "--mixed" in EXPERIMENTS[name].options else ""
        rows.append((f"{world}, {learnt_from(report)} videos{plain}", *located(found), *told))
    parts = [
        "## Localization",
        table(head, rows),
        "The paper's later version reports pointing .817 on AudioSet-Instruments against .572 for the image's centre.",
    ]
    beside = [
        f"On `{world}`, beside its controls:\n\n{controls(found)}"
        for name, world in WORLDS.items()
        if (found := found_in(name))
    ]
    if beside:
        beside.append(
            "Other sound, silence and white noise are what the network hears instead of what sounds; original audio "
            "is how often its peak lies on the other object before the swap."
        )
    return "\n\n".join(part for part in (*parts, *beside, _overlap(), *_breakdown()) if part)


def controls(found: Result) -> str:
    """The figures that a network could reach without listening, row by row what reaches how much."""
    names = [name for name in CONTROLLED if name in found]
    rows = [
        (row.replace("_", " "), *(value(found[name], row) for name in names))
        for row in CONTROLS
        if any(found[name].get(row) is not None for name in names)
    ]
    return table(("", *(CONTROLLED[name] for name in names)), rows)


def _overlap() -> str:
    """cIoU and AUC, which published tables use, and why they say little of small objects."""
    rows = []
    for name, label in (*WORLDS.items(), ("composites", "pasted photographs")):
        if figure := found_in(name).get("ciou_auc"):
            rows.append((label, *(value(figure, which) for which in ("model", "centre", "silence", "ceiling"))))
    if not rows:
        return ""
    return (
        "VGG-SS's AUC of cIoU, whose map is the upper half of its values whatever the object's size; the ceiling "
        "is what a map of exactly the truth would get, so objects as small as these leave it little to tell:\n\n"
        + table(("AUC of cIoU on", "model", "centre", "silence", "ceiling"), rows)
    )


def _breakdown() -> list[str]:
    """By size and by class, the worlds side by side."""
    worlds = {world: found_in(name) for name, world in WORLDS.items() if found_in(name)}
    tables = []
    for division in ("by_size", "by_class"):
        groups = {group: None for found in worlds.values() for group in found.get(division, {})}
        if not groups:
            continue
        head = [division.removeprefix("by_")]
        for world in worlds:
            head += [f"{world}: pointing", "box IoU >= .5", "n"]
        ordered = groups if division == "by_size" else sorted(groups)
        rows = [
            (group, *(cell for found in worlds.values() for cell in _group(found.get(division, {}).get(group))))
            for group in ordered
        ]
        tables.append(table(head, rows))
    return tables


def _group(figures_: Result | None) -> tuple[str, ...]:
    if not figures_:
        return ("", "", "")
    pointing, box = figures_.get("pointing", {}), figures_.get("box_iou50", {})
    return value(pointing), value(box), str(pointing.get("n", ""))


LOCATED = ("pointing", "audio swapped", "box IoU >= .5", "mean IoU", "centre, pointing", "untrained")


def located(found: Result) -> tuple[str, ...]:
    """The cells under `LOCATED`."""
    if not found:
        return (NONE, "", "", "", "", "")
    return (
        *(value(found[name]) for name in ("pointing", "swap_pointing", "box_iou50", "mean_iou")),
        value(found["pointing"], "centre", interval=False),
        value(found["pointing"], "random_weights", interval=False),
    )


def compared_trainings(experiments: Sequence[Experiment], labels: Sequence[str]) -> str:
    """A table of a row an experiment."""
    rows = [(label, *located(found_in(one.name))) for one, label in zip(experiments, labels, strict=True)]
    return table(("", *LOCATED), rows)


def composites() -> str:
    """Scenes pasted together from photographs and recordings."""
    result, found = measured("composites"), found_in("composites")
    text = (
        "## A first look at the real world\n\n"
        "Photographs pasted on photographed backgrounds, one or two objects of 13 classes, one of them heard through a "
        "recording; learnt from without labels, beginning from the shipped weights, measured on other photographs and "
        "recordings. No target."
    )
    if not result or not found:
        return text + f"\n\n{NONE.capitalize()}: the photographs and recordings are not part of the project."
    figures.learning_curves([result], measure.KEPT / "composites.png")
    if not result["train"].get("training", {}).get("mixed"):
        text += " Neither those weights, of the same videos, nor this training heard mixtures."
    rows = [(label, value(found.get(name)), value(found.get(name), beside)) for name, label, beside in (
        ("box_iou50", "box IoU >= .5", "centre"),
        ("mean_iou", "mean IoU", "centre"),
        ("avc", "AVC", "ceiling"),
    )]  # fmt: skip
    parts = [
        text,
        f"On {found['videos']} scenes:" if "videos" in found else "",
        controls(found),
        table(("", "model", "centre; of AVC the labels' ceiling"), rows),
        _limits(found),
        "![Learning curve](results/composites.png)",
        result["train"]["verdict"],
    ]
    return "\n\n".join(part for part in parts if part)


def _limits(found: Result) -> str:
    """Whether what it does can be told from a network that hears nothing; what limits it."""
    pointing, silence = found["pointing"], interval_of(found["pointing"], "silence")
    parts = []
    if silence and pointing["ci95"][0] <= silence[1]:
        parts.append(
            "Pointing's interval overlaps that of silence: most of this pointing is at what could sound, whatever is "
            "heard."
        )
    two = found.get("right_of_two")
    if two and two["ci95"][0] > two["chance"]:
        deaf = [name for name in ("other_sound", "silence", "white_noise") if name in two]
        beyond = [name for name in deaf if two["ci95"][0] > two["intervals"][name][1]]
        others = [name.replace("_", " ") for name in deaf if name not in beyond]
        parts.append(
            f"That it listens at all shows in which of two it chooses: {number(two['model'])}, above chance"
            + (
                f", though its interval overlaps those of {', '.join(others)}."
                if others
                else ", and above every control."
            )
        )
    if parts:
        parts.append("What limits it is in the verdict below: how well it tells held-out pairs apart.")
    return " ".join(parts)

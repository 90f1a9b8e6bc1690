"""docs/results.md, written from what the experiments measured; what was not measured says so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acceptance.results import figures
from acceptance.results.experiments import EXPERIMENTS, MOTION, NETWORKS, PAPER, SETTINGS, VIDEOS, Experiment
from acceptance.results.measure import KEPT, RETRIEVAL, measured

PAGE = KEPT.parent / "results.md"
DIRECTIONS = ("im-im", "im-aud", "aud-im", "aud-aud")
# "Objects that Sound", tables 1 and 2: AudioSet-Instruments, test; AVC accuracy and nDCG@30 by direction.
PUBLISHED = {
    "random": (".50", ".407", ".407", ".407", ".407"),
    "L3-Net": (".808", ".567", ".418", ".385", ".653"),
    "L3-Net + CCA": ("", ".578", ".531", ".560", ".649"),
    "VGG16, ImageNet": ("", ".600", "", "", ""),
    "VGG16 + L3-Net's audio, CCA": ("", ".493", ".458", ".464", ".618"),
    "AVE-Net": (".819", ".604", ".561", ".587", ".665"),
    "AVOL-Net": (".819", "", "", "", ""),
}
NONE = "not measured"
FLAWLESS = 0.995  # pointing from which there is no failure worth a picture

Result = dict[str, Any]


def write() -> Path:
    """Draw the figures and write the page; its path."""
    parts = [
        _head(),
        _networks(),
        _retrieval(),
        _localization(),
        _videos(),
        _settings(),
        _paper(),
        _motion(),
        _composites(),
    ]
    parts += [_pictures(), _large(), _commands()]
    PAGE.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return PAGE


def _head() -> str:
    return """# Results

Everything here is measured on the generated benchmark (`earmark world FOLDER --benchmark`), small networks (0.65 M
parameters, 112-pixel frames), two CPU cores, no labels in training. 1,600 videos of 6 s are learnt from where nothing
else is said, and 250 others are measured on; intervals are 95 %, bootstrapped over videos. `make results` writes this
page from the JSON in [results/](results/); `make results ARGS="--measure --data FOLDER"` measures anew what is missing
there, hours of it. Published figures are of other data (AudioSet-Instruments) and full-size networks: they show what to
expect of the order of things, not a race."""


def _networks() -> str:
    rows = []
    for experiment in NETWORKS:
        result = measured(experiment.name)
        name = {"avol": "AVOL-Net", "ave": "AVE-Net", "l3": "L3-Net"}[experiment.name]
        avc = (result or {}).get("avc") or {}
        report = (result or {}).get("train")
        spent = f"{report['steps']} steps, {report['seconds'] / 60:.0f} min" if report else NONE
        accuracy = _value(avc.get("avc"), "model")
        rows.append((name, PUBLISHED[name][0], accuracy, _value(avc.get("avc"), "ceiling", interval=False), spent))
    head = ("network", "published AVC", "AVC here", "labels' ceiling", "training")
    return (
        "## Correspondence\n\n"
        + _table(head, rows)
        + (
            "\n\nHalf of the pairs correspond. The ceiling is what knowing every class would reach: another video's "
            "sound can fit by chance."
        )
    )


def _retrieval() -> str:
    result = measured(RETRIEVAL)
    rows = [(f"{name} (published)", *values[1:]) for name, values in PUBLISHED.items() if any(values[1:])]
    rows += (
        (f"**{row['name']}**", *(_cell(row.get(direction)) for direction in DIRECTIONS))
        for row in (result or {}).get(RETRIEVAL, {}).get("rows", [])
    )
    if result is None:
        rows += ((f"{name}, here", NONE, "", "", "") for name in ("AVE-Net", "AVOL-Net", "L3-Net", "L3-Net + CCA"))
    rows += ((f"{name}, here", NONE, "", "", "") for name in ("VGG16, ImageNet", "VGG16 + L3-Net's audio, CCA"))
    return (
        "## Retrieval, nDCG@30\n\n"
        + _table(("network", *DIRECTIONS), rows)
        + (
            "\n\nPublished: relevance 20 - tree distance of the classes. Here (bold): classes are flat, relevance is "
            "a class shared or not, so chance lies lower. VGG16 needs its published weights: `--vgg16 FILE`."
        )
    )


def _localization() -> str:
    head = ("AVOL-Net on", "pointing", "audio swapped", "box IoU >= .5", "mean IoU", "centre, pointing", "untrained")
    rows = []
    for name in ("avol", "hard"):
        result = measured(name)
        found = (result or {}).get("localization")
        label = "standard, 1600 videos" if name == "avol" else "hard, 800 videos"
        rows.append((label, *_located(found)))
    return (
        "## Localization\n\n"
        + _table(head, rows)
        + (
            "\n\nThe paper's later version reports pointing .817 on AudioSet-Instruments against .572 for the image's "
            "centre."
        )
        + _controls()
        + _overlap()
        + _breakdown()
    )


def _controls() -> str:
    found = (measured("avol") or {}).get("localization", {}).get("pointing")
    if not found:
        return ""
    names = list(found.get("intervals", {}))
    cells = ", ".join(f"{name.replace('_', ' ')} {_number(found[name])}" for name in names)
    return f"\n\nPointing on `standard` beside its controls: model {_number(found['model'])}; {cells}."


def _overlap() -> str:
    """cIoU and AUC, which published tables use, and why they say little of small objects."""
    rows = []
    for name in ("avol", "hard", "composites"):
        found = (measured(name) or {}).get("localization", {}).get("ciou_auc")
        if found:
            label = {"avol": "standard", "composites": "pasted photographs"}.get(name, name)
            rows.append((label, *(_value(found, which) for which in ("model", "centre", "silence", "ceiling"))))
    if not rows:
        return ""
    return (
        "\n\nVGG-SS's AUC of cIoU, whose map is the upper half of its values whatever the object's size; the ceiling "
        "is what a map of exactly the truth would get, so objects as small as these leave it little to tell:\n\n"
        + _table(("AUC of cIoU on", "model", "centre", "silence", "ceiling"), rows)
    )


def _breakdown() -> str:
    found = (measured("avol") or {}).get("localization", {})
    lines = []
    for key in ("by_size", "by_class"):
        groups = found.get(key)
        if groups:
            rows = []
            for group, figures_ in groups.items():
                rows.append(
                    (
                        group,
                        *(_value(figures_.get(name), "model") for name in ("pointing", "box_iou50")),
                        str((figures_.get("pointing") or {}).get("n", "")),
                    )
                )
            lines.append(_table((key.replace("by_", ""), "pointing", "box IoU >= .5", "n"), rows))
    return "".join("\n\n" + line for line in lines)


def _videos() -> str:
    results = _done(VIDEOS)
    text = "## How many videos\n\n"
    if results:
        figures.by_videos(results, KEPT / "videos.png")
        text += "![Pointing and boxes over the number of videos](results/videos.png)\n\n"
    return text + _compared(VIDEOS, "500 steps of 64 pairs each.")


def _settings() -> str:
    group = (next(one for one in VIDEOS if one.name == "videos-1600"), *SETTINGS)
    results = _done(group)
    text = "## Heads, objectives, pooling, map\n\n"
    if results:
        figures.learning_curves(results, KEPT / "settings.png")
        text += "![Learning curves](results/settings.png)\n\n"
    return text + _compared(group, "1,600 videos, 500 steps of 64 pairs each; the first line is the default.")


def _paper() -> str:
    rows = []
    for experiment in PAPER:
        result = measured(experiment.name)
        report = (result or {}).get("train")
        spent = f"{report['pairs']:,} pairs, {report['seconds'] / 60:.0f} min" if report else NONE
        rows.append((experiment.shows, _value(((result or {}).get("avc") or {}).get("avc"), "model"), spent))
    text = "## The paper's objective and its shortcut\n\n" + _table(("training", "AVC", "spent"), rows)
    results = _done(PAPER)
    if results:
        figures.learning_curves(results, KEPT / "avc.png")
        text += "\n\n![Learning curves of the paper's objective](results/avc.png)"
    return text + (
        "\n\nIn the paper, negatives that begin anywhere betray themselves: .876, not .819. Here every network is "
        "measured on pairs whose starts tell nothing; where the two intervals overlap, no harm of the shortcut is seen."
    )


def _motion() -> str:
    rows = []
    for experiment in MOTION:
        result = measured(experiment.name)
        published = {"ave-500": ".819", "ave-mf": ".847", "ave-of": ".849"}[experiment.name]
        found = ((result or {}).get("avc") or {}).get("avc")
        rows.append((experiment.shows, published, _value(found, "model")))
    return "## Movement\n\n" + _table(("network", "published AVC", "AVC here, 400 videos, 500 steps"), rows)


def _composites() -> str:
    result = measured("composites")
    text = "## A first look at the real world\n\n"
    text += (
        "Photographs pasted on photographed backgrounds, one or two objects of 13 classes, one of them heard through a "
        "recording; learnt from without labels, beginning from the shipped weights, measured on other photographs and "
        "recordings. No target."
    )
    found = (result or {}).get("localization")
    if not result or not found:
        return text + f"\n\n{NONE.capitalize()}: the photographs and recordings are not part of the project."
    figures.learning_curves([result], KEPT / "composites.png")
    pointing = found["pointing"]
    names = list(pointing["intervals"])
    rows = [("model", _value(pointing, "model"))]
    rows += [(name.replace("_", " "), _value(pointing, name)) for name in names]
    rows += [("audio swapped, to the other object", _value(found["swap_pointing"], "model"))]
    if "right_of_two" in found:
        rows += [("the right one of two (chance .50)", _value(found["right_of_two"], "model"))]
    return (
        text
        + "\n\n"
        + _table(("pointing", "on 250 scenes"), rows)
        + _limits(found)
        + ("\n\n![Learning curve](results/composites.png)\n\n" + result["train"]["verdict"])
    )


def _limits(found: dict[str, Any]) -> str:
    """Whether pointing can be told from that of a network that hears nothing; what limits it."""
    pointing = found["pointing"]
    if pointing["ci95"][0] > pointing["intervals"]["silence"][1]:
        return ""
    return (
        "\n\nIts interval overlaps that of silence: most of this pointing is at what could sound, whatever is heard. "
        "That it listens at all shows in which of two it chooses. What limits it is in the verdict below: it tells "
        "held-out pairs apart only a little better than chance."
    )


def _pictures() -> str:
    shown = []
    if (KEPT / "swapped.png").is_file():
        shown.append(
            "The same frame heard with its own sound, with that of the other object in view taken from another video, "
            "and in silence; solid boxes sound.\n\n![Heatmaps with the audio swapped](results/swapped.png)"
        )
    for name, level in (("avol", "standard"), ("hard", "hard")):
        pointing = (measured(name) or {}).get("localization", {}).get("pointing", {})
        if pointing.get("model", 0.0) >= FLAWLESS:
            shown.append(
                f"On `{level}` it points at something silent in fewer than one of {1 / (1 - FLAWLESS):.0f} "
                "samples: its failures are loose boxes, by class and size in the table above."
            )
        elif (KEPT / f"failures-{name}.png").is_file():
            shown.append(
                f"Where it fails on `{level}`, the most confident first:\n\n"
                f"![Failures, {level}](results/failures-{name}.png)"
            )
    return "\n\n".join(["## Heatmaps", *(shown or [NONE])])


def _large() -> str:
    return (
        "## Full-size networks\n\nNot measured: they want a GPU. `earmark train FOLDER --size paper --out FILE` trains "
        "them; their shapes and parameter counts are tested."
    )


def _commands() -> str:
    lines = [command for name in (*EXPERIMENTS, RETRIEVAL) for command in (measured(name) or {}).get("commands", [])]
    listed = "\n".join(f"    {line}" for line in lines)
    return (
        "## Commands\n\nEach figure's, in the folder that `earmark world . --benchmark`, again with `--level hard`, "
        "filled; `train-800` holds the first 800 videos of `train`, and so on:\n\n" + listed
    )


def _compared(experiments: Sequence[Experiment], note: str) -> str:
    head = ("", "pointing", "audio swapped", "box IoU >= .5", "mean IoU", "centre, pointing", "untrained")
    rows = []
    for experiment in experiments:
        found = (measured(experiment.name) or {}).get("localization")
        label = (
            "default"
            if experiment.name == "videos-1600" and experiments[-1].name != "videos-2400"
            else experiment.shows
        )
        rows.append((label, *_located(found)))
    return _table(head, rows) + f"\n\n{note}"


def _located(found: Result | None) -> tuple[str, ...]:
    if not found:
        return (NONE, "", "", "", "", "")
    return (
        *(_value(found[name], "model") for name in ("pointing", "swap_pointing", "box_iou50", "mean_iou")),
        _value(found["pointing"], "centre", interval=False),
        _value(found["pointing"], "random_weights", interval=False),
    )


def _done(experiments: Sequence[Experiment]) -> list[Result]:
    return [result for result in (measured(one.name) for one in experiments) if result is not None]


def _value(figure: Result | None, row: str, *, interval: bool = True) -> str:
    """A row of a figure with its interval, as text."""
    if not figure or figure.get(row) is None:
        return NONE if figure is None else ""
    ends = figure.get("ci95") if row == "model" else figure.get("intervals", {}).get(row)
    return _number(figure[row]) + (f" ({_number(ends[0])}-{_number(ends[1])})" if interval and ends else "")


def _cell(cell: Result | None) -> str:
    if not cell or cell.get("value") is None:
        return ""
    low, high = cell["ci95"]
    return f"{_number(cell['value'])} ({_number(low)}-{_number(high)})"


def _number(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

"""docs/results.md, written from what the experiments measured; what was not measured says so."""

from collections.abc import Sequence
from pathlib import Path

from acceptance.results import figures, measure
from acceptance.results.experiments import EXPERIMENTS, MOTION, NAIVE, NETWORKS, PAPER, SETTINGS, VIDEOS, Experiment
from acceptance.results.localized import WORLDS, compared_trainings, composites, found_in, localization
from acceptance.results.measure import RETRIEVAL, measured
from acceptance.results.tables import NONE, Result, compared, learnt_from, number, spent, table, value
from model.world.benchmark import SPLITS
from model.world.levels import Level

PAGE = measure.KEPT.parent / "results.md"
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


def write() -> Path:
    """Draw the figures and write the page; its path."""
    parts = [
        _head(),
        _networks(),
        _retrieval(),
        localization(),
        _videos(),
        _settings(),
        _paper(),
        _motion(),
        composites(),
    ]
    parts += [_pictures(), _large(), _commands()]
    PAGE.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return PAGE


def _head() -> str:
    train, test = (SPLITS[Level.STANDARD][split].videos for split in ("train", "test"))
    return f"""# Results

Everything here is measured on the generated benchmark (`earmark world FOLDER --benchmark`) with small networks (0.65 M
parameters, 112-pixel frames) and no labels in training, on two CPU cores that also did other work{_threads()}.
{train:,} videos of 6 s are learnt from where nothing else is said, a tenth of them held out to stop and calibrate on,
and {test} others are measured on; intervals are 95 %, bootstrapped over videos, and of two that overlap none is called
better. Each training was made once: how much another by the same options differs is in no interval. Those that are
compared with each other, and the one on the hard world, learn without mixtures (`--mixed 0`). `make results`
writes this page from the JSON in [results/](results/); `make results ARGS="--measure --data FOLDER"` measures what is
missing there, hours of it. Published figures are of other data (AudioSet-Instruments) and full-size networks: they show
what to expect of the order of things, not a race."""


def _threads() -> str:
    """On how many threads the trainings ran, as far as their reports tell."""
    reports = [(measured(name) or {}).get("train") or {} for name in EXPERIMENTS]
    told = sorted({report["threads"] for report in reports if "threads" in report})
    return f" (trainings on {' or '.join(map(str, told))} threads, where their report tells)" if told else ""


def _networks() -> str:
    rows = []
    for experiment in NETWORKS:
        result = measured(experiment.name) or {}
        name = {"avol": "AVOL-Net", "ave": "AVE-Net", "l3": "L3-Net"}[experiment.name]
        avc = (result.get("avc") or {}).get("avc")
        ceiling, took = value(avc, "ceiling", interval=False), spent(result.get("train"))
        rows.append((name, PUBLISHED[name][0], value(avc), ceiling, took))
    parts = [
        "## Correspondence",
        table(("network", "published AVC", "AVC here", "labels' ceiling", "training"), rows),
        "Half of the pairs correspond. The ceiling is what knowing every class would reach: another video's sound can "
        "fit by chance.",
    ]
    if results := _done(NETWORKS):
        figures.learning_curves(results, measure.KEPT / "networks.png")
        parts.append("![Learning curves of the default trainings](results/networks.png)")
    return "\n\n".join(parts)


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
        + table(("network", *DIRECTIONS), rows)
        + (
            "\n\nPublished: relevance 20 - tree distance of the classes. Here (bold): classes are flat, relevance is "
            "a class shared or not, so chance lies lower. VGG16 needs its published weights: `--vgg16 FILE`."
        )
    )


def _videos() -> str:
    results = _done(VIDEOS)
    text = "## How many videos\n\n"
    if results:
        figures.by_videos(results, measure.KEPT / "videos.png")
        text += "![Pointing and boxes over the number of videos](results/videos.png)\n\n"
    return text + compared_trainings(VIDEOS, [one.shows for one in VIDEOS]) + _pairs(results)


def _settings() -> str:
    default = next(one for one in VIDEOS if one.name == "videos-1600")
    group = (default, *SETTINGS)
    results = _done(group)
    text = "## Heads, objectives, pooling, map\n\n"
    if results:
        figures.learning_curves(results, measure.KEPT / "settings.png")
        text += "![Learning curves](results/settings.png)\n\n"
    text += compared_trainings(group, ["without mixtures", *(one.shows for one in SETTINGS)])
    text += (f"\n\n{learnt_from(results[0]['train']):,} videos each." if results else "") + _pairs(results)
    return text + _mixtures(default)


def _mixtures(plain: Experiment) -> str:
    """How a short training with mixtures compares with `plain`, one without."""
    words = compared(*(found_in(name).get("pointing") for name in ("mixed", plain.name)))
    if not words:
        return ""
    if words == "not told apart":
        words += " from"
    return (
        f"\n\nAfter so few steps, pointing with mixtures is {words} that without. The default training above hears "
        "them too, and goes on for longer; what they are for is in [tracks](tracks.md)."
    )


def _pairs(results: Sequence[Result]) -> str:
    """How long the trainings of a table were, where all were as long."""
    reports = [result["train"] for result in results]
    lengths = {(report["steps"], report["pairs"]) for report in reports}
    if len(lengths) != 1:
        return ""
    steps, pairs = next(iter(lengths))
    return f"\n\nEach {steps} steps of {pairs // steps} pairs."


def _paper() -> str:
    rows = []
    for experiment in PAPER:
        result = measured(experiment.name) or {}
        report = result.get("train")
        took = f"{report['pairs']:,} pairs, {report['seconds'] / 60:.0f} min" if report else NONE
        honest, naive = ((result.get(subject) or {}).get("avc") for subject in ("avc", NAIVE))
        rows.append((experiment.shows, value(honest), value(naive), took))
    head = ("training", "AVC, starts that tell nothing", "AVC, negatives that begin anywhere", "spent")
    parts = [
        "## The paper's objective and its shortcut",
        table(head, rows),
        "In the paper, negatives that begin anywhere betray themselves: .876, not .819. Measured on pairs whose starts "
        "tell nothing, a network that relies on the shortcut loses; on pairs of which only the matching ones begin on "
        "the .04 s grid (`earmark evaluate avc --negatives naive`), it gains.",
        _shortcut(),
    ]
    if results := _done(PAPER):
        figures.learning_curves(results, measure.KEPT / "avc.png")
        parts.append("![Learning curves of the paper's objective](results/avc.png)")
    return "\n\n".join(part for part in parts if part)


def _shortcut() -> str:
    """What the two trainings say of the shortcut."""
    honest, naive = (measured(one.name) or {} for one in PAPER)
    said = []
    for subject, where in (("avc", "where starts tell nothing"), (NAIVE, "where the negatives' starts betray them")):
        figures_ = [(result.get(subject) or {}).get("avc") for result in (naive, honest)]
        words = {
            "": NONE,
            "not told apart": "not told apart from",
            "above": "above",
            "below": "below",
        }[compared(*figures_)]
        said.append(
            f"{where}, that is {NONE}"
            if words == NONE
            else f"{where}, the network trained on such negatives is {words} the other"
        )
    text = "; ".join(said)
    own = compared(*((naive.get(subject) or {}).get("avc") for subject in (NAIVE, "avc")))
    learnt = {
        "": "",
        "above": " It does better on pairs whose starts betray them: it has learnt the shortcut.",
    }.get(own, " It does no better on pairs whose starts betray them: here the paper's shortcut was not learnt.")
    return f"{text[0].upper()}{text[1:]}.{learnt}"


def _motion() -> str:
    rows = []
    results = _done(MOTION)
    still = ((measured(MOTION[0].name) or {}).get("avc") or {}).get("avc")
    for experiment in MOTION:
        result = measured(experiment.name) or {}
        published = {"ave-500": ".819", "ave-mf": ".847", "ave-of": ".849"}[experiment.name]
        found = (result.get("avc") or {}).get("avc")
        beside = "" if experiment is MOTION[0] else compared(found, still)
        rows.append((experiment.shows, published, value(found), beside, spent(result.get("train"))))
    text = "## Movement\n\n" + table(("network", "published AVC", "AVC here", "beside AVE-Net", "training"), rows)
    return text + (f"\n\n{learnt_from(results[0]['train'])} videos each." if results else "")


def _pictures() -> str:
    shown = []
    if (measure.KEPT / "swapped.png").is_file():
        shown.append(
            "The same frame heard with its own sound, with that of the other object in view taken from another video, "
            "and in silence; solid boxes sound.\n\n![Heatmaps with the audio swapped](results/swapped.png)"
        )
    for name, level in WORLDS.items():
        if (measure.KEPT / f"failures-{name}.png").is_file():
            shown.append(
                f"Where on `{level}` it points at something silent, one frame a video, the "
                f"most confident first:\n\n![Failures, {level}](results/failures-{name}.png)"
            )
        if (measure.KEPT / f"boxes-{name}.png").is_file():
            shown.append(
                f"Where on `{level}` it points right and its box (white) is not half the object's (cyan), one frame a "
                f"video and every class in turn, the worst first:\n\n![Loose boxes, {level}](results/boxes-{name}.png)"
            )
    if shown:
        shown.append(
            '`make results ARGS="--data FOLDER"` draws these anew, by the shipped weights and those of `hard` in '
            "FOLDER/weights."
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
        "filled; `train-200` holds the first 200 videos of `train`, and so on:\n\n" + listed
    )


def _done(experiments: Sequence[Experiment]) -> list[Result]:
    return [result for result in (measured(one.name) for one in experiments) if result is not None]


def _cell(cell: Result | None) -> str:
    if not cell or cell.get("value") is None:
        return ""
    low, high = cell["ci95"]
    return f"{number(cell['value'])} ({number(low)}-{number(high)})"

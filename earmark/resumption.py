"""Going on with an interrupted training: what must be the same, in the words of `earmark train`'s options."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.training.snapshot import OtherTrainingError

# How the command line says what is called otherwise in a training's settings; the others are options of their name.
_OPTIONS = {
    "kind": "--model",
    "naive": "--negatives",
    "sharpness": "--hard",
    "stride": "--fine",
    "image_size": "--size",
    "width": "--size",
    "pool3": "--size",
    "sound_pool": "--size",
    "processes": "the number of processes",
    "videos": "the videos",
}
_SAME_VALUES = {"kind", "processes"}  # of these, the settings whose values are those that the option takes


def differs(error: "OtherTrainingError") -> str:
    """The sentence that refuses the snapshot of another training."""
    from model.training.snapshot import told

    found = []
    for name, values in error.different.items():
        option = _OPTIONS.get(name, "--" + name.replace("_", "-"))
        found.append(option + (told(*values) if name in _SAME_VALUES or name not in _OPTIONS else ""))
    return (
        f"{error.path} is of another training, which differs in {', '.join(dict.fromkeys(found))}: go on with the same "
        "as there, or begin again by --anew."
    )

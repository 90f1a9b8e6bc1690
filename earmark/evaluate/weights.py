"""The weights that `--model` names."""

from pathlib import Path

SHIPPED = "shipped"


def weights_of(model: str, file: str = "avol.safetensors") -> Path:
    """The file of weights a person means: "shipped", a file, or the folder of a model version.

    Args:
        model: as written on the command line.
        file: which of a version's networks is meant.
    """
    from model import checkpoints

    if model == SHIPPED:
        return checkpoints.SHIPPED / file
    return Path(model) / file if Path(model).is_dir() else Path(model)

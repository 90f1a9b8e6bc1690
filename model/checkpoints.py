"""Weights on disk: safetensors that describe themselves, and the pair of networks that make a version."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.networks import AVENet, AVOLNet, Network

SHIPPED = Path(__file__).parent / "weights"
FILES = ("avol.safetensors", "ave.safetensors")
CARD = "card.json"


class CheckpointError(ValueError):
    """Weights that cannot be used, in one sentence."""


@dataclass(frozen=True)
class Models:
    """The two networks of one version.

    Attributes:
        avol: draws the boxes.
        ave: embeds pictures and sounds for likeness.
        version: "earmark-" and 12 hexadecimal digits, the hash of both weight files.
        card: what they were trained on, by which command, with which figures.
    """

    avol: "AVOLNet"
    ave: "AVENet"
    version: str
    card: dict


def save(path: str | Path, network: "Network", card: dict | None = None) -> None:
    """Write a network's weights, its configuration and card in the file's own metadata. Atomic."""
    from safetensors.torch import save_file

    path = Path(path)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    metadata = {
        "network": network.kind,
        "config": json.dumps(network.config.to_dict(), sort_keys=True),
        "card": json.dumps(card or {}, sort_keys=True),
    }
    partial = path.with_name(path.name + ".partial")
    save_file(tensors, partial, metadata=metadata)
    partial.replace(path)


def load(path: str | Path, device: str = "cpu") -> "Network":
    """The network a file describes, in evaluation mode. Nothing is unpickled.

    Raises:
        CheckpointError: the file is missing, is no safetensors file of ours, or does not fit its configuration.
    """
    from safetensors import SafetensorError, safe_open

    from model import networks

    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such weights file.")
    try:
        with safe_open(path, framework="pt", device=device) as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        network = networks.NETWORKS[metadata["network"]](networks.NetworkConfig(**json.loads(metadata["config"])))
        network.load_state_dict(tensors, strict=True)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError, OSError) as error:
        raise CheckpointError(f"{path}: not weights of a network known here ({error}).") from error
    network.to(device).eval()
    return network


def card_of(path: str | Path) -> dict:
    """The card inside a weights file.

    Raises:
        CheckpointError: the file cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return json.loads((file.metadata() or {}).get("card", "{}"))
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read ({error}).") from error


def version_of(directory: str | Path) -> str:
    """The version's name: a hash of its weight files, so that other weights always have another name.

    Raises:
        CheckpointError: a file is missing.
    """
    digest = hashlib.sha256()
    for name in FILES:
        path = Path(directory) / name
        if not path.is_file():
            raise CheckpointError(f"{directory}: it holds no {name}, so it is not a model version.")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"earmark-{digest.hexdigest()[:12]}"


def load_models(directory: str | Path = SHIPPED, device: str = "cpu") -> Models:
    """Load a version's two networks and its card.

    Raises:
        CheckpointError: a file is missing or does not fit.
    """
    from model.networks import AVENet, AVOLNet

    directory = Path(directory)
    version = version_of(directory)
    avol, ave = (load(directory / name, device) for name in FILES)
    card = directory / CARD
    # A version whose files were swapped must not start drawing boxes.
    if not isinstance(avol, AVOLNet) or not isinstance(ave, AVENet):
        raise CheckpointError(f"{directory}: avol.safetensors and ave.safetensors do not hold AVOL-Net and AVE-Net.")
    return Models(avol, ave, version, json.loads(card.read_text()) if card.is_file() else {})

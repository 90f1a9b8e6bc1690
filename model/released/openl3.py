"""OpenL3's weights (CC-BY-4.0; Cramer, Wu, Salamon and Bello, ICASSP 2019).

github.com/marl/openl3, branch `models`: `openl3_{audio,image}_{linear,mel128,mel256}_{music,env}-v0_4_0.h5.gz`, what
Keras' `save_weights` writes. Layers are mapped by their order in the file, which is that of the network, because their
names only count what was built before them. Kernels are (height, width, in, out).
"""

import gzip
import io
import re
import zlib
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Tensor

from model.networks import NetworkConfig, OpenL3Net
from model.networks.layers import OpenL3Trunk
from model.released.files import MOST_BYTES, ReleaseError

LICENCE = "CC-BY-4.0"
AUTHORS = "Cramer, Wu, Salamon and Bello (OpenL3, ICASSP 2019), github.com/marl/openl3"
SOUNDS = ("openl3-linear", "openl3-mel128", "openl3-mel256")

_NAME = re.compile(r"openl3_(?:audio|image)_(linear|mel128|mel256)_(music|env)\b")
# Keras' names of a layer's weights -> PyTorch's.
_CONVOLUTION = {"kernel": "weight", "bias": "bias"}
_NORMALISATION = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}

Layer = dict[str, np.ndarray]  # by Keras' name of the weight


def import_network(audio: Path, image: Path, *, sound: str | None = None) -> OpenL3Net:
    """The network of two released files, in evaluation mode.

    Args:
        audio: openl3_audio_*.h5.gz, unpacked or not.
        image: the image file of the same pair.
        sound: one of `SOUNDS`; by default as the audio file's name says. The weights do not tell.

    Raises:
        ReleaseError: a file is damaged or of another network, or the two are not a pair.
    """
    names = [_NAME.search(path.name) for path in (audio, image)]
    if names[0] and names[1] and names[0].groups() != names[1].groups():
        raise ReleaseError(
            f"{audio.name} and {image.name} were not trained together: give the image file "
            f"openl3_image_{'_'.join(names[0].groups())}."
        )
    if sound is None:
        if names[0] is None:
            raise ReleaseError(
                f"{audio}: its name does not say which spectrogram it was trained on; name one of {', '.join(SOUNDS)}."
            )
        sound = f"openl3-{names[0].group(1)}"
    network = OpenL3Net(NetworkConfig.paper(stride=1, trunk="openl3", sound=sound, picture="signed"))
    _fill(network.sound_trunk, audio, channels=1)
    _fill(network.image_trunk, image, channels=3)
    return network.eval()


def _fill(trunk: torch.nn.Module, path: Path, *, channels: int) -> None:
    assert isinstance(trunk, OpenL3Trunk)  # noqa: S101 (for the type checker)
    layers = _layers(path)
    if layers and len(layers[0].get("gamma", ())) == 4 - channels:
        kind, other = ("audio", "image") if channels == 1 else ("image", "audio")
        raise ReleaseError(f"{path}: this is an {other} file where an {kind} file is needed; a network takes both.")
    modules = list(trunk.named_children())
    if len(layers) != len(modules):
        raise ReleaseError(f"{path}: OpenL3 has {len(modules)} layers with weights, this file has {len(layers)}.")
    state: dict[str, Tensor] = {}
    for number, ((name, module), layer) in enumerate(zip(modules, layers, strict=True), 1):
        roles = _CONVOLUTION if isinstance(module, torch.nn.Conv2d) else _NORMALISATION
        if layer.keys() != roles.keys():
            raise ReleaseError(f"{path}: layer {number} should hold {', '.join(roles)}, got {', '.join(layer)[:80]}.")
        for keras, ours in roles.items():
            value = layer[keras]
            tensor = torch.from_numpy(value.transpose(3, 2, 0, 1).copy() if value.ndim == 4 else value)
            wanted = module.state_dict()[ours]
            if tensor.shape != wanted.shape:
                raise ReleaseError(
                    f"{path}: {keras} of layer {number} should be {tuple(wanted.shape)}, got {tuple(tensor.shape)}."
                )
            if not torch.isfinite(tensor).all():
                raise ReleaseError(f"{path}: {keras} of layer {number} holds values that are not finite.")
            state[f"{name}.{ours}"] = tensor
        if roles is _NORMALISATION:
            state[f"{name}.num_batches_tracked"] = torch.tensor(0)
    trunk.load_state_dict(state)


def _layers(path: Path) -> list[Layer]:
    """The layers that have weights, in the network's order.

    Raises:
        ReleaseError: the file is damaged, or is not what Keras writes.
    """
    try:
        with h5py.File(io.BytesIO(_unpacked(path)), "r") as file:
            groups = [file[_text(name)] for name in file.attrs["layer_names"]]
            found = [{_text(name): group[_text(name)] for name in group.attrs["weight_names"]} for group in groups]
            return [{_role(name): _values(data, file) for name, data in layer.items()} for layer in found if layer]
    except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, EOFError, zlib.error):
        raise ReleaseError(f"{path}: damaged, or no weights that Keras has written.") from None


def _unpacked(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ReleaseError(f"{path}: unpacked it is larger than any weights known here ({MOST_BYTES >> 20} MB).")
    return data


def _values(data: h5py.Dataset, file: h5py.File) -> np.ndarray:
    # A dataset may name other files to read from: none of Keras' does.
    if data.file.id != file.id or data.external or data.is_virtual:
        raise ValueError("a dataset outside its file")
    if data.size > 1 << 23 or data.dtype.kind != "f":
        raise ValueError("a dataset that no layer has")
    return data[()].astype(np.float32)


def _role(name: str) -> str:
    """ "conv2d_1/kernel:0" -> "kernel"."""
    return name.rpartition("/")[2].partition(":")[0]


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)

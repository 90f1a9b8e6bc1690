"""AVE-Net and L3-Net as kyuyeonpooh trained them on AudioSet-Instruments (BSD-3-Clause).

github.com/kyuyeonpooh/objects-that-sound, `save/*.pt`: state dicts of PyTorch before 1.6. Pictures went through
ImageNet's mean and deviation, sounds through `model.frontends.psd`. Class 0 is "they correspond", whereas the logit
of this package is output 1 less output 0: the last layer's rows change places.

AVOL-Net's own weights are of no use here. With the same labels its single output was trained towards 0 for pairs that
correspond, so the maximum over places rises where some place does *not* fit. Changing the sign would turn that into a
minimum over places, which no layer of AVOL-Net computes and which says nothing about where the sound comes from.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from model.networks import AVENet, AVOLNet, L3Net, Network, NetworkConfig
from model.released.files import ReleaseError

LICENCE = "BSD-3-Clause"
AUTHORS = "kyuyeonpooh, github.com/kyuyeonpooh/objects-that-sound"
SOUNDS = ("psd-26.68", "psd-12.0")

_TRUNKS = {"icn": "image_trunk", "acn": "sound_trunk"}
_AVE_HEADS = {
    "img_fc1": "image_head.fc1",
    "img_fc2": "image_head.fc2",
    "aud_fc1": "sound_head.fc1",
    "aud_fc2": "sound_head.fc2",
    "fc3": "fc3",
}
_L3_HEADS = {"fc1": "fc1", "fc2": "fc2"}


def import_network(path: Path, *, sound: str = SOUNDS[0], as_avol: bool = False) -> Network:
    """The network of a released file, in evaluation mode.

    Args:
        path: AVE-Net_augment_inst.pt, AVE-Net_inst.pt or L3-Net_augment_inst.pt, under any name.
        sound: one of `SOUNDS`. 26.68 is the divisor in the code that augments; which one the files without "augment"
            were trained with is not recorded.
        as_avol: make AVOL-Net with the distance head from AVE-Net's trunks, layers and fc3.

    Raises:
        ReleaseError: the file is damaged, holds code, another network, or another size of it.
    """
    state = read_state(path)
    if "fus_conv7.weight" in state:
        raise ReleaseError(
            f"{path}: this AVOL-Net was trained to rise where picture and sound do not correspond, which no change of "
            "sign turns into localization; import AVE-Net of the same release as AVOL-Net instead."
        )
    config = NetworkConfig.paper(sound=sound, picture="imagenet")
    if "fc3.weight" in state:
        ave = AVENet(config)
        _fill(ave, _renamed(state, _AVE_HEADS, path), path)
        # The embedding puts corresponding pairs close together only if class 0 falls with the distance.
        weight = ave.fc3.weight
        if not weight[0] < weight[1]:
            raise ReleaseError(f"{path}: its fc3 calls pairs that lie far apart corresponding, so it cannot be used.")
        _swap_rows(ave.fc3)
        return AVOLNet.from_ave(ave, head="distance").eval() if as_avol else ave
    if as_avol:
        raise ReleaseError(f"{path}: only AVE-Net can become AVOL-Net, and this file does not hold it.")
    l3 = L3Net(config)
    _fill(l3, _renamed(state, _L3_HEADS, path), path)
    _swap_rows(l3.fc2)
    return l3


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a state dict, on the CPU. Nothing but tensors is unpickled.

    Raises:
        ReleaseError: it is damaged, or holds anything else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # the reader has no error of its own: a damaged file may raise almost any
        raise ReleaseError(f"{path}: damaged, or no plain state dict; nothing in it was run.") from None
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ReleaseError(f"{path}: not a state dict, which holds names and tensors only.")
    return dict(state)


def _renamed(state: Mapping[str, Tensor], heads: dict[str, str], path: Path) -> dict[str, Tensor]:
    """The tensors under this package's names; `heads` are all the layers beside the trunks."""
    renamed = {}
    for name, tensor in state.items():
        layer, _, rest = str(name).partition(".")
        ours = (_TRUNKS | heads).get(layer)
        if ours is None:
            raise ReleaseError(f"{path}: {str(name)[:80]!r} is no layer of a network released there.")
        renamed[f"{ours}.{rest}"] = tensor
    return renamed


def _fill(network: Network, state: Mapping[str, Tensor], path: Path) -> None:
    """Load exactly the network's tensors, each of its own shape and type and finite."""
    wanted = network.state_dict()
    if odd := sorted(wanted.keys() ^ state.keys()):
        missing = "lacks" if odd[0] in wanted else "should not have"
        raise ReleaseError(f"{path}: it {missing} {odd[0]!r}, so it is not the {network.kind} network released there.")
    for name, tensor in state.items():
        if tensor.shape != wanted[name].shape or tensor.dtype != wanted[name].dtype or tensor.layout != torch.strided:
            raise ReleaseError(
                f"{path}: {name} should be {tuple(wanted[name].shape)} of {wanted[name].dtype}, "
                f"got {tuple(tensor.shape)} of {tensor.dtype}."
            )
        if not torch.isfinite(tensor).all():
            raise ReleaseError(f"{path}: {name} holds values that are not finite.")
    network.load_state_dict(state)
    network.eval()


def _swap_rows(layer: torch.nn.Linear) -> None:
    with torch.no_grad():
        layer.weight.copy_(layer.weight.flip(0))
        layer.bias.copy_(layer.bias.flip(0))

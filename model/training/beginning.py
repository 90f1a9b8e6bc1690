"""The network a training begins from: a new one, or what fits of another."""

import copy

from model.networks import NETWORKS, AVENet, AVOLNet, Network, NetworkConfig
from model.training.errors import TrainingError


def begin(kind: str, start: Network | None, config: NetworkConfig) -> Network:
    """The network a training begins from; arguments as for `train`.

    Raises:
        TrainingError: there is no such kind, or nothing of the given network fits it.
    """
    trainable = [name for name, network in NETWORKS.items() if network.compares]
    if kind not in trainable:
        raise TrainingError(f"there is no network {kind!r} to train; choose one of {', '.join(trainable)}.")
    if start is None:
        return NETWORKS[kind](config)
    if start.kind == kind:
        if kind == AVOLNet.kind and config.head not in (start.config.head, NetworkConfig().head):
            raise TrainingError(f"the head {config.head} cannot begin from AVOL-Net with the head {start.config.head}.")
        return copy.deepcopy(start)
    if kind == AVOLNet.kind and isinstance(start, AVENet):
        return AVOLNet.from_ave(start, head=config.head)
    try:
        return NETWORKS[kind].from_trunks(start)
    except (KeyError, RuntimeError):  # its trunk has other layers, or layers of other sizes
        raise TrainingError(
            f"{kind} cannot begin from a network of kind {start.kind} with the {start.config.trunk} trunk: their "
            "trunks differ; begin from avol, ave or l3 weights, or from nothing."
        ) from None

"""The networks of "Objects that Sound" (arXiv 1712.06651) and its predecessor, from a CPU's size to the paper's."""

from model.networks.ave import AVENet
from model.networks.ave_mf import AVEMFNet
from model.networks.ave_of import AVEOFNet
from model.networks.avol import AVOLNet
from model.networks.config import NetworkConfig
from model.networks.l3 import L3Net
from model.networks.network import Network, to_input
from model.networks.openl3 import OpenL3Net

# By the names the command line and the weights' cards use.
NETWORKS: dict[str, type[Network]] = {
    network.kind: network for network in (AVOLNet, AVENet, L3Net, AVEMFNet, AVEOFNet, OpenL3Net)
}

__all__ = [
    "NETWORKS",
    "AVEMFNet",
    "AVENet",
    "AVEOFNet",
    "AVOLNet",
    "L3Net",
    "Network",
    "NetworkConfig",
    "OpenL3Net",
    "to_input",
]

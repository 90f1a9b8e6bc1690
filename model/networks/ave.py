"""AVE-Net, the audio-visual embedding network (section 3): pictures and sounds in one space."""

from model.networks.embedding import EmbeddingNetwork


class AVENet(EmbeddingNetwork):
    """One vector for a frame, one for a second of sound, close together where they correspond."""

    kind = "ave"

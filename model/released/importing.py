"""Importing: from one or two files, whichever they are, to a network and the card that says where it comes from."""

from dataclasses import dataclass
from pathlib import Path

from model import checkpoints
from model.networks import Network
from model.released import objects_that_sound, openl3
from model.released.files import Format, ReleaseError, format_of, sha256


@dataclass(frozen=True)
class Imported:
    """A network and its origin.

    Attributes:
        network: in evaluation mode; its configuration names the front-ends it was trained behind.
        card: authors, licence, files with their hashes, and front-ends; of our own weights, their card.
    """

    network: Network
    card: dict


def import_weights(
    path: Path, *, image: Path | None = None, sound: str | None = None, as_avol: bool = False
) -> Imported:
    """The network of a weights file.

    Args:
        path: a .pt file of kyuyeonpooh's release, OpenL3's audio file, or weights of our own.
        image: OpenL3's image file, with its audio file only.
        sound: the spectrogram the weights were trained on, where it is not the usual one or no name tells it.
        as_avol: make AVOL-Net of a released AVE-Net.

    Raises:
        ReleaseError: the file cannot be imported.
    """
    form = format_of(path)
    if image is not None and form is not Format.HDF5:
        raise ReleaseError(f"{path}: it is {form.value} and takes no image file; only OpenL3's audio file does.")
    if as_avol and form is not Format.TORCH:
        raise ReleaseError(f"{path}: it is {form.value}; only a released AVE-Net can become AVOL-Net.")
    if form is Format.SAFETENSORS:
        if sound is not None:
            raise ReleaseError(f"{path}: it is {form.value}, which says itself which spectrogram it was trained on.")
        return _own(path)
    release = objects_that_sound if form is Format.TORCH else openl3
    if sound is not None and sound not in release.SOUNDS:
        raise ReleaseError(f"{path}: the spectrogram of these weights is one of {', '.join(release.SOUNDS)}.")
    network: Network
    if form is Format.TORCH:
        files = [path]
        network = objects_that_sound.import_network(path, sound=sound or objects_that_sound.SOUNDS[0], as_avol=as_avol)
    else:
        if image is None:
            raise ReleaseError(f"{path}: OpenL3 comes as two files; give its audio file, and its image file beside it.")
        if format_of(image) is not Format.HDF5:
            raise ReleaseError(f"{image}: not an image file of OpenL3.")
        files = [path, image]
        network = openl3.import_network(path, image, sound=sound)
    card = {
        "authors": release.AUTHORS,
        "licence": release.LICENCE,
        "files": [{"name": file.name, "sha256": sha256(file)} for file in files],
        "network": network.kind,
        "front_end": {"sound": network.config.sound, "picture": network.config.picture},
    }
    return Imported(network, card)


def _own(path: Path) -> Imported:
    try:
        return Imported(checkpoints.load(path), checkpoints.card_of(path))
    except checkpoints.CheckpointError as error:
        raise ReleaseError(str(error)) from None

"""From files to a network with a card, and which options go with which file."""

import hashlib
from pathlib import Path

import pytest

from model import checkpoints
from model.networks import AVENet
from model.released import ReleaseError, import_weights
from tests.model.released.published import keras_layers, state_dict, write_keras, write_state_dict


def refused(path: Path, **options: object) -> str:
    with pytest.raises(ReleaseError) as error:
        import_weights(path, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_card_names_authors_licence_files_and_front_end(tmp_path: Path) -> None:
    path = write_state_dict(tmp_path / "AVE-Net_inst.pt", state_dict("ave"))
    card = import_weights(path, sound="psd-12.0").card
    assert card["licence"] == "BSD-3-Clause" and "kyuyeonpooh" in card["authors"]
    assert card["files"] == [{"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}]
    assert card["front_end"] == {"sound": "psd-12.0", "picture": "imagenet"}


def test_openl3_takes_both_its_files(tmp_path: Path) -> None:
    audio = write_keras(tmp_path / "openl3_audio_linear_music-v0_4_0.h5", keras_layers(1))
    image = write_keras(tmp_path / "openl3_image_linear_music-v0_4_0.h5", keras_layers(3))
    assert "two files" in refused(audio)
    assert "openl3-mel128" in refused(audio, image=image, sound="psd-12.0")
    assert "only a released AVE-Net" in refused(audio, image=image, as_avol=True)
    imported = import_weights(audio, image=image)
    assert imported.card["licence"] == "CC-BY-4.0" and len(imported.card["files"]) == 2
    assert imported.card["front_end"] == {"sound": "openl3-linear", "picture": "signed"}


def test_weights_of_our_own_keep_their_card(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    checkpoints.save(path, AVENet(), {"videos": 3})
    imported = import_weights(path)
    assert isinstance(imported.network, AVENet) and imported.card == {"videos": 3}
    assert "says itself" in refused(path, sound="psd-12.0")
    path.write_bytes(path.read_bytes()[:5000])
    assert "not weights of a network known here" in refused(path)


def test_what_is_not_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    assert "cannot be read" in refused(path)
    path.write_text("<html>not found</html>")
    assert "not weights in a format known here" in refused(path)
    with path.open("wb") as file:
        file.truncate(201 << 20)
    assert "more than any weights known here" in refused(path)

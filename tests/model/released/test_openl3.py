"""OpenL3's weights: the imported network computes what the published layers do, written out in numpy."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from model.networks import AVOLNet, OpenL3Net
from model.released import ReleaseError
from model.released.openl3 import import_network
from tests.model.released.published import keras_layers, write_keras

AUDIO, IMAGE = "openl3_audio_mel128_env-v0_4_0.h5.gz", "openl3_image_mel128_env-v0_4_0.h5.gz"


def convolve(x: np.ndarray, layer: dict[str, np.ndarray]) -> np.ndarray:
    """TensorFlow's 3x3 "same" convolution: (h, w, in) with (3, 3, in, out)."""
    height, width, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    taps = ((row, column) for row in range(3) for column in range(3))
    return layer["bias"] + sum(padded[r : r + height, c : c + width] @ layer["kernel"][r, c] for r, c in taps)


def normalise(x: np.ndarray, layer: dict[str, np.ndarray]) -> np.ndarray:
    return (x - layer["moving_mean"]) / np.sqrt(layer["moving_variance"] + 1e-3) * layer["gamma"] + layer["beta"]


def pool(x: np.ndarray) -> np.ndarray:
    """2x2, a last odd row or column left out."""
    height, width, channels = x.shape
    return x[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2, channels).max((1, 3))


def published(layers: list[tuple[str, dict[str, np.ndarray]]], x: np.ndarray, *, image: bool) -> np.ndarray:
    """(h, w, channels) -> (h/8, w/8, 512), by `openl3/models.py`."""
    weights = iter([layer for _, layer in layers if layer])
    x = normalise(x, next(weights))
    for block in range(3):
        x = np.maximum(0, normalise(convolve(x, next(weights)), next(weights)))
        x = convolve(x, next(weights))
        if image and block == 0:
            x = normalise(np.maximum(0, x), next(weights))
        else:
            x = np.maximum(0, normalise(x, next(weights)))
        x = pool(x)
    x = np.maximum(0, normalise(convolve(x, next(weights)), next(weights)))
    return convolve(x, next(weights))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("openl3")
    return (
        write_keras(folder / AUDIO, keras_layers(1, seed=1)),
        write_keras(folder / IMAGE, keras_layers(3, seed=3)),
    )


@pytest.fixture(scope="module")
def network(pair: tuple[Path, Path]) -> OpenL3Net:
    return import_network(*pair)


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x)


@torch.inference_mode()
def test_pictures(network: OpenL3Net) -> None:
    pixels = np.random.default_rng(0).random((224, 224, 3), dtype=np.float32)
    expected = published(keras_layers(3, seed=3), 2 * pixels - 1, image=True)
    assert expected.shape == (28, 28, 512) and network.config.grid == 28
    images = torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None]
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        network.vision(images)[0].numpy() / scale, expected.transpose(2, 0, 1) / scale, atol=1e-5
    )
    np.testing.assert_allclose(network.embed_images(images)[0].numpy(), unit(expected.max((0, 1))), atol=1e-5)


@torch.inference_mode()
def test_sounds(network: OpenL3Net) -> None:
    wave = 0.1 * torch.randn(1, 48_000, generator=torch.Generator().manual_seed(0))
    spectrogram = network.spectrogram(wave)
    assert spectrogram.shape == (1, 1, 128, 199)
    expected = published(keras_layers(1, seed=1), spectrogram[0].permute(1, 2, 0).numpy(), image=False)
    assert expected.shape == (16, 24, 512)
    embedded = expected.max((0, 1))
    scale = np.abs(embedded).max()
    np.testing.assert_allclose(network.sound(spectrogram)[0].numpy() / scale, embedded / scale, atol=1e-5)
    np.testing.assert_allclose(network.embed_sounds(spectrogram)[0].numpy(), unit(embedded), atol=1e-5)


def test_avol_begins_from_its_trunks(network: OpenL3Net) -> None:
    avol = AVOLNet.from_trunks(network).eval()
    assert avol.config.sound == "openl3-mel128" and avol.config.grid == 28
    spectrogram = torch.randn(1, 1, 128, 199, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(avol.sound_trunk(spectrogram).amax((2, 3)), network.sound(spectrogram))


def test_the_front_end_is_the_names_or_the_one_asked_for(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    renamed = tmp_path / "audio.h5.gz"
    renamed.write_bytes(pair[0].read_bytes())
    with pytest.raises(ReleaseError, match="openl3-linear"):
        import_network(renamed, pair[1])
    assert import_network(renamed, pair[1], sound="openl3-linear").config.sound == "openl3-linear"


def refused(audio: Path, image: Path) -> str:
    with pytest.raises(ReleaseError) as error:
        import_network(audio, image)
    message = str(error.value)
    assert "\n" not in message and message.endswith(".")
    return message


def test_files_that_are_no_pair_are_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    audio, image = pair
    other = tmp_path / "openl3_image_mel256_env-v0_4_0.h5.gz"
    other.write_bytes(image.read_bytes())
    assert "openl3_image_mel128_env" in refused(audio, other)
    assert "an image file where an audio file" in refused(image, image)
    assert "an audio file where an image file" in refused(audio, audio)


def test_other_layers_and_shapes_are_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    layers = keras_layers(1)
    path = tmp_path / AUDIO.removesuffix(".gz")
    assert "has 14" in refused(write_keras(path, layers[:-3]), pair[1])
    kernel = dict(layers[2][1], kernel=np.zeros((5, 5, 1, 64), np.float32))
    assert "kernel of layer 2" in refused(write_keras(path, [*layers[:2], ("conv2d_8", kernel), *layers[3:]]), pair[1])
    assert "layer 1 should hold gamma" in refused(write_keras(path, [layers[2], *layers[3:], layers[1]]), pair[1])


def test_damaged_files_are_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    path = tmp_path / AUDIO
    for damaged in (pair[0].read_bytes()[:100_000], b"\x1f\x8bnothing", b"\x89HDF\r\n\x1a\n" + bytes(500)):
        path.write_bytes(damaged)
        assert "damaged" in refused(path, pair[1])
    with h5py.File(path, "w") as file:
        file["weights"] = np.zeros(3)
    assert "damaged, or no weights that Keras" in refused(path, pair[1])


def test_a_file_that_reads_another_is_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    path = write_keras(tmp_path / AUDIO.removesuffix(".gz"), keras_layers(1))
    elsewhere = write_keras(tmp_path / "elsewhere.h5", keras_layers(1))
    with h5py.File(path, "a") as file:
        del file["conv2d_8/conv2d_8/kernel:0"]
        file["conv2d_8/conv2d_8/kernel:0"] = h5py.ExternalLink(str(elsewhere), "conv2d_8/conv2d_8/kernel:0")
    assert "damaged" in refused(path, pair[1])

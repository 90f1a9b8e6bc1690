"""Files like the published ones, with their names and shapes and random values: nothing here uses the package."""

import gzip
import math
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Tensor

CHANNELS = (64, 128, 256, 512)


def _random(*shape: int, generator: torch.Generator) -> Tensor:
    """Weights under which activations neither vanish nor grow."""
    return torch.randn(*shape, generator=generator) * math.sqrt(2 / math.prod(shape[1:]))


def _convolutions(inputs: int) -> list[tuple[str, int, int]]:
    """Names such as "1_1", inputs and outputs of a trunk's convolutions."""
    found = []
    for block, outputs in enumerate(CHANNELS, 1):
        for index in (1, 2):
            found.append((f"{block}_{index}", inputs, outputs))
            inputs = outputs
    return found


def state_dict(network: str, *, seed: int = 0) -> dict[str, Tensor]:
    """kyuyeonpooh's names and shapes for "ave", "avol" or "l3"."""
    generator = torch.Generator().manual_seed(seed)

    def spread(count: int, centre: float) -> Tensor:
        return centre + 0.2 * torch.rand(count, generator=generator)

    state: dict[str, Tensor] = {}

    def layer(name: str, *shape: int) -> None:
        state[f"{name}.weight"] = _random(*shape, generator=generator)
        state[f"{name}.bias"] = spread(shape[0], -0.1)

    for trunk, channels in (("icn", 3), ("acn", 1)):
        for name, inputs, outputs in _convolutions(channels):
            layer(f"{trunk}.conv{name}", outputs, inputs, 3, 3)
            state[f"{trunk}.bn{name}.weight"] = spread(outputs, 0.9)
            state[f"{trunk}.bn{name}.bias"] = spread(outputs, -0.1)
            state[f"{trunk}.bn{name}.running_mean"] = spread(outputs, -0.1)
            state[f"{trunk}.bn{name}.running_var"] = spread(outputs, 0.6)
            state[f"{trunk}.bn{name}.num_batches_tracked"] = torch.tensor(1234)
    if network == "l3":
        layer("fc1", 128, 1024)
        layer("fc2", 2, 128)
        return state
    for name in ("aud_fc1", "aud_fc2"):
        layer(name, 128, 512 if name[-1] == "1" else 128)
    if network == "ave":
        layer("img_fc1", 128, 512)
        layer("img_fc2", 128, 128)
        state["fc3.weight"] = torch.tensor([[-1.5], [1.25]])  # near: class 0
        state["fc3.bias"] = torch.tensor([1.0, -0.75])
    else:
        layer("im_conv5", 128, 512, 1, 1)
        layer("im_conv6", 128, 128, 1, 1)
        layer("fus_conv7", 1, 1, 1, 1)
    return state


def write_state_dict(path: Path, state: object) -> Path:
    """As PyTorch before 1.6 wrote it: no zip."""
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path


def keras_layers(inputs: int, *, seed: int = 0) -> list[tuple[str, dict[str, np.ndarray]]]:
    """OpenL3's layers in the network's order, some without weights, under Keras' counting names."""
    rng = np.random.default_rng(seed)

    def normalisation(channels: int) -> dict[str, np.ndarray]:
        centres = {"gamma": 0.9, "beta": -0.1, "moving_mean": -0.1, "moving_variance": 0.6}
        return {name: (centre + 0.2 * rng.random(channels)).astype(np.float32) for name, centre in centres.items()}

    layers: list[tuple[str, dict[str, np.ndarray]]] = [
        ("input_1", {}),
        ("batch_normalization_8", normalisation(inputs)),
    ]
    for number, (name, before, after) in enumerate(_convolutions(inputs), 8):  # 8, 9, 10: by name 10 would come first
        kernel = rng.standard_normal((3, 3, before, after)) * math.sqrt(2 / (9 * before))
        bias = 0.1 * rng.standard_normal(after)
        called = "audio_embedding_layer" if name == "4_2" else f"conv2d_{number}"
        layers.append((called, {"kernel": kernel.astype(np.float32), "bias": bias.astype(np.float32)}))
        if name != "4_2":
            layers += [
                (f"batch_normalization_{number + 1}", normalisation(after)),
                (f"activation_{number}", {}),
            ]
    return layers


def write_keras(path: Path, layers: list[tuple[str, dict[str, np.ndarray]]]) -> Path:
    """As Keras' `save_weights` does, packed if the name ends in .gz."""
    unpacked = path.with_suffix("") if path.suffix == ".gz" else path
    with h5py.File(unpacked, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name, _ in layers]
        for name, weights in layers:
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{weight}:0".encode() for weight in weights]
            for weight, values in weights.items():
                group.create_dataset(f"{name}/{weight}:0", data=values)
    if unpacked != path:
        path.write_bytes(gzip.compress(unpacked.read_bytes(), 1))
        unpacked.unlink()
    return path

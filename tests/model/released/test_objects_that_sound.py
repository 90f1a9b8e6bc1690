"""kyuyeonpooh's weights: the imported networks compute what the published ones do, the right way round."""

import pickle
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from model.networks import AVENet, AVOLNet, L3Net
from model.released import ReleaseError
from model.released.objects_that_sound import import_network
from tests.model.released.published import state_dict, write_state_dict


def trunk(state: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    """The published trunk: 3x3 convolutions, batch normalisation, ReLU; pooled after blocks 1 to 3."""
    for block in "1234":
        for index in "12":
            conv, bn = (f"{name}.{layer}{block}_{index}." for layer in ("conv", "bn"))
            stride = 2 if block + index == "11" else 1
            x = F.conv2d(x, state[conv + "weight"], state[conv + "bias"], stride=stride, padding=1)
            mean, variance = state[bn + "running_mean"], state[bn + "running_var"]
            x = (x - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()
            x = (x * state[bn + "weight"][:, None, None] + state[bn + "bias"][:, None, None]).relu()
        if block != "4":
            x = F.max_pool2d(x, 2)
    return x


def linear(state: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


@pytest.fixture(scope="module")
def seen() -> Tensor:
    """A picture in 0..1."""
    return torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def heard() -> Tensor:
    """Two spectrograms."""
    return torch.randn(2, 1, 257, 199, generator=torch.Generator().manual_seed(2))


def scaled(images: Tensor) -> Tensor:
    """By ImageNet's mean and deviation."""
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (images - mean[:, None, None]) / deviation[:, None, None]


def close(got: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_ave(tmp_path: Path, seen: Tensor, heard: Tensor) -> None:
    state = state_dict("ave")
    network = import_network(write_state_dict(tmp_path / "AVE-Net_augment_inst.pt", state))
    assert isinstance(network, AVENet) and not network.training
    assert (network.config.sound, network.config.picture) == ("psd-26.68", "imagenet")

    image = linear(state, "img_fc2", linear(state, "img_fc1", trunk(state, "icn", scaled(seen)).amax((2, 3))).relu())
    sound = linear(state, "aud_fc2", linear(state, "aud_fc1", trunk(state, "acn", heard).amax((2, 3))).relu())
    image, sound = (x / x.norm(dim=1, keepdim=True) for x in (image, sound))
    close(network.embed_images(seen), image)
    close(network.embed_sounds(heard), sound)
    scores = linear(state, "fc3", (image - sound).norm(dim=1, keepdim=True))  # class 0: they correspond
    logits = network.pair_logits(network.vision(seen), network.sound(heard))[0]
    close(logits.sigmoid(), scores.softmax(1)[:, 0])
    close(logits, scores[:, 0] - scores[:, 1])


@torch.inference_mode()
def test_l3(tmp_path: Path, seen: Tensor, heard: Tensor) -> None:
    state = state_dict("l3")
    network = import_network(write_state_dict(tmp_path / "L3.pt", state), sound="psd-12.0")
    assert isinstance(network, L3Net) and network.config.sound == "psd-12.0"
    both = torch.cat([trunk(state, "icn", scaled(seen)).amax((2, 3)), trunk(state, "acn", heard[:1]).amax((2, 3))], 1)
    scores = linear(state, "fc2", linear(state, "fc1", both).relu())
    close(network(seen, heard[:1]), scores[:, 0] - scores[:, 1])
    close(network.embed_images(seen), F.normalize(both[:, :512], dim=1))
    close(network.embed_sounds(heard[:1]), F.normalize(both[:, 512:], dim=1))


@torch.inference_mode()
def test_ave_becomes_avol_by_the_distance_at_every_place(tmp_path: Path, seen: Tensor, heard: Tensor) -> None:
    state = state_dict("ave")
    network = import_network(write_state_dict(tmp_path / "AVE.pt", state), as_avol=True)
    assert isinstance(network, AVOLNet) and network.config.head == "distance"
    places = trunk(state, "icn", scaled(seen))[0].flatten(1).T  # (196, 512)
    places = F.normalize(linear(state, "img_fc2", linear(state, "img_fc1", places).relu()), dim=1)
    sound = linear(state, "aud_fc2", linear(state, "aud_fc1", trunk(state, "acn", heard[:1]).amax((2, 3))).relu())
    distance = (places - F.normalize(sound, dim=1)).norm(dim=1, keepdim=True)
    scores = linear(state, "fc3", distance)
    maps = network.maps(network.vision(seen), network.sound(heard[:1]))
    close(maps, (scores[:, 0] - scores[:, 1]).reshape(1, 14, 14))


def refused(path: Path, **options: bool) -> str:
    with pytest.raises(ReleaseError) as error:
        import_network(path, **options)
    message = str(error.value)
    assert message.startswith(str(path)) and "\n" not in message and message.endswith(".")
    return message


def test_the_inverted_avol_is_refused(tmp_path: Path) -> None:
    path = write_state_dict(tmp_path / "AVOL-Net_inst.pt", state_dict("avol"))
    assert "import AVE-Net" in refused(path)
    assert "import AVE-Net" in refused(path, as_avol=True)


def test_an_embedding_that_puts_pairs_apart_is_refused(tmp_path: Path) -> None:
    state = state_dict("ave")
    state["fc3.weight"] = -state["fc3.weight"]
    assert "fc3" in refused(write_state_dict(tmp_path / "far.pt", state))


def test_only_ave_becomes_avol(tmp_path: Path) -> None:
    assert "only AVE-Net" in refused(write_state_dict(tmp_path / "l3.pt", state_dict("l3")), as_avol=True)


def test_other_layers_shapes_and_values_are_refused(tmp_path: Path) -> None:
    whole = state_dict("ave")
    for named, change in (
        ("'img_fc2.weight'|'image_head.fc2.weight'", lambda state: state.pop("img_fc2.weight")),
        ("'extra.weight'", lambda state: state.update({"extra.weight": torch.zeros(1)})),
        ("conv1_1.weight should be", lambda state: state.update({"icn.conv1_1.weight": torch.zeros(64, 1, 3, 3)})),
        ("fc3.bias should be", lambda state: state.update({"fc3.bias": torch.zeros(2, dtype=torch.float64)})),
        ("not finite", lambda state: state.update({"aud_fc1.bias": torch.full((128,), torch.nan)})),
    ):
        state = dict(whole)
        change(state)
        assert any(part in refused(write_state_dict(tmp_path / "changed.pt", state)) for part in named.split("|")), (
            named
        )


class Payload:
    """Unpickled, it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


def test_code_in_a_pickle_is_not_run(tmp_path: Path) -> None:
    evil, plain = tmp_path / "evil.pt", tmp_path / "plain.pt"
    write_state_dict(evil, {"fc3.weight": Payload(tmp_path / "ran")})
    plain.write_bytes(pickle.dumps(Payload(tmp_path / "ran")))
    for path in (evil, plain):
        assert "nothing in it was run" in refused(path)
    assert not (tmp_path / "ran").exists()


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_state_dict(tmp_path / "cut.pt", {"fc3.weight": torch.zeros(1000)})
    path.write_bytes(path.read_bytes()[:-2000])
    assert "damaged" in refused(path)


def test_what_is_no_state_dict_is_refused(tmp_path: Path) -> None:
    assert "not a state dict" in refused(write_state_dict(tmp_path / "list.pt", [torch.zeros(1)]))

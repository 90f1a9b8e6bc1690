"""VGG16: torchvision's names and shapes, and files that are not its weights."""

from pathlib import Path

import pytest
import torch

from model.vgg16 import VGG16, VGG16Error, load

CONVOLUTIONS = {
    0: (64, 3), 2: (64, 64), 5: (128, 64), 7: (128, 128), 10: (256, 128), 12: (256, 256), 14: (256, 256),
    17: (512, 256), 19: (512, 512), 21: (512, 512), 24: (512, 512), 26: (512, 512), 28: (512, 512),
}  # fmt: skip


def narrow() -> VGG16:
    return VGG16((4, 4, 8, 8, 8), hidden=16, classes=5)


def saved(path: Path, state: object, *, legacy: bool = False) -> Path:
    torch.save(state, path, _use_new_zipfile_serialization=not legacy)
    return path


def test_the_layout_is_the_published_files() -> None:
    expected = {f"features.{n}.weight": (*shape, 3, 3) for n, shape in CONVOLUTIONS.items()}
    expected |= {f"features.{n}.bias": shape[:1] for n, shape in CONVOLUTIONS.items()}
    for n, shape in {0: (4096, 25088), 3: (4096, 4096), 6: (1000, 4096)}.items():
        expected |= {f"classifier.{n}.weight": shape, f"classifier.{n}.bias": shape[:1]}
    with torch.device("meta"):
        state = VGG16().state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == expected
    assert sum(tensor.numel() for tensor in state.values()) == 138_357_544


@pytest.mark.parametrize("legacy", [True, False])  # the published file is of the kind before zip
def test_loaded_weights_are_the_ones_used(tmp_path: Path, legacy: bool) -> None:
    torch.manual_seed(0)
    made = narrow().eval()
    network = load(saved(tmp_path / "vgg.pth", made.state_dict(), legacy=legacy), narrow)
    images = torch.rand(2, 3, 224, 224)
    x = images - torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    x = made.features(x / torch.tensor([0.229, 0.224, 0.225])[:, None, None]).flatten(1)
    fc6 = torch.relu(made.classifier[0](x))
    torch.testing.assert_close(network(images), torch.relu(made.classifier[3](fc6)))
    assert network(images).shape == (2, 16) and not network.training


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.pop("features.28.bias"), "features.28.bias is missing"),
        (lambda s: s.update({"classifier.3.weight": torch.zeros(16, 15)}), r"classifier.3.weight is .*\[16, 15\]"),
        (lambda s: s.update({"features.0.bias": torch.zeros(4, dtype=torch.int64)}), "features.0.bias is torch.int64"),
        (lambda s: s.update({"features.1.weight": torch.zeros(4)}), "'features.1.weight' belongs to another network"),
        (lambda s: s.update({"epoch": 3}), "something other than named tensors"),
    ],
)
def test_other_networks_weights_are_refused(tmp_path: Path, change, sentence: str) -> None:
    state = narrow().state_dict()
    change(state)
    with pytest.raises(VGG16Error, match=sentence) as refused:
        load(saved(tmp_path / "other.pth", dict(state)), narrow)
    assert "\n" not in str(refused.value)


class Trap:
    def __reduce__(self):
        return print, ("unpickled",)


def test_nothing_is_unpickled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(VGG16Error, match="not a file of tensors") as refused:
        load(saved(tmp_path / "trap.pth", {"features.0.weight": Trap()}), narrow)
    assert "\n" not in str(refused.value)
    assert "unpickled" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02garbage", b"<html>"])
def test_what_is_no_weights_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.pth"
    path.write_bytes(content)
    with pytest.raises(VGG16Error, match=r"page\.pth: not a file of tensors"):
        load(path, narrow)
    with pytest.raises(VGG16Error, match="no such file"):
        load(tmp_path / "none.pth", narrow)


def test_pictures_have_its_size() -> None:
    with pytest.raises(ValueError, match="takes pictures"):
        narrow()(torch.zeros(1, 3, 112, 112))

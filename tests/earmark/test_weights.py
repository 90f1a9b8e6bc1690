"""`earmark versions import` as a person runs it."""

import json
import pickle
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend import settings as settings_module
from backend.projects import ProjectKey
from earmark.cli import app
from model import checkpoints
from model.networks import AVENet, AVOLNet, OpenL3Net
from tests.earmark.fake_host import FakeHost
from tests.model.released.published import keras_layers, state_dict, write_keras, write_state_dict

KEY = str(ProjectKey("http://localhost:1", 7, 1795341210))


def run_import(*arguments: object):
    return CliRunner().invoke(app, ["versions", "import", *map(str, arguments)], env={"COLUMNS": "120"})


def test_a_released_ave_becomes_a_file_of_ours(tmp_path: Path) -> None:
    path = write_state_dict(tmp_path / "AVE-Net_augment_inst.pt", state_dict("ave"))
    out = tmp_path / "ave.safetensors"
    ran = run_import(path, "--out", out)
    assert ran.exit_code == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["network"] == "ave" and told["card"] == checkpoints.card_of(out)
    network = checkpoints.load(out)
    assert isinstance(network, AVENet)
    assert (network.config.sound, network.config.picture) == ("psd-26.68", "imagenet")

    ran = run_import(path, "--out", out, "--as-avol", "--sound", "psd-12.0")
    assert ran.exit_code == 0, ran.stderr
    network = checkpoints.load(out)
    assert isinstance(network, AVOLNet) and network.config.sound == "psd-12.0"


def test_openl3(tmp_path: Path) -> None:
    audio = write_keras(tmp_path / "openl3_audio_mel256_music-v0_4_0.h5.gz", keras_layers(1))
    image = write_keras(tmp_path / "openl3_image_mel256_music-v0_4_0.h5.gz", keras_layers(3))
    ran = run_import(audio, "--image", image, "--out", tmp_path / "openl3.safetensors")
    assert ran.exit_code == 0, ran.stderr
    network = checkpoints.load(tmp_path / "openl3.safetensors")
    assert isinstance(network, OpenL3Net) and network.config.sound == "openl3-mel256"


def test_a_url_is_fetched_and_noted_without_its_query(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints.save(tmp_path / "mine", AVENet(), {"videos": 3})
    url = "https://weights.example/mine.safetensors?token=secret"
    host = FakeHost({url: (200, {}, (tmp_path / "mine").read_bytes())})
    monkeypatch.setattr("earmark.download.PublicAdapter", lambda _named: host)
    out = tmp_path / "out.safetensors"
    ran = run_import(url, "--out", out)
    assert ran.exit_code == 0, ran.stderr
    assert checkpoints.card_of(out) == {"videos": 3, "source": ["https://weights.example/mine.safetensors"]}
    assert "secret" not in ran.output


class Payload:
    """Unpickled, it would end the process."""

    def __reduce__(self) -> tuple:
        return exit, (3,)


def test_bad_files_get_one_sentence_and_code_1(tmp_path: Path) -> None:
    avol = write_state_dict(tmp_path / "AVOL-Net_inst.pt", {"fus_conv7.weight": state_dict("avol")["fus_conv7.weight"]})
    other = write_state_dict(tmp_path / "other.pt", {"layer.weight": state_dict("avol")["fus_conv7.weight"]})
    code = tmp_path / "code.pt"
    code.write_bytes(pickle.dumps(Payload()))
    cut = tmp_path / "cut.pt"
    cut.write_bytes(avol.read_bytes()[:200])
    none = tmp_path / "none.h5"
    none.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    out = tmp_path / "out.safetensors"
    for arguments, part in (
        ([avol], "import AVE-Net"),
        ([other], "'layer.weight' is no layer"),
        ([code], "nothing in it was run"),
        ([cut], "damaged"),
        ([none], "two files"),
        ([none, "--image", none, "--sound", "openl3-linear"], "damaged"),
        ([tmp_path / "absent.pt"], "cannot be read"),
        (["http://weights.example/a.pt"], "not https"),
    ):
        ran = run_import(*arguments, "--out", out)
        assert ran.exit_code == 1 and ran.stdout == ""
        said = ran.stderr.strip()
        assert part in said and "\n" not in said, said
        assert not out.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "mine", AVENet())
    ran = run_import(tmp_path / "mine", "--out", tmp_path / "no folder" / "out.safetensors")
    assert ran.exit_code == 1 and "no such folder" in ran.stderr


def test_a_file_that_is_neither_a_version_nor_weights_is_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    noise = tmp_path / "noise.zip"
    noise.write_bytes(bytes(range(256)) * 40)
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../evil", b"x")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(outside.read_bytes()[:40])
    env = {"EARMARK_HOME": str(tmp_path / "home")}
    settings_module.save_connection(
        settings_module.Settings(home=tmp_path / "home"), url="http://localhost:1", token="t", project=KEY
    )
    for file, part in (
        (noise, "not weights in a format known here"),
        (outside, "no archive of a version: it holds ../evil"),
        (cut, "damaged or was cut off"),
    ):
        ran = CliRunner().invoke(app, ["versions", "import", str(file)], env={"COLUMNS": "120", **env})
        said = ran.stderr.strip()
        assert ran.exit_code == 1 and part in said and str(file) in said and "\n" not in said, said
        assert "--out" not in said
    ran = run_import(write_state_dict(tmp_path / "AVE.pt", state_dict("ave")))
    assert "a PyTorch state dict and no whole" in " ".join(ran.stderr.replace("│", " ").split())

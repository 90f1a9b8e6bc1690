"""`earmark evaluate retrieval` as a person runs it."""

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from earmark.cli import app
from model import checkpoints, truth
from model.networks import L3Net, NetworkConfig
from model.truth import Truth
from tests.model.humming import write_humming


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six labelled videos, and a seventh that is none."""
    folder = tmp_path_factory.mktemp("some videos")
    write_humming(folder)
    (folder / "broken.mp4").write_bytes(b"\x00" * 100)
    truth.write(folder, [*truth.read(folder), Truth("broken.mp4", ["dog"], [], {})])
    return folder


@pytest.fixture(scope="module")
def l3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "l3.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        checkpoints.save(path, L3Net(NetworkConfig(image_size=48, width=0.1)))
    return path


def retrieval(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", "retrieval", *map(str, arguments)], env={"COLUMNS": "120"})


def test_json_is_one_line_and_the_table_is_on_stderr(videos: Path, untrained_version: Path, l3: Path) -> None:
    ave = untrained_version / "ave.safetensors"
    ran = retrieval("--data", videos, "--model", ave, "--model", l3, "--validation", videos, "--json")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    found = json.loads(ran.stdout)
    names = [
        "random",
        "untrained AVE-Net",
        "untrained L3-Net",
        "l3.safetensors + CCA",
        "ave.safetensors",
        "l3.safetensors",
    ]
    assert [row["name"] for row in found["rows"]] == names
    for row in found["rows"]:
        for way in ("im-im", "im-aud", "aud-im", "aud-aud"):
            low, high = row[way]["ci95"]
            assert 0 <= low <= row[way]["value"] <= high <= 1 and 0 < row[way]["n"] <= 6
    assert found["videos"] == 6 and found["skipped"][0]["file"] == "broken.mp4"
    assert "Left out: broken.mp4: not a media file that can be read" in ran.stderr
    assert "untrained L3-Net" in ran.stderr


def test_without_json_the_table_is_the_result(videos: Path, l3: Path) -> None:
    ran = retrieval("--data", videos, "--model", l3)
    assert ran.exit_code == 0, ran.stderr
    shown = " ".join(ran.stdout.split())
    for words in ("nDCG@30 on 6 videos", "1 left out", "aud-im", "a class shared or not", "untrained L3-Net"):
        assert words in shown
    assert "random" not in ran.stderr
    assert "No row l3.safetensors + CCA: CCA is fitted to videos that are not evaluated" in ran.stderr


def test_audioset_is_taken_too(videos: Path, l3: Path, tmp_path: Path) -> None:
    tree = [
        {"id": "/m/04szw", "name": "Musical instrument", "child_ids": ["/m/0342h", "/m/026t6"]},
        {"id": "/m/0342h", "name": "Guitar", "child_ids": []},
        {"id": "/m/026t6", "name": "Drum", "child_ids": []},
        {"id": "/m/015lz1", "name": "Singing", "child_ids": []},
        {"id": "/m/07k1x", "name": "Tools", "child_ids": []},
    ]
    (tmp_path / "ontology.json").write_text(json.dumps(tree))
    lines = [f'aaaaaaaaaa{n}, 0.000, 4.000, "{mid}"\n' for n, mid in enumerate(("/m/0342h", "/m/026t6", "/m/0342h"))]
    (tmp_path / "eval_segments.csv").write_text("# a\n# b\n# c\n" + "".join(lines) + "nonsense\n")
    for number, name in enumerate("abc"):
        (tmp_path / f"aaaaaaaaaa{number}.mp4").symlink_to(videos / f"{name}.mp4")
    ran = retrieval("--data", tmp_path, "--model", l3, "--json")
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["videos"] == 3 and found["relevance"] == "tree"
    assert "line 7: a segment is YTID, start, end" in found["skipped"][0]["reason"]
    assert [found["rows"][0][way]["n"] for way in ("im-im", "im-aud")] == [3, 3]
    ran = CliRunner().invoke(app, ["evaluate", "avc", "--data", str(tmp_path), "--model", str(l3), "--json"])
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["videos"] == 3 and found["avc"]["n"] == 2 * 3 * 3  # at 1, 2 and 3 s, matched and mismatched
    assert 0.5 < found["avc"]["ceiling"] < 1
    ran = CliRunner().invoke(app, ["evaluate", "localization", "--data", str(tmp_path)])
    assert ran.exit_code == 1 and "holds AudioSet and so no boxes; a folder with boxes has" in ran.stderr


def test_vgg_ss_is_taken_by_its_classes(videos: Path, l3: Path, tmp_path: Path) -> None:
    entries = []
    for number, name in enumerate("defd"):
        (tmp_path / f"clip{number}_000010.mp4").symlink_to(videos / f"{name}.mp4")
        entries.append({"file": f"clip{number}_000010", "class": f"class {number % 2}", "bbox": [[0.6, 0.3, 0.9, 0.8]]})
    (tmp_path / "vggss.json").write_text(json.dumps([*entries, {"file": "a", "class": "b"}]))
    ran = retrieval("--data", tmp_path, "--model", l3, "--json")
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["videos"], found["relevance"], len(found["skipped"])) == (4, "flat", 1)
    # Two of each class: whoever asks within a modality has one left to find.
    assert [found["rows"][0][way]["n"] for way in ("im-im", "im-aud")] == [4, 4]


def test_a_dataset_without_classes_is_refused_in_one_sentence(l3: Path, tmp_path: Path) -> None:
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations" / "1.xml").touch()
    ran = retrieval("--data", tmp_path, "--model", l3)
    assert ran.exit_code == 1 and ran.stdout == ""
    assert "holds Flickr-SoundNet and so no classes; a folder with classes has truth.json" in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "content", "sentence"),
    [
        ("--model", b"\x80\x04pickle", "not weights of a network known here"),
        ("--vgg16", b"<html>", "not a file of tensors"),
        ("--vgg16", None, "no such file of VGG16 weights"),
        ("--ontology", b"{", "cannot be read as JSON"),
        ("--ontology", None, "no such ontology file"),
    ],
)
def test_files_that_do_not_serve_are_one_sentence(
    videos: Path, l3: Path, tmp_path: Path, option: str, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "mine [1].bin"
    if content is not None:
        file.write_bytes(content)
    ran = retrieval("--data", videos, "--model", l3, option, file)
    assert ran.exit_code == 1 and ran.stdout == ""
    assert f"{file}: {sentence}" in ran.stderr
    assert ran.stderr.strip().count("\n") == 0


def test_a_folder_without_labels_is_refused(tmp_path: Path, l3: Path) -> None:
    ran = retrieval("--data", tmp_path, "--model", l3)
    assert ran.exit_code == 1 and "no dataset known here; a folder with classes has truth.json" in ran.stderr

"""`earmark evaluate` as a person runs it: one line for programs, a table for people, one sentence when it cannot."""

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from earmark.cli import app
from model import checkpoints, truth
from model.networks import NETWORKS, NetworkConfig
from tests.model.humming import write_humming


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six labelled videos, and a seventh that is none."""
    folder = tmp_path_factory.mktemp("some videos")
    write_humming(folder)
    (folder / "broken.mp4").write_bytes(b"\x00" * 100)
    truth.write(folder, [*truth.read(folder), truth.Truth("broken.mp4", ["dog"], [], {})])
    return folder


def evaluate(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)], env={"COLUMNS": "120"})


def test_json_is_one_line_and_the_table_is_on_stderr(videos: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", videos, "--model", untrained_version / "avol.safetensors", "--json")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    figures = json.loads(ran.stdout)
    assert {"pointing", "swap_pointing", "ciou", "ciou_auc", "box_iou50", "mean_iou", "avc"} <= set(figures)
    for name in ("pointing", "ciou", "ciou_auc", "box_iou50", "mean_iou"):
        assert figures[name]["n"] > 0
        low, high = figures[name]["ci95"]
        assert 0 <= low <= figures[name]["model"] <= high <= 1
    assert figures["videos"] == 6
    assert [one["file"] for one in figures["skipped"]] == ["broken.mp4"]
    assert "Left out: broken.mp4: not a media file that can be read" in ran.stderr
    assert set(figures["by_class"]) == {"blue", "green", "red"}
    assert set(figures["by_size"]) == {"small", "medium", "large"}
    assert "anywhere" in ran.stderr and "by class" in ran.stderr


def test_without_json_the_table_is_the_result(videos: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", videos, "--model", untrained_version)
    assert ran.exit_code == 0, ran.stderr
    shown = " ".join(ran.stdout.split())  # whatever the width
    for words in ("avol.safetensors on 6 videos", "1 left out", "picture's centre", "labels' ceiling", "white noise"):
        assert words in shown
    assert "medium" in shown and "small" not in shown  # there is no small square
    assert "anywhere" not in ran.stderr


def test_weights_that_draw_no_boxes_are_refused(videos: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", videos, "--model", untrained_version / "ave.safetensors", "--json")
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert "localization needs AVOL-Net; this is AVENet." in ran.stderr


@pytest.mark.parametrize("kind", sorted(kind for kind, network in NETWORKS.items() if network.compares))
def test_correspondence_of_every_network_stands_beside_what_it_has_to_beat(
    videos: Path, tmp_path: Path, kind: str
) -> None:
    torch.manual_seed(0)
    weights = tmp_path / f"{kind}.safetensors"
    checkpoints.save(weights, NETWORKS[kind](NetworkConfig(image_size=32, width=0.1)))
    ran = evaluate("avc", "--data", videos, "--model", weights, "--json")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.count("\n") == 1
    figures = json.loads(ran.stdout)
    assert {"model", "random_weights", "ceiling", "chance", "n", "ci95"} <= set(figures["avc"])
    assert {"model", "random_weights", "chance", "n", "ci95"} <= set(figures["pair_auc"])
    low, high = figures["pair_auc"]["ci95"]
    assert 0 <= low <= figures["pair_auc"]["model"] <= high <= 1
    assert figures["avc"]["chance"] == 0.5 < figures["avc"]["ceiling"] < 1
    assert figures["videos"] == 6
    assert "Left out: broken.mp4" in ran.stderr
    assert f"{kind}.safetensors on 6 videos" in " ".join(ran.stderr.split())


def test_correspondence_of_avol_net_is_that_beside_its_localization(videos: Path, untrained_version: Path) -> None:
    arguments = "--data", videos, "--model", untrained_version, "--json", "--seed", 3
    alone, beside = (json.loads(evaluate(subject, *arguments).stdout)["avc"] for subject in ("avc", "localization"))
    for key in ("model", "ceiling", "n", "ci95"):
        assert alone[key] == beside[key]


def test_videos_without_labels_have_correspondence_and_no_ceiling(videos: Path, tmp_path: Path) -> None:
    for name in ("a.mp4", "d.mp4", "e.mp4"):
        (tmp_path / name).write_bytes((videos / name).read_bytes())
    ran = evaluate("avc", "--data", tmp_path, "--json")  # by the shipped weights
    assert ran.exit_code == 0, ran.stderr
    figures = json.loads(ran.stdout)
    assert set(figures) == {"avc", "pair_auc", "videos", "skipped"}
    assert figures["avc"]["n"] == 2 * 3 * 3  # 1, 2 and 3 s of three videos, matched and mismatched
    assert "ceiling" not in figures["avc"]


def test_one_video_is_not_enough_for_mismatched_pairs(videos: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes((videos / "a.mp4").read_bytes())
    ran = evaluate("avc", "--data", tmp_path)
    assert ran.exit_code == 1
    assert "no two of its 1 usable videos have a second to pair" in " ".join(ran.stderr.split())


def test_a_published_dataset_is_evaluated_like_labelled_videos(
    videos: Path, tmp_path: Path, untrained_version: Path
) -> None:
    entries = []
    for number, name in enumerate(("d.mp4", "e.mp4", "f.mp4")):
        clip = f"clip{number}_000010"
        (tmp_path / f"{clip}.mp4").write_bytes((videos / name).read_bytes())
        entries.append({"file": clip, "class": f"class {number % 2}", "bbox": [[0.6, 0.3, 0.9, 0.8]]})
    entries.append({"file": "gone_000000", "class": "class 0", "bbox": [[0.1, 0.1, 0.9, 0.8]]})
    (tmp_path / "vggss.json").write_text(json.dumps(entries))
    ran = evaluate("localization", "--data", tmp_path, "--model", untrained_version, "--json")
    assert ran.exit_code == 0, ran.stderr
    figures = json.loads(ran.stdout)
    assert figures["pointing"]["n"] == figures["ciou"]["n"] == 3
    assert figures["pointing"]["uniform"] == pytest.approx(0.15)
    assert figures["avc"]["n"] == 6
    assert {name: one["pointing"]["n"] for name, one in figures["by_class"].items()} == {"class 0": 2, "class 1": 1}
    assert figures["swap_pointing"]["n"] == 0  # nothing silent is labelled
    assert [one["file"] for one in figures["skipped"]] == ["gone_000000"]
    assert "Left out: gone_000000: no such file." in ran.stderr


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", None])
def test_what_are_no_weights_is_said_in_one_sentence(videos: Path, tmp_path: Path, content: bytes | None) -> None:
    weights = tmp_path / "mine [1].pt"
    if content is not None:
        weights.write_bytes(content)
    ran = evaluate("localization", "--data", videos, "--model", weights)
    assert ran.exit_code == 1
    assert "mine [1].pt" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_a_network_that_does_not_compare_is_refused_in_one_sentence(videos: Path, tmp_path: Path) -> None:
    weights = tmp_path / "openl3.safetensors"
    config = NetworkConfig(
        image_size=32, width=0.1, stride=1, pool3=True, trunk="openl3", sound="openl3-linear", picture="signed"
    )
    checkpoints.save(weights, NETWORKS["openl3"](config))
    ran = evaluate("avc", "--data", videos, "--model", weights)
    assert ran.exit_code == 1
    assert "cannot tell whether they correspond" in ran.stderr and ran.stderr.count("\n") == 1


def test_a_folder_without_labels_is_refused(tmp_path: Path, untrained_version: Path) -> None:
    ran = evaluate("localization", "--data", tmp_path, "--model", untrained_version / "avol.safetensors")
    assert ran.exit_code == 1
    assert "no dataset known here; a folder with boxes has truth.json, vggss.json" in " ".join(ran.stderr.split())
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("subject", ["avc", "localization"])
def test_a_second_network_is_refused_and_not_passed_over(videos: Path, untrained_version: Path, subject: str) -> None:
    ran = evaluate(subject, "--data", videos, "--model", untrained_version, "--model", "shipped")
    assert ran.exit_code == 2
    assert "one network is measured at a time; 2 are named" in " ".join(ran.stderr.split())


def test_naive_negatives_are_of_videos_and_change_what_is_heard(
    videos: Path, tmp_path: Path, untrained_version: Path
) -> None:
    arguments = "avc", "--data", videos, "--model", untrained_version, "--json"
    honest, naive = (json.loads(evaluate(*arguments, *more).stdout) for more in ((), ("--negatives", "naive")))
    assert naive["avc"]["n"] == honest["avc"]["n"] and naive["avc"]["ceiling"] == honest["avc"]["ceiling"]
    assert naive["pair_auc"]["model"] != honest["pair_auc"]["model"]
    (tmp_path / "vggss.json").write_text(json.dumps([{"file": "a_000010", "class": "b", "bbox": [[0, 0, 1, 1]]}]))
    refused = evaluate("avc", "--data", tmp_path, "--negatives", "naive")
    assert refused.exit_code == 1 and "naive negatives can be drawn from videos with truth.json" in refused.stderr


def test_an_unknown_subject_or_folder_is_a_usage_error(tmp_path: Path) -> None:
    assert evaluate("everything", "--data", tmp_path).exit_code == 2
    assert evaluate("localization", "--data", tmp_path / "nowhere").exit_code == 2
    assert evaluate("localization").exit_code == 2

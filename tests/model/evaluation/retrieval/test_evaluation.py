"""Networks whose answers are known beforehand get the rows they deserve."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from model import truth
from model.datasets import open_dataset
from model.evaluation import EvaluationError
from model.evaluation.controls import UNTRAINED
from model.evaluation.retrieval.encoders import DIRECTIONS
from model.evaluation.retrieval.evaluation import evaluate_retrieval
from model.evaluation.retrieval.table import RetrievalTable
from model.networks import AVENet, AVOLNet, L3Net, Network, NetworkConfig
from model.ontology import OntologyError
from model.truth import Truth
from model.vgg16 import VGG16
from tests.model.humming import COLOURS, TONES

SMALL = NetworkConfig(image_size=48, width=0.1, embedding=16, sound_pool=4)


class Seer(AVENet):
    """Knows the colours and the tones of the humming squares; a deaf one takes each tone for the next one's."""

    turn = 0

    def __init__(self, config: NetworkConfig = NetworkConfig(image_size=48, width=0.1, embedding=3)) -> None:
        super().__init__(config)

    def vision(self, images: torch.Tensor) -> torch.Tensor:
        colours = torch.tensor(list(COLOURS.values())) / 255  # (3, 3)
        near = (images[:, None] - colours[None, :, :, None, None]).norm(dim=2) < 0.3  # (B, 3, S, S)
        return F.normalize((near.float().mean((2, 3)) > 0.05).float(), dim=1)

    def sound(self, spectrograms: torch.Tensor) -> torch.Tensor:
        bins = [round(tone / 48_000 * 512) for tone in TONES.values()]
        return F.normalize((spectrograms.mean((1, 3))[:, bins] > -1).float().roll(self.turn, 1), dim=1)


class Confused(Seer):
    turn = 1


def untrained(kind: type[Network], seed: int, config: NetworkConfig = SMALL) -> Network:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kind(config).eval()


def row(table: RetrievalTable, name: str) -> dict[str, float | None]:
    return {way: cell.value for way, cell in next(one for one in table.rows if one.name == name).cells.items()}


def test_who_sees_and_hears_right_finds_everything_and_who_confuses_tones_does_not(humming: Path) -> None:
    table = evaluate_retrieval(open_dataset(humming), {"seer": Seer().eval(), "confused": Confused().eval()})
    assert row(table, "seer") == pytest.approx(dict.fromkeys(DIRECTIONS, 1.0))
    confused = row(table, "confused")
    assert confused["im-im"] == confused["aud-aud"] == pytest.approx(1.0)
    assert confused["im-aud"] < row(table, "random")["im-aud"] < 0.95
    assert (table.videos, table.skipped, table.tree) == (6, [], False)
    assert [(one.name, one.model) for one in table.rows] == [
        ("random", False),
        ("untrained AVE-Net", False),
        ("seer", True),
        ("confused", True),
    ]


def test_untrained_rows_are_means_of_networks_that_anyone_can_make(humming: Path) -> None:
    networks = {f"{kind.kind}{k}": untrained(kind, k) for kind in (AVENet, AVOLNet) for k in range(UNTRAINED)}
    table = evaluate_retrieval(open_dataset(humming), networks)
    assert [one.name for one in table.rows][:3] == ["random", "untrained AVE-Net", "untrained AVOL-Net"]
    for kind, name in (("ave", "untrained AVE-Net"), ("avol", "untrained AVOL-Net")):
        for way in DIRECTIONS:
            assert row(table, name)[way] == pytest.approx(
                np.mean([row(table, f"{kind}{k}")[way] for k in range(UNTRAINED)])
            )


def test_every_configuration_has_an_untrained_row_of_its_own(humming: Path) -> None:
    other = NetworkConfig(image_size=64, width=0.1, embedding=16, sound_pool=4)
    networks = {"a": untrained(AVENet, 0), "b": untrained(AVENet, 1), "c": untrained(AVENet, 0, other)}
    names = [one.name for one in evaluate_retrieval(open_dataset(humming), networks).rows]
    assert names == ["random", "untrained AVE-Net", "untrained AVE-Net like c", "a", "b", "c"]


def test_the_same_seed_gives_the_same_table(humming: Path) -> None:
    first, again, other = (
        evaluate_retrieval(open_dataset(humming), {"a": untrained(AVENet, 0)}, seed=s).to_dict() for s in (0, 0, 1)
    )
    assert first == again != other


def test_l3_net_gets_rows_of_cca_where_there_are_videos_to_fit_it_to(humming: Path) -> None:
    torch.manual_seed(0)
    vgg = VGG16((8, 8, 8, 8, 8), hidden=16, classes=3).eval()
    for weights in vgg.parameters():
        weights.data *= 3  # as initialised, so narrow a network answers the same to every picture
    phases: dict[str, tuple[int, int]] = {}
    table = evaluate_retrieval(
        open_dataset(humming),
        {"l3": untrained(L3Net, 0)},
        validation=open_dataset(humming),
        vgg16=vgg,
        on_progress=lambda name, *at: phases.update({name: at}),
    )
    assert [one.name for one in table.rows] == [
        "random", "untrained L3-Net", "VGG16 fc7", "l3 + CCA", "VGG16 + l3 + CCA", "l3"
    ]  # fmt: skip
    assert table.refused == []
    assert [list(one.cells) for one in table.rows] == [list(DIRECTIONS)] * 2 + [["im-im"]] + [list(DIRECTIONS)] * 3
    assert [one.regulariser is not None for one in table.rows] == [False, False, False, True, True, False]
    assert phases == {"videos": (6, 6), "validation videos": (6, 6), "rows": (6, 6)}


def test_without_videos_to_fit_cca_to_its_row_is_refused_in_one_sentence(humming: Path, tmp_path: Path) -> None:
    networks = {"l3": untrained(L3Net, 0)}
    table = evaluate_retrieval(open_dataset(humming), networks)
    assert [one.name for one in table.rows] == ["random", "untrained L3-Net", "l3"]
    assert table.refused == [
        "l3 + CCA: CCA is fitted to videos that are not evaluated: give a folder of them with --validation."
    ]
    truth.write(tmp_path, [Truth("gone.mp4", ["red"], [], {})])
    told = []
    table = evaluate_retrieval(
        open_dataset(humming), networks, validation=open_dataset(tmp_path), on_skipped=told.append
    )
    assert table.refused == ["l3 + CCA: none of the validation videos can be used."]
    assert [one.file for one in told] == ["gone.mp4"] and table.skipped == []
    for one in truth.read(humming)[:2]:
        (tmp_path / one.file).symlink_to(humming / one.file)
    truth.write(tmp_path, truth.read(humming)[:2])
    table = evaluate_retrieval(open_dataset(humming), networks, validation=open_dataset(tmp_path))
    assert table.refused == ["l3 + CCA: the validation videos do not serve (CCA needs at least four videos, got 2)."]


def test_videos_to_fit_cca_to_are_refused_where_nothing_is_fitted(humming: Path) -> None:
    with pytest.raises(EvaluationError, match="validation videos are for CCA of L3-Net, and no network is one"):
        evaluate_retrieval(open_dataset(humming), {"a": untrained(AVENet, 0)}, validation=open_dataset(humming))


def test_a_tree_makes_near_classes_count(humming: Path, tmp_path: Path) -> None:
    tree = tmp_path / "colours.json"
    names = [("warm", ["red"]), ("cold", ["green", "blue"]), ("red", []), ("green", []), ("blue", [])]
    tree.write_text(json.dumps([{"id": name, "name": name, "child_ids": below} for name, below in names]))
    flat = evaluate_retrieval(open_dataset(humming), {"confused": Confused().eval()})
    table = evaluate_retrieval(open_dataset(humming, tree=tree), {"confused": Confused().eval()})
    assert table.tree and not flat.tree
    assert row(table, "confused")["im-aud"] != row(flat, "confused")["im-aud"]
    tree.write_text(json.dumps([{"id": "red", "name": "red", "child_ids": []}]))
    with pytest.raises(OntologyError, match="no class with the id or name 'blue'"):
        evaluate_retrieval(open_dataset(humming, tree=tree), {"confused": Confused().eval()})


def test_bad_videos_are_skipped_and_too_few_are_one_sentence(humming: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(humming / "a.mp4")
    (tmp_path / "e.mp4").symlink_to(humming / "e.mp4")
    (tmp_path / "b.mp4").write_bytes(b"\0" * 50)
    all_labels = truth.read(humming)
    truth.write(tmp_path, [all_labels[0], all_labels[1], all_labels[4]])
    told = []
    table = evaluate_retrieval(open_dataset(tmp_path), {"seer": Seer().eval()}, on_skipped=told.append)
    assert table.videos == 2 and table.skipped == told and [one.file for one in told] == ["b.mp4"]
    truth.write(tmp_path, all_labels[:2])
    with pytest.raises(EvaluationError, match="1 of its videos can be used; retrieval needs two or more"):
        evaluate_retrieval(open_dataset(tmp_path), {"seer": Seer().eval()})


def test_networks_that_retrieval_does_not_know_are_refused(humming: Path) -> None:
    class Other(AVENet):
        kind = "other"

    with pytest.raises(EvaluationError, match=r"retrieval compares AVE-Net, AVOL-Net.*; this is Other"):
        evaluate_retrieval(open_dataset(humming), {"other": untrained(Other, 0)})

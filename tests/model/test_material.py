import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from model import truth
from model.datasets import open_dataset
from model.material import collect
from model.networks import AVOLNet, NetworkConfig
from model.recording import audio_second
from model.responses import sound_embeddings
from model.video import decode


@pytest.fixture(scope="module")
def network() -> AVOLNet:
    torch.manual_seed(1)
    return AVOLNet(NetworkConfig(image_size=32, width=0.1)).eval()


def gather(folder: Path, network: AVOLNet):
    done: list[tuple[int, int]] = []
    named = []
    material = collect(open_dataset(folder), [network], on_done=lambda *at: done.append(at), on_skipped=named.append)
    assert named == material.skipped
    return material, done


def test_samples_frames_and_sounds_stay_together(humming, network):
    material, done = gather(humming, network)
    assert material.videos == 6
    assert material.skipped == []
    assert done == [(n, 6) for n in range(1, 7)]
    assert len(material.samples) == len(material.frames) == len(material.sounds[0])
    labels = truth.read(humming)
    for index in np.random.default_rng(0).choice(len(material.samples), 5, replace=False):
        sample = material.samples[index]
        video = decode(humming / labels[sample.video].file, rate=4.0, size=(32, 32))
        assert sample.classes == tuple(labels[sample.video].classes)
        np.testing.assert_array_equal(material.frames[index], video.frames[sample.index])
        second = torch.from_numpy(audio_second(video.audio, sample.time)[None])
        heard = sound_embeddings(network, second)
        np.testing.assert_allclose(material.sounds[0][index], heard[0], atol=1e-4)


def test_broken_videos_are_named_and_the_others_used(humming, network, tmp_path):
    folder = tmp_path / "some broken"
    shutil.copytree(humming, folder)
    (folder / "b.mp4").write_bytes(b"no video")
    (folder / "d.mp4").unlink()
    whole, _ = gather(humming, network)
    material, done = gather(folder, network)
    assert [skipped.file for skipped in material.skipped] == ["b.mp4", "d.mp4"]
    assert "b.mp4: not a media file" in material.skipped[0].reason
    assert "d.mp4: no such file" in material.skipped[1].reason
    assert material.videos == 4
    assert len(done) == 6
    kept = [sample for sample in whole.samples if sample.video not in (1, 3)]
    assert material.samples == kept


def test_nothing_usable_is_empty_material(humming, network, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no video")
    truth.write(tmp_path, truth.read(humming)[:1])
    material, _ = gather(tmp_path, network)
    assert material.videos == 0
    assert material.frames.shape == (0, 32, 32, 3)
    assert material.samples == []

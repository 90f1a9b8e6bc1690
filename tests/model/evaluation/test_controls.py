import numpy as np
import pytest
import torch

from model.evaluation.controls import NOISES, UNTRAINED, other_seconds, silence_and_noise, untrained, with_untrained
from model.networks import NETWORKS, NetworkConfig
from model.samples import Sample

CONFIG = NetworkConfig(image_size=32, width=0.1)


def sample(video: int) -> Sample:
    return Sample(video, 0, 1.0, (), {}, frozenset(), steady=True)


def test_making_an_untrained_network_leaves_the_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    untrained(CONFIG, seed=0)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("kind", ["avol", "ave", "l3", "ave-mf"])
def test_untrained_networks_are_of_the_same_kind_and_each_of_its_own_seed(kind):
    network = NETWORKS[kind](CONFIG).eval()
    first, *others = with_untrained(network)
    assert first is network
    assert [type(other) for other in others] == [type(network)] * UNTRAINED
    weights = [other.image_trunk.conv1_1.weight for other in others]
    assert not torch.equal(weights[0], weights[1])
    again = untrained(CONFIG, seed=0, kind=kind)
    assert torch.equal(again.image_trunk.conv1_1.weight, weights[0])


def test_silence_is_silent_and_noise_differs():
    heard: list[torch.Tensor] = []

    class Ear(NETWORKS["ave"]):  # type: ignore[misc]
        def spectrogram(self, waveforms):
            heard.append(waveforms)
            return super().spectrogram(waveforms)

    embeddings = silence_and_noise(Ear(CONFIG).eval())
    waveforms = torch.cat(heard)
    assert len(embeddings) == len(waveforms) == 1 + NOISES
    assert not waveforms[0].any()
    assert waveforms[1:].square().mean(1).sqrt().numpy() == pytest.approx(0.1, rel=0.02)
    assert not torch.equal(waveforms[1], waveforms[2])


def test_the_other_second_is_always_of_another_video():
    samples = [sample(video) for video in (0, 0, 0, 0, 0, 7, 7, 9)]
    chosen = [0, 1, 2, 4, 5, 7]
    others = other_seconds(samples, chosen, seed=0)
    assert set(others) <= set(chosen)
    assert all(samples[a].video != samples[b].video for a, b in zip(chosen, others, strict=True))
    assert np.array_equal(others, other_seconds(samples, chosen, seed=0))


def test_one_video_has_no_other_seconds():
    assert len(other_seconds([sample(0), sample(0)], [0, 1], seed=0)) == 0

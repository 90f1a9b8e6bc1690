from dataclasses import replace

import pytest
import torch

from model.networks import AVEMFNet, AVENet, AVOLNet, NetworkConfig
from model.training import TrainingError
from model.training.beginning import begin

TINY = NetworkConfig(image_size=32, width=0.125, embedding=16, sound_pool=4)


def test_avol_net_begins_from_ave_net_as_the_paper_derives_it() -> None:
    """Where a picture has one cell, conv5 and conv6 are fc1 and fc2: AVOL-Net compares what AVE-Net would."""
    ave = AVENet(TINY).eval()
    avol = begin("avol", ave, replace(TINY, head="distance")).eval()
    assert isinstance(avol, AVOLNet) and avol.config.head == "distance"
    images, sounds = torch.rand(2, 3, 32, 32), torch.rand(2, 1, 257, 200)
    torch.testing.assert_close(avol.sound(sounds), ave.sound(sounds))
    features = ave.image_trunk((images - 0.45) / 0.25)  # (2, f, 4, 4)
    cell = torch.nn.functional.normalize(ave.image_head(features[:, :, 1, 2]), dim=1)
    torch.testing.assert_close(avol.vision(images)[:, :, 1, 2], cell)


def test_what_does_not_fit_is_no_beginning() -> None:
    with pytest.raises(TrainingError, match="ave cannot begin from a network of kind ave-mf"):
        begin("ave", AVEMFNet(TINY), TINY)
    openl3 = NetworkConfig(image_size=32, width=0.125, stride=1, pool3=True, trunk="openl3")
    for kind in ("ave-mf", "ave-of"):
        with pytest.raises(TrainingError, match="openl3 trunk"):
            begin(kind, AVENet(openl3), TINY)
    assert begin("ave-of", AVENet(TINY), TINY).kind == "ave-of"

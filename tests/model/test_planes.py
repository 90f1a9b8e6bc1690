"""Planes: values and order of what networks are given."""

import torch

from model.planes import moments, planes


def test_frames_are_scaled_to_one() -> None:
    shown = torch.tensor([[0, 51, 255]], dtype=torch.uint8).expand(2, 4, 5, 3)
    images = moments(planes(shown))
    assert images.shape == (2, 3, 4, 5)
    torch.testing.assert_close(images[0, :, 0, 0], torch.tensor([0.0, 0.2, 1.0]))
    assert shown[0, 0, 0].tolist() == [0, 51, 255]  # what was given is left as it is


def test_flow_is_scaled_to_one_either_way() -> None:
    shown = torch.full((1, 2, 2, 23), 255, dtype=torch.uint8)
    shown[..., 3], shown[..., 4] = 128, 1
    images = moments(planes(shown))
    assert images.shape == (1, 23, 2, 2)
    torch.testing.assert_close(images[0, :6, 0, 0], torch.tensor([1.0, 1.0, 1.0, 0.0, -1.0, 1.0]))


def test_a_seconds_frames_keep_their_order_and_colours() -> None:
    shown = torch.zeros(2, 25, 4, 5, 3, dtype=torch.uint8)
    shown[..., 1] = torch.arange(25, dtype=torch.uint8)[None, :, None, None] * 10
    images = moments(planes(shown))
    assert images.shape == (2, 3, 25, 4, 5)
    assert images[:, 0].max() == images[:, 2].max() == 0
    torch.testing.assert_close(images[1, 1, :, 0, 0] * 255, torch.arange(25) * 10.0)

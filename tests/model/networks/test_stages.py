"""Every stage of every network at full size, as the paper's table of the trunks has it; shapes alone, no arithmetic."""

import pytest
import torch
from torch import nn

from model.networks import AVEMFNet, AVENet, AVEOFNet, AVOLNet, L3Net, Network, NetworkConfig

Shape = tuple[int, ...]
Stages = dict[str, tuple[Shape, Shape]]  # by layer, what goes in and what comes out, without the batch

# A pooling shows as the difference between what a block's second convolution makes and the next block's first takes.
VISION: Stages = {
    "conv1_1": ((3, 224, 224), (64, 112, 112)),
    "conv1_2": ((64, 112, 112), (64, 112, 112)),
    "conv2_1": ((64, 56, 56), (128, 56, 56)),
    "conv2_2": ((128, 56, 56), (128, 56, 56)),
    "conv3_1": ((128, 28, 28), (256, 28, 28)),
    "conv3_2": ((256, 28, 28), (256, 28, 28)),
    "conv4_1": ((256, 14, 14), (512, 14, 14)),
    "conv4_2": ((512, 14, 14), (512, 14, 14)),
}
AUDIO: Stages = {
    "conv1_1": ((1, 257, 200), (64, 129, 100)),
    "conv1_2": ((64, 129, 100), (64, 129, 100)),
    "conv2_1": ((64, 64, 50), (128, 64, 50)),
    "conv2_2": ((128, 64, 50), (128, 64, 50)),
    "conv3_1": ((128, 32, 25), (256, 32, 25)),
    "conv3_2": ((256, 32, 25), (256, 32, 25)),
    "conv4_1": ((256, 16, 12), (512, 16, 12)),
    "conv4_2": ((512, 16, 12), (512, 16, 12)),
}
EMBEDDING: Stages = {"fc1": ((512,), (128,)), "fc2": ((128,), (128,))}


def stages(network: type[Network], *picture: int, **changes: object) -> tuple[Stages, Shape, Shape]:
    """The layers that two pairs go through at full size, and what is compared of a picture and of a sound."""
    found: Stages = {}
    with torch.device("meta"):
        made = network(NetworkConfig.paper(**changes)).eval()
        for name, layer in made.named_modules():
            if isinstance(layer, nn.Conv2d | nn.Conv3d | nn.Linear):

                def record(_layer: nn.Module, taken: tuple, given: torch.Tensor, name: str = name) -> None:
                    found.setdefault(name, (tuple(taken[0].shape[1:]), tuple(given.shape[1:])))

                layer.register_forward_hook(record)
        vision, sound = made.vision(torch.zeros(2, *picture)), made.sound(torch.zeros(2, 1, 257, 200))
        assert made.logits(vision, sound).shape == (2,)
        assert made.pair_logits(vision, sound).shape == (2, 2)
    return found, tuple(vision.shape[1:]), tuple(sound.shape[1:])


def within(module: str, layers: Stages) -> Stages:
    return {f"{module}.{name}": shapes for name, shapes in layers.items()}


def test_l3_net() -> None:
    found, vision, sound = stages(L3Net, 3, 224, 224)
    together: Stages = {"fc1": ((1024,), (128,)), "fc2": ((128,), (2,))}
    assert found == within("image_trunk", VISION) | within("sound_trunk", AUDIO) | together
    assert vision == sound == (512,)


def test_ave_net() -> None:
    found, vision, sound = stages(AVENet, 3, 224, 224)
    heads = within("image_head", EMBEDDING) | within("sound_head", EMBEDDING)
    assert found == within("image_trunk", VISION) | within("sound_trunk", AUDIO) | heads
    assert vision == sound == (128,)


@pytest.mark.parametrize("head", ["product", "distance"])
def test_avol_net(head: str) -> None:
    found, vision, sound = stages(AVOLNet, 3, 224, 224, head=head)
    places: Stages = {"conv5": ((512, 14, 14), (128, 14, 14)), "conv6": ((128, 14, 14), (128, 14, 14))}
    trunks = within("image_trunk", VISION) | within("sound_trunk", AUDIO)
    assert found == trunks | places | within("sound_head", EMBEDDING)
    assert (vision, sound) == ((128, 14, 14), (128,))


def test_stride_1_doubles_the_map() -> None:
    found, vision, _ = stages(AVOLNet, 3, 224, 224, stride=1)
    assert found["image_trunk.conv1_2"][1] == (64, 224, 224)
    assert found["image_trunk.conv4_2"][1] == (512, 28, 28)
    assert vision == (128, 28, 28)


def test_ave_mf() -> None:
    """The picture's sides are the vision trunk's; 25 frames become 13, 7, 4 and 2."""
    found, vision, _ = stages(AVEMFNet, 3, 25, 224, 224)
    times = {"1_1": (25, 13), "1_2": (13, 13), "2": (7, 7), "3": (4, 4), "4": (2, 2)}

    def timed(shape: Shape, time: int) -> Shape:
        return shape[0], time, *shape[1:]

    expected: Stages = {}
    for name, (taken, given) in VISION.items():
        before, after = times.get(name[4:], times.get(name[4]))
        expected[name] = (timed(taken, before), timed(given, after))
    heads = within("image_head", EMBEDDING) | within("sound_head", EMBEDDING)
    assert found == within("image_trunk", expected) | within("sound_trunk", AUDIO) | heads
    assert vision == (128,)


def test_ave_of() -> None:
    """Blocks 1 to 3 of the frame and of 20 channels of flow, whose 512 channels block 4 takes."""
    found, vision, _ = stages(AVEOFNet, 23, 224, 224)
    blocks = {name: shapes for name, shapes in VISION.items() if name[4] != "4"}
    flow = blocks | {"conv1_1": ((20, 224, 224), (64, 112, 112))}
    both: Stages = {"conv4_1": ((512, 14, 14), (512, 14, 14)), "conv4_2": VISION["conv4_2"]}
    trunk = within("frame", blocks) | within("flow", flow) | within("both", both)
    heads = within("image_head", EMBEDDING) | within("sound_head", EMBEDDING)
    assert found == within("image_trunk", trunk) | within("sound_trunk", AUDIO) | heads
    assert vision == (128,)

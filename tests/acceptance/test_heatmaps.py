"""The pictures of failures: what counts as one, and which are shown."""

import numpy as np
import pytest

from acceptance.results import heatmaps
from acceptance.results.heatmaps import Failure, Moment, chosen, failures
from model.boxes import Box
from model.networks import AVOLNet
from model.samples import Sample

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
CORNER: Box = (0.0, 0.0, 0.2, 0.2)


def moment(video: int, name: str, box: Box = CORNER) -> Moment:
    sample = Sample(video, 0, 1.0, (name,), {0: box}, frozenset({0}), steady=True)
    return Moment(sample, np.zeros((224, 224, 3), np.uint8), np.zeros(48_000, np.float32))


def test_one_frame_a_video_and_classes_in_turn_the_worst_first() -> None:
    def failure(video: int, name: str, badness: float) -> Failure:
        return Failure(moment(video, name), np.zeros((14, 14)), badness)

    found = [failure(0, "clock", 9), failure(0, "clock", 8), failure(1, "clock", 7), failure(1, "cow", 6)]
    found += [failure(2, "drum", 5), failure(3, "cow", 4), failure(4, "clock", 3)]
    shown = [(one.moment.sample.video, one.classes) for one in chosen(found, 5)]
    assert shown == [(0, "clock"), (2, "drum"), (3, "cow"), (1, "clock"), (4, "clock")]
    assert len(chosen(found, 2)) == 2


def test_a_peak_beside_what_sounds_and_a_loose_box_are_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    logits = np.full((3, 14, 14), -4.0, np.float32)
    logits[0, 12, 12] = logits[1, 1:3, 1:3] = logits[2, 0:3, 0:3] = 4.0
    monkeypatch.setattr(heatmaps, "localize", lambda _network, _frames, _seconds: logits)
    moments = [moment(0, "cow"), moment(0, "cow", WHOLE), moment(0, "cow", CORNER)]
    beside, loose = failures(AVOLNet(), moments)  # the third's box is right
    assert beside.moment is moments[0] and beside.box is None
    assert loose.moment is moments[1] and loose.box is not None and -0.5 < loose.badness < 0

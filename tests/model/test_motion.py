"""Motion: which frames a moment is shown with."""

import numpy as np

from model.motion import around, span, with_flow


def test_the_moment_lies_in_the_middle() -> None:
    assert span(20, 5, 50) == [18, 19, 20, 21, 22]


def test_beyond_the_ends_the_nearest_frame_is_repeated() -> None:
    assert span(1, 5, 50) == [0, 0, 1, 2, 3]
    assert span(49, 5, 50) == [47, 48, 49, 49, 49]
    assert span(0, 5, 1) == [0] * 5


def test_what_is_shown_of_a_moment() -> None:
    frames = np.repeat(np.arange(40, dtype=np.uint8) * 6, 16 * 16 * 3).reshape(-1, 16, 16, 3)
    assert (around("frame", frames, 20) == 120).all()
    assert around("frames", frames, 20)[:, 0, 0, 0].tolist() == [6 * k for k in range(8, 33)]
    shown = around("flow", frames, 20)
    assert shown.shape == (16, 16, 23) and (shown[..., :3] == 120).all()


def test_flow_is_of_the_five_frames_before_and_after(monkeypatch) -> None:
    seen = []

    def stack(frames: np.ndarray, size: int) -> np.ndarray:
        seen.extend(frames[:, 0, 0, 0].tolist())
        return np.zeros((size, size, 20), np.uint8)

    monkeypatch.setattr("model.optical_flow.stack", stack)
    around("flow", np.repeat(np.arange(40, dtype=np.uint8), 8 * 8 * 3).reshape(-1, 8, 8, 3), 20)
    assert seen == list(range(15, 26))


def test_flow_lies_on_the_frame_it_is_of() -> None:
    flow = np.zeros((4, 4, 20), np.uint8)
    flow[1, 2] = 200
    shown = with_flow(np.zeros((8, 8, 3), np.uint8), flow)
    assert (shown[2:4, 4:6, 3:] == 200).all() and shown[..., 3:].sum() == 4 * 20 * 200
    assert with_flow(np.zeros((9, 9, 3), np.uint8), flow).shape == (9, 9, 23)  # no whole multiple

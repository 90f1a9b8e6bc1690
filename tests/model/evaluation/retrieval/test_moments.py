"""Random moments of labelled videos."""

from pathlib import Path

import numpy as np

from model import truth
from model.datasets import Skipped, open_dataset
from model.evaluation.retrieval.moments import Moment, draw
from model.truth import Segment, Truth
from tests.model.humming import COLOURS, LEFT, RIGHT, TONES, hum


def drawn(folder: Path, *, most: int = 1, seed: int = 0) -> tuple[list[tuple[int, Moment]], list[Skipped], list[int]]:
    skipped: list[Skipped] = []
    done: list[int] = []
    moments = draw(
        open_dataset(folder),
        size=40,
        most=most,
        seed=seed,
        on_done=lambda now, _total: done.append(now),
        on_skipped=skipped.append,
    )
    return list(moments), skipped, done


def colours_seen(frame: np.ndarray) -> set[str]:
    return {name for name, rgb in COLOURS.items() if (np.abs(frame.astype(int) - rgb).max(2) < 60).mean() > 0.05}


def tones_heard(second: np.ndarray) -> set[str]:
    spectrum = np.abs(np.fft.rfft(second)) / len(second) * 2  # a bin a hertz
    return {name for name, tone in TONES.items() if spectrum[round(tone) - 2 : round(tone) + 3].max() > 0.05}


def test_labels_are_of_what_is_seen_and_of_what_sounds_through_the_second(humming: Path) -> None:
    moments, skipped, done = drawn(humming, most=100)
    assert not skipped and done == [1, 2, 3, 4, 5, 6]
    # Turns at 2 s: .5 .. 1.5 and 2.5 .. 3.5 s; one throughout: .5 .. 3.5 s; both on a grid of .25 s.
    assert [sum(video == index for video, _ in moments) for index in range(6)] == [10, 10, 10, 13, 13, 13]
    for _, moment in moments:
        assert moment.frame.shape == (40, 40, 3) and moment.second.shape == (48_000,)
        assert colours_seen(moment.frame) == moment.visible
        assert tones_heard(moment.second) == moment.sounding
    assert {len(moment.visible) for _, moment in moments} == {1, 2}


def test_the_same_seed_draws_the_same_moments_whatever_else_is_skipped(humming: Path, tmp_path: Path) -> None:
    labels = truth.read(humming)
    for one in labels:
        (tmp_path / one.file).symlink_to(humming / one.file)
    truth.write(tmp_path, [*labels[:2], Truth("gone.mp4", ["red"], [], {}), *labels[3:]])
    first, again, other = drawn(humming)[0], drawn(tmp_path)[0], drawn(humming, seed=1)[0]
    assert [video for video, _ in again] == [0, 1, 3, 4, 5]
    of_first = dict(first)
    for video, moment in again:
        assert np.array_equal(moment.second, of_first[video].second)
    assert any(not np.array_equal(a.second, b.second) for (_, a), (_, b) in zip(first, other, strict=True))


def test_a_video_that_does_not_serve_is_named(humming: Path, tmp_path: Path) -> None:
    silent = hum(tmp_path, "silent.mp4", [("red", LEFT)], [])
    hidden = hum(tmp_path, "hidden.mp4", [("red", RIGHT)], [Segment(0.0, 4.0, 0)])
    hidden.boxes[0][:] = [None] * len(hidden.boxes[0])
    (tmp_path / "broken.mp4").write_bytes(b"\0" * 64)
    (tmp_path / "e.mp4").symlink_to(humming / "e.mp4")
    truth.write(tmp_path, [silent, hidden, Truth("broken.mp4", [], [], {}), truth.read(humming)[4]])
    moments, skipped, done = drawn(tmp_path)
    assert [video for video, _ in moments] == [3] and done == [1, 2, 3, 4]
    assert [one.file for one in skipped] == ["silent.mp4", "hidden.mp4", "broken.mp4"]
    assert "never is something visible while something sounds" in skipped[0].reason

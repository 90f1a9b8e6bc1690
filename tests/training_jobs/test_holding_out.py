"""Holding out: what is once learnt from stays so, and few clips are shared so that both sides can do with theirs."""

import pytest

from training_jobs import holding_out

KEYS = [f"{number:020x}" for number in range(400)]


def test_a_clip_once_learnt_from_is_not_held_out_as_others_come() -> None:
    learnt: set[str] = set()
    for count in (60, 100, 200, 400):
        learn, held = holding_out.hold_out(KEYS[:count])
        assert sorted(learn + held) == KEYS[:count]
        assert learnt <= set(learn)
        learnt = set(learn)
    assert 0.15 < len(held) / len(KEYS) < 0.25


def test_with_few_clips_enough_are_held_out_and_enough_left() -> None:
    for count in (holding_out.LEAST, 5, 10, 20, 40, 60):
        learn, held = holding_out.hold_out(KEYS[:count])
        assert len(held) >= holding_out.LEAST
        assert len(held) <= max(holding_out.LEAST, holding_out.MOST_SHARE * count)
        assert sorted(learn + held) == KEYS[:count]
    assert len(held) == pytest.approx(holding_out.ENOUGH, abs=8)
    for count in (24, 32, 40):  # where a fifth by the hash could be too few to compare on
        assert len(holding_out.hold_out(KEYS[:count])[1]) >= count // 5

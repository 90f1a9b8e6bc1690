"""Groups of alike clips are stable and named after their first clip; doubles are told from likes."""

import numpy as np

from model.groups import DUPLICATE, alike, is_duplicate, may_be_duplicate
from model.moment import Moment


def clip(angle: float, sound: float | None = None) -> np.ndarray:
    """A clip whose picture, and sound, point somewhere in a plane (degrees)."""
    both = np.zeros((2, 128), np.float32)
    for part, degrees in enumerate((angle, angle if sound is None else sound)):
        both[part, :2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return both.ravel()


CLIPS = {9: clip(0), 4: clip(8), 7: clip(4), 3: clip(90), 5: clip(94), 1: clip(180)}


def test_alike_clips_share_the_lowest_of_their_tasks() -> None:
    assert alike(CLIPS) == {9: 4, 4: 4, 7: 4, 3: 3, 5: 3}


def test_a_group_keeps_its_number_when_others_come_or_the_order_changes() -> None:
    more = {20: clip(91), 21: clip(200), **dict(reversed(CLIPS.items()))}
    before, after = alike(CLIPS), alike(more)
    assert {task: after[task] for task in before} == before
    assert after[20] == 3 and after[21] == 1


def test_looking_alike_alone_makes_no_group() -> None:
    assert alike({1: clip(0, 0), 2: clip(0, 90)}) == {}
    assert alike({}) == alike({1: clip(0)}) == {}


def test_a_clip_without_anything_is_like_nothing() -> None:
    assert alike({1: np.zeros(256, np.float32), 2: np.zeros(256, np.float32), 3: clip(0), 4: clip(1)}) == {3: 3, 4: 3}


def test_sounds_alone_are_grouped_by_what_is_heard() -> None:
    sounds = {task: clip(0, angle) for task, angle in ((1, 0), (2, 20), (3, 120))}
    for sound in sounds.values():
        sound[:128] = 0
    assert alike(sounds) == {1: 1, 2: 1}
    assert alike({1: sounds[1], 2: clip(0, 0)}) == {}  # one of them has a picture


def moments(*sounds: float | None, image: float = 0.0) -> list[Moment]:
    """One moment a second, of one picture and these sounds (degrees); None is silence."""
    nothing = np.zeros(128, np.float32)
    return [
        Moment(float(second), clip(image)[:128], nothing if sound is None else clip(0, sound)[128:])
        for second, sound in enumerate(sounds)
    ]


def test_doubles_agree_from_moment_to_moment() -> None:
    one = moments(None, 0, 0, 90, None, None)
    apart = float(np.degrees(np.arccos(DUPLICATE)))
    assert is_duplicate(one, one)
    assert is_duplicate(one, moments(None, 2, -2, 91, None, None, image=0.9 * apart))
    assert is_duplicate(one, one[1:]) and is_duplicate(one[1:], one)  # its beginning was cut off
    assert not is_duplicate(one, moments(None, 0, 0, 90, None, None, image=1.1 * apart))
    assert not is_duplicate(one, moments(90, None, None, None, 0, 0))  # alike as a whole, and not in turn
    assert not is_duplicate(one, one[:1])  # a beginning alone
    assert not is_duplicate([], []) and not is_duplicate(one, [])


def test_sounds_alone_are_doubles_where_they_sound_the_same() -> None:
    one, same, other = (
        [Moment(moment.time, np.zeros(128, np.float32), moment.sound) for moment in found]
        for found in (moments(0, 0, 90), moments(2, -2, 91), moments(90, 90, 0))
    )
    assert is_duplicate(one, same)
    assert not is_duplicate(one, other) and not is_duplicate(one, moments(0, 0, 90))


def test_only_clips_alike_as_a_whole_are_candidates() -> None:
    silent = clip(0)
    silent[128:] = 0
    assert may_be_duplicate(clip(0), clip(5)) and may_be_duplicate(silent, silent)
    assert not may_be_duplicate(clip(0, 0), clip(0, 45))
    assert not may_be_duplicate(clip(0), silent)

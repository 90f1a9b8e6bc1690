from model.training import split


def test_the_split_is_stable_as_clips_are_added() -> None:
    keys = [str(i) for i in range(100)]
    learn, held_out = split(keys, 0.1)
    assert sorted(learn + held_out) == sorted(keys) and len(held_out) == 10
    more_learn, _ = split([*keys, "100", "101"], 0.1)
    assert len(set(held_out) & set(more_learn)) <= 1

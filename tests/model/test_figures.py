import json

import pytest

from model.figures import figure


def test_plain_values_hold_every_row_its_interval_and_the_count():
    one = figure({"model": [True, True, False, True], "centre": [0.0, 1.0, 0.0, 0.0]}, [0, 1, 2, 3], seed=0)
    plain = json.loads(json.dumps(one.to_dict()))
    assert plain["model"] == 0.75
    assert plain["centre"] == 0.25
    assert plain["n"] == 4
    assert plain["ci95"] == pytest.approx([0.25, 1.0], abs=0.01)
    assert plain["intervals"]["centre"] == pytest.approx([0.0, 0.75], abs=0.01)


def test_notes_stand_beside_the_rows():
    assert figure({"model": [1.0]}, [0], seed=0, notes={"no_sound": 3}).to_dict()["no_sound"] == 3


def test_without_samples_a_figure_is_null_and_not_zero():
    plain = figure({"model": [], "centre": []}, [], seed=0).to_dict()
    assert plain == {"model": None, "centre": None, "n": 0, "ci95": None, "intervals": {"centre": None}}

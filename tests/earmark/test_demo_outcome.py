from earmark.demo_outcome import Outcome, standing_prediction


def test_the_outcome_is_the_line_it_promises() -> None:
    outcome = Outcome(3, 2, {7: "no sound"}, 5, {"total": 1.5}, "earmark-0123456789ab")
    assert outcome.as_json() == {
        "tasks": 3,
        "predicted": 2,
        "failed": [{"task": 7, "reason": "no sound"}],
        "regions": 5,
        "seconds": {"total": 1.5},
        "model_version": "earmark-0123456789ab",
    }


def test_an_unlabelled_task_is_to_carry_the_current_version_and_a_labelled_one_any_of_ours() -> None:
    old, new = "earmark-000000000001", "earmark-000000000002"
    rows = [{"id": 1, "model_version": old}, {"id": 3, "model_version": "someone's"}, {"id": 2, "model_version": new}]
    assert standing_prediction({"predictions": rows, "annotations": []}, new) == rows[2]
    assert standing_prediction({"predictions": rows[:2], "annotations": []}, new) is None
    assert standing_prediction({"predictions": rows[:2], "annotations": [{}]}, new) == rows[0]
    assert standing_prediction({"predictions": rows[1:2], "annotations": [{}]}, new) is None

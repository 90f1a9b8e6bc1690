import json
from pathlib import Path

import pytest

from earmark import ports, studio
from earmark.demonstration import DemoError, Demonstration, Outcome, standing_prediction


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


def test_ports_login_and_token_are_kept_for_the_user_alone(tmp_path: Path) -> None:
    Demonstration(tmp_path, 0, 0)
    first = json.loads((tmp_path / "demo.json").read_text())
    Demonstration(tmp_path, 0, 0)
    assert json.loads((tmp_path / "demo.json").read_text()) == first
    assert {"port", "label_studio_port", "password", "token"} <= set(first)
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0


def test_a_damaged_keepsake_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(DemoError, match=r"demo\.json is damaged: move .* away"):
        Demonstration(tmp_path, 0, 0)


def test_without_label_studio_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "PYTHON", tmp_path / "missing" / "bin" / "python")
    demonstration = Demonstration(tmp_path, 0, 0)
    with pytest.raises(DemoError, match="run `make demo`"):
        demonstration.run()
    demonstration.stop()


def test_a_taken_port_is_refused_with_its_option(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        with pytest.raises(DemoError, match="--label-studio-port N"):
            Demonstration(tmp_path, 0, taken.getsockname()[1])


def test_an_unlabelled_task_is_to_carry_the_current_version_and_a_labelled_one_any_of_ours() -> None:
    old, new = "earmark-000000000001", "earmark-000000000002"
    rows = [{"id": 1, "model_version": old}, {"id": 3, "model_version": "someone's"}, {"id": 2, "model_version": new}]
    assert standing_prediction({"predictions": rows, "annotations": []}, new) == rows[2]
    assert standing_prediction({"predictions": rows[:2], "annotations": []}, new) is None
    assert standing_prediction({"predictions": rows[:2], "annotations": [{}]}, new) == rows[0]
    assert standing_prediction({"predictions": rows[1:2], "annotations": [{}]}, new) is None

import json

from model.datasets import Skipped
from model.evaluation import Evaluation
from model.figures import figure


def test_plain_values_hold_figures_groups_and_what_was_left_out():
    one = figure({"model": [1.0, 0.0]}, [0, 1], seed=0)
    evaluation = Evaluation(
        {"pointing": one}, 2, [Skipped("a.mp4", "a.mp4: no such file.")], {"by_class": {"dog": {"pointing": one}}}
    )
    plain = json.loads(json.dumps(evaluation.to_dict()))
    assert list(plain) == ["pointing", "by_class", "videos", "skipped"]
    assert plain["by_class"]["dog"]["pointing"] == plain["pointing"]
    assert plain["pointing"]["model"] == 0.5
    assert plain["skipped"] == [{"file": "a.mp4", "reason": "a.mp4: no such file."}]

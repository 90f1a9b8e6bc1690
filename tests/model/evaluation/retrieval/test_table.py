"""The table's numbers as plain values."""

import json

import numpy as np
import pytest

from model.datasets import Skipped
from model.evaluation.retrieval.table import Cell, RetrievalTable, TableRow


def test_queries_without_an_answer_do_not_count() -> None:
    cell = Cell.of(np.array([1.0, np.nan, 0.0, 1.0, 1.0]), [0, 1, 2, 3, 4], seed=0)
    assert (cell.value, cell.n) == (0.75, 4)
    assert cell.interval == pytest.approx((0.25, 1.0), abs=0.01)
    assert Cell.of(np.array([np.nan]), [0], seed=0).to_dict() == {"value": None, "ci95": None, "n": 0}


def test_plain_values_have_a_key_for_every_direction_that_makes_sense() -> None:
    cell = Cell(0.123456, (0.1, 0.25), 7)
    rows = [TableRow("VGG16 fc7", False, {"im-im": cell}), TableRow("x + CCA", False, {"im-aud": cell}, 0.01)]
    plain = json.loads(json.dumps(RetrievalTable(rows, 7, [Skipped("a.mp4", "bad")], True, ["why"]).to_dict()))
    assert plain == {
        "measure": "ndcg@30",
        "relevance": "tree",
        "rows": [
            {"name": "VGG16 fc7", "model": False, "im-im": {"value": 0.1235, "ci95": [0.1, 0.25], "n": 7}},
            {
                "name": "x + CCA",
                "model": False,
                "im-aud": {"value": 0.1235, "ci95": [0.1, 0.25], "n": 7},
                "cca_regulariser": 0.01,
            },
        ],
        "videos": 7,
        "skipped": [{"file": "a.mp4", "reason": "bad"}],
        "refused": ["why"],
    }

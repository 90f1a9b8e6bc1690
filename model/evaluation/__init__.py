"""How good a network is, beside what it has to beat; labels serve evaluation only, nothing is fitted to them."""

from model.evaluation.correspondence import evaluate_correspondence
from model.evaluation.evaluation import Evaluation, EvaluationError
from model.evaluation.localization import evaluate_localization

__all__ = ["Evaluation", "EvaluationError", "evaluate_correspondence", "evaluate_localization"]

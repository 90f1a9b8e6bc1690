"""What a clip is: the choice suggested for it."""

from label_config.config import LabelConfig
from label_config.items import Item, score_of


def choice_item(config: LabelConfig, choice: str, similarity: float) -> Item | None:
    """The choice suggested for a clip, scored by its similarity; None if the config does not know it."""
    control = config.choices
    written = None if control is None else control.find(choice)
    if control is None or written is None:
        return None
    return {
        "from_name": control.name,
        "to_name": control.target,
        "type": "choices",
        "origin": "prediction",
        "score": score_of(similarity),
        "value": {"choices": [written]},
    }

from label_config import choice_item, read_config, template
from tests.label_config.configs import QUERY

CONFIG = read_config(template(["dog", "car"]))


def test_only_choices_the_config_knows_are_written() -> None:
    item = choice_item(CONFIG, "dog", 0.73)
    assert (item["type"], item["value"], item["score"]) == ("choices", {"choices": ["dog"]}, 0.73)
    assert choice_item(CONFIG, "cat", 0.99) is None
    assert choice_item(CONFIG, "dog", -0.2)["score"] == 0.0  # a cosine may be negative, a score may not
    assert choice_item(read_config(QUERY), "dog", 0.5) is None

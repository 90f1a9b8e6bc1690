from pathlib import Path

import pytest

from label_config import read_config, template
from label_config.template import TEMPLATE

DOCS = Path(__file__).parents[2] / "docs" / "labelling-configs.md"


def test_the_template_carries_the_choices_given() -> None:
    choices = ["bell", "cuckoo clock", "<&\"'>", "ünï"]
    config = read_config(template(choices))
    assert [option.value for option in config.choices.options] == choices
    assert config.digest != read_config(template()).digest


def test_only_the_choices_change() -> None:
    example, own = template().splitlines(), template(["bell"]).splitlines()
    kept = [line.replace(" />", "/>") for line in own if "<Choice " not in line]
    assert kept == [line for line in example if "<Choice " not in line]


@pytest.mark.parametrize("choices", [(), ["bell"]])
def test_labels_stand_above_timeline_labels_and_share_no_value(choices: list[str]) -> None:
    xml = template(choices)
    assert xml.index("<Labels ") < xml.index("<TimelineLabels ")
    labels, timeline = read_config(xml).labels("labels", "timelinelabels")
    assert not set(labels.options) & set(timeline.options)


@pytest.mark.parametrize("path", sorted(TEMPLATE.parent.iterdir()), ids=lambda path: path.stem)
def test_every_template_is_used_to_the_full_and_explained(path: Path) -> None:
    config = read_config(path.read_text())
    assert config.notes == ()
    assert f"templates/{path.name}" in DOCS.read_text()

"""Label Studio labelling configs: read a project's config, write results it can show."""

from label_config.config import (
    BOX_LABEL,
    SEGMENT_LABEL,
    ConfigError,
    Control,
    LabelConfig,
    Option,
    read_config,
)
from label_config.results import box_item, choice_item, segment_item, with_ids
from label_config.template import template
from label_config.timeline import Timeline
from label_config.validation import InvalidResultError, check, problems

__all__ = [
    "BOX_LABEL",
    "SEGMENT_LABEL",
    "ConfigError",
    "Control",
    "InvalidResultError",
    "LabelConfig",
    "Option",
    "Timeline",
    "box_item",
    "check",
    "choice_item",
    "problems",
    "read_config",
    "segment_item",
    "template",
    "with_ids",
]

"""Label Studio labelling configs: read a project's config, write results it can show."""

from label_config.boxes import box_item, picture_box_items
from label_config.choices import choice_item
from label_config.config import BOX_LABEL, KINDS, SEGMENT_LABEL, ConfigError, Kind, LabelConfig, Medium
from label_config.control import Control, Option
from label_config.items import Item, with_ids
from label_config.masks import mask_item
from label_config.picture import Picture
from label_config.reading import read_config
from label_config.segments import segment_item, stretch_item
from label_config.similar import Similar, ranking_item, similar_item
from label_config.template import template
from label_config.timeline import Timeline
from label_config.validation import InvalidResultError, check, problems

__all__ = [
    "BOX_LABEL",
    "KINDS",
    "SEGMENT_LABEL",
    "ConfigError",
    "Control",
    "InvalidResultError",
    "Item",
    "Kind",
    "LabelConfig",
    "Medium",
    "Option",
    "Picture",
    "Similar",
    "Timeline",
    "box_item",
    "check",
    "choice_item",
    "mask_item",
    "picture_box_items",
    "problems",
    "ranking_item",
    "read_config",
    "segment_item",
    "similar_item",
    "stretch_item",
    "template",
    "with_ids",
]

"""`$field` references: how an attribute of a labelling config picks a value out of a task's data."""

import re
from collections.abc import Mapping
from typing import Any

# Label Studio's own pattern: `$fps`, `$media.url`, `$clips[0].url`.
_REFERENCE = re.compile(r"\$[\w\[\].{}]+")


def resolve(attribute: str, task_data: Mapping[str, Any]) -> Any:
    """What an attribute stands for in one task, as Label Studio's page works it out.

    An attribute that is one reference gives the referenced value whatever its type, "" where the task lacks
    it; references inside other text are replaced by their values as text; without any it is itself.
    """
    if _REFERENCE.fullmatch(attribute):
        value = _look_up(attribute[1:], task_data)
        return "" if value is None else value
    return _REFERENCE.sub(lambda match: str(_look_up(match[0][1:], task_data) or ""), attribute)


def absent(attribute: str, task_data: Mapping[str, Any]) -> list[str]:
    """The references in an attribute that one task's data give no value, such as `$video`."""
    return [one for one in _REFERENCE.findall(attribute) if _look_up(one[1:], task_data) in (None, "")]


def _look_up(path: str, task_data: Mapping[str, Any]) -> Any:
    if path in task_data:
        return task_data[path]
    value: Any = task_data
    for key in re.findall(r"[^\[\].]+", path):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value

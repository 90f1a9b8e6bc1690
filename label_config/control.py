"""Controls: the tags of a labelling config that results are written to, and the values they know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from label_config.references import resolve


@dataclass(frozen=True)
class Option:
    """One value of a control. Label Studio shows `value` and, where there is one, writes `alias`."""

    value: str
    alias: str | None = None

    @property
    def written(self) -> str:
        """The form in which results carry it."""
        return self.alias or self.value


@dataclass(frozen=True)
class Control:
    """One control tag.

    Attributes:
        tag: its tag in lower case, which is also the `type` of its results.
        name: its name, the `from_name` of its results.
        target: the name of the object tag it labels, their `to_name`.
        options: the values it knows, in the config's order; empty for controls without values.
        source: a `$field` of the task's data that adds values, "" if none does.
        multiple: whether several values may be chosen at once.
    """

    tag: str
    name: str
    target: str
    options: tuple[Option, ...] = ()
    source: str = ""
    multiple: bool = False

    def find(self, value: str) -> str | None:
        """The written form of the option with this value or alias; None if the control does not know it."""
        return next((option.written for option in self.options if value in (option.value, option.alias)), None)

    def for_task(self, task_data: Mapping[str, Any]) -> "Control":
        """The control with the values that one task's data add: a Ranker's are the ids of its List's items."""
        added = resolve(self.source, task_data) if self.source else None
        if not isinstance(added, list):
            return self
        key = "id" if self.tag == "ranker" else "value"
        options = tuple(
            Option(entry[key], alias if isinstance(alias := entry.get("alias"), str) else None)
            for entry in added
            if isinstance(entry, Mapping) and isinstance(entry.get(key), str)
        )
        return replace(self, options=self.options + options)

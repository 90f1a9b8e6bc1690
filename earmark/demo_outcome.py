"""What became of the demo's sample tasks, by the predictions they carry."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What became of the sample tasks."""

    tasks: int = 0
    predicted: int = 0
    """Tasks whose prediction was read back through Label Studio's API."""
    failed: dict[int, str] = field(default_factory=dict)
    """Reason by task."""
    regions: int = 0
    """Boxes through time in those predictions."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds each phase took."""
    model_version: str = ""

    def as_json(self) -> dict[str, Any]:
        """The line `--once` ends with."""
        return {
            "tasks": self.tasks,
            "predicted": self.predicted,
            "failed": [{"task": task, "reason": reason} for task, reason in sorted(self.failed.items())],
            "regions": self.regions,
            "seconds": self.seconds,
            "model_version": self.model_version,
        }


def standing_prediction(task: dict[str, Any], version: str) -> dict[str, Any] | None:
    """The prediction a task is to carry: of `version`, or, once people have labelled it, any of ours; None without."""
    ours = [row for row in task["predictions"] if str(row.get("model_version")).startswith("earmark-")]
    if not task["annotations"]:
        ours = [row for row in ours if row["model_version"] == version]
    return max(ours, key=lambda row: row["id"], default=None)


def worth(prediction: dict[str, Any]) -> tuple[bool, bool, float]:
    """How much there is to see in a prediction: a box, a suggestion, a high score."""
    kinds = {item["type"] for item in prediction["result"] or []}
    return "videorectangle" in kinds, "choices" in kinds, float(prediction.get("score") or 0)

"""What Label Studio sends, in small: the calls of its ML backend protocol and its webhooks."""

import base64
from typing import Any

from backend.projects import ProjectKey

SECRET = "correct horse"
LABEL_STUDIO = "http://localhost:8080"
CONFIG = """<View>
  <Labels name="labels" toName="video"><Label value="sounding object"/></Labels>
  <TimelineLabels name="segments" toName="video"><Label value="sounding"/></TimelineLabels>
  <Video name="video" value="$video" frameRate="25"/>
  <VideoRectangle name="box" toName="video"/>
</View>"""
PROJECT = "1.1795341210"
KEY = str(ProjectKey.of_call(LABEL_STUDIO, PROJECT))
BASIC = {"Authorization": "Basic " + base64.b64encode(f"earmark:{SECRET}".encode()).decode()}
HEADER = {"X-Earmark-Secret": SECRET}


def task(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A task's row."""
    return {
        "id": number,
        "data": {"video": f"/data/upload/1/{number:08x}-clip.mp4"},
        "meta": {},
        "created_at": "2026-11-22T09:54:27.236284Z",
        "is_labeled": False,
        "total_annotations": 0,
        "annotations": [],
        "predictions": [],
        **fields,
    }


def predict(*tasks: Any, context: Any = None) -> dict[str, Any]:
    """The body of `/predict`."""
    params = {"login": None, "password": None, "context": context}
    return {"tasks": list(tasks), "project": PROJECT, "label_config": CONFIG, "params": params}


def setup(**fields: Any) -> dict[str, Any]:
    """The body of `/setup`."""
    return {"project": PROJECT, "schema": CONFIG, "hostname": LABEL_STUDIO, "access_token": "x", **fields}


def webhook(action: str, **fields: Any) -> dict[str, Any]:
    """The body of a webhook; `project_fields` change its project row."""
    project = {
        "id": 1,
        "title": "Sounds",
        "label_config": CONFIG,
        "min_annotations_to_start_training": 0,
        "created_at": "2026-11-22T09:53:30.651261Z",
        **fields.pop("project_fields", {}),
    }
    return {"action": action, "project": project, **fields}

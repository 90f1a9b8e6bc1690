"""The version Label Studio shows: it keeps what our /setup last answered, and asks only when somebody looks."""

import logging

from backend.label_studio import LabelStudioError
from training_jobs.project import Project

log = logging.getLogger(__name__)


def show_current(project: Project) -> bool:
    """Let Label Studio ask for the version that predicts now, where it has not been told yet; whether it was told.

    Listing its backends makes it call /setup of each. What it then shows is remembered, so that the next look at the
    project asks for nothing. That Label Studio cannot reach the backend is no error here: it will ask again itself.
    """
    key, version = f"earmark:{project}:shown", project.version
    if project.redis.get(key) == version.encode():
        return False
    try:
        rows = project.label_studio.backends(project.key.id)
    except LabelStudioError as error:
        log.warning("Label Studio is not told of %s yet: %s", version, error)
        return False
    ours = f"/projects/{project.key.id}"
    shown = [row for row in rows if str(row.get("url", "")).rstrip("/").endswith(ours)]
    if not any(row.get("model_version") == version for row in shown):
        return False
    project.redis.set(key, version)
    return True

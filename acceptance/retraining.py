"""In the running demo, 24 more videos are imported and Start Training is pressed: the model retrains itself.

One training runs; the weights change; /setup answers the new version; every task without annotation carries a
prediction of it and of no older one; annotated tasks stay as they were to the byte; /health answers within a second
throughout.

    .venv/bin/python -m acceptance.retraining
"""

import json
import sys
import threading
import time
from typing import Any

import requests

from acceptance.running import Findings, demo
from backend.connecting import USER
from backend.projects import ProjectKey
from backend.versions import VersionStore
from model.world.generation import generate
from tests.end_to_end.running_demo import Demo, until

VIDEOS = 24
SEED = 5_500_024
SECONDS = 1500


def main() -> int:
    """Import, train, compare before and after."""
    findings = Findings()
    with demo(findings) as running:
        folder = running.home / "more"
        truths = generate(folder, videos=VIDEOS, seed=SEED)
        label_studio = running.label_studio
        row = label_studio.project(running.project)
        key = str(ProjectKey.of_row(running.url, row))
        store = VersionStore(running.settings)
        old = store.current(key)
        labelled = _labelled(running)
        findings.tell(f"{len(labelled)} annotated tasks, version {old}")

        pulse = Pulse(f"{running.backend}/health")
        pulse.start()
        label_studio.import_files(running.project, [folder / truth.file for truth in truths])
        [backend] = label_studio.backends(running.project)
        label_studio.train(backend["id"])
        findings.tell("imported, Start Training pressed")
        until(lambda: store.current(key) != old, "another version", SECONDS, 2)
        new = store.current(key)
        findings.tell(f"version {new} is served")
        until(lambda: _all_of(running, new), f"every task nobody labelled to carry {new}", SECONDS, 2)
        pulse.stop()

        findings.check(new != old, f"the weights' hash changed: {old} -> {new}")
        findings.check(_setup(running, row) == new, "/setup answers the new version")
        findings.check(_trainings(running) == 1, f"one training ran: {_trainings(running)}")
        tasks = list(label_studio.tasks(running.project))
        versions = [
            sorted(one["model_version"] for one in task["predictions"]) for task in tasks if not task["annotations"]
        ]
        findings.check(
            all(one == [new] for one in versions),
            f"{len(versions)} tasks without annotation carry one prediction each, of the new version alone",
        )
        changes = _changes(labelled, _labelled(running))
        findings.check(not changes, f"{len(labelled)} annotated tasks are the same to the byte {changes or ''}")
        findings.check(
            pulse.failures == 0 and pulse.slowest <= 1,
            f"/health answered {pulse.answers} times, at slowest in {pulse.slowest:.3f} s, {pulse.failures} failures",
        )
        findings.tell(f"its card: {json.dumps(store.card(new))}")
    return findings.code


class Pulse(threading.Thread):
    """Asks an address twice a second how it is."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.answers = self.failures = 0
        self.slowest = 0.0
        self._enough = threading.Event()

    def run(self) -> None:
        """Until stop()."""
        while not self._enough.wait(0.5):
            began = time.monotonic()
            try:
                requests.get(self.url, timeout=5).raise_for_status()
                self.answers += 1
            except requests.RequestException:
                self.failures += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    def stop(self) -> None:
        """No more."""
        self._enough.set()
        self.join()


def _labelled(running: Demo) -> dict[int, dict[str, str]]:
    """Everything the API tells of each annotated task, as text by field; but for how long ago it was, which passes."""
    return {
        task["id"]: {name: json.dumps(_without_ages(value), sort_keys=True) for name, value in task.items()}
        for task in running.label_studio.tasks(running.project)
        if task["annotations"]
    }


def _changes(before: dict[int, dict[str, str]], after: dict[int, dict[str, str]]) -> list[str]:
    return [
        f"task {task}, {name}: {value} -> {after.get(task, {}).get(name)}"
        for task, fields in before.items()
        for name, value in fields.items()
        if after.get(task, {}).get(name) != value
    ]


def _without_ages(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_ages(one) for name, one in value.items() if not name.endswith("_ago")}
    return [_without_ages(one) for one in value] if isinstance(value, list) else value


def _all_of(running: Demo, version: str) -> bool:
    tasks = [task for task in running.label_studio.tasks(running.project) if not task["annotations"]]
    return all([one["model_version"] for one in task["predictions"]] == [version] for task in tasks)


def _setup(running: Demo, row: dict[str, Any]) -> str:
    secret = running.settings.secret
    assert secret is not None
    created = str(ProjectKey.of_row(running.url, row)).rpartition("-")[2]
    answer = requests.post(
        f"{running.backend}/projects/{running.project}/setup",
        auth=(USER, secret.get_secret_value()),
        json={"project": f"{running.project}.{created}", "schema": row["label_config"], "hostname": running.url},
        timeout=3,
    )
    answer.raise_for_status()
    return str(answer.json()["model_version"])


def _trainings(running: Demo) -> int:
    """Training jobs the workers finished, by their logs."""
    logs = (running.home / "logs").glob("worker-*.log")
    return sum(line.count("Job OK (retrain-") for log in logs for line in log.read_text(errors="replace").splitlines())


if __name__ == "__main__":
    sys.exit(main())

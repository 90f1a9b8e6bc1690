"""60 generated videos are imported in three batches, one of them without a webhook: one training has all 60 in.

    .venv/bin/python -m acceptance.three_batches [--videos 60] [--minutes 3]

In the running demo. `earmark status` is asked throughout: it must show every step. Then another version serves, the
tasks nobody labelled carry predictions of it alone, and the labelled ones are the same to the byte.
"""

import argparse
import json
import sys
import threading

from acceptance.retraining import _all_of, _changes, _labelled
from acceptance.running import Findings, demo
from backend.projects import ProjectKey
from backend.trainings import STEPS
from backend.versions import VersionStore
from model.world.generation import generate
from tests.end_to_end.running_demo import Demo, until

SEED = 5_500_060
SECONDS = 3600
POLL, QUIET = 15.0, 90.0  # seconds; an import of 20 videos takes Label Studio some on a busy machine


def main() -> int:
    """Import in three batches, watch, compare before and after."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=3.0, help="of training proper")
    given = parser.parse_args()
    findings = Findings()
    environment = {
        "EARMARK_POLL_SECONDS": str(POLL),
        "EARMARK_RETRAIN_QUIET": str(QUIET),
        "EARMARK_RETRAIN_MINUTES": str(given.minutes),
    }
    with demo(findings, **environment) as running:
        folder = running.home / "more"
        files = [folder / truth.file for truth in generate(folder, videos=given.videos, seed=SEED)]
        label_studio = running.label_studio
        key = str(ProjectKey.of_row(running.url, label_studio.project(running.project)))
        store = VersionStore(running.settings)
        old, labelled = store.current(key), _labelled(running)
        earlier = {task["id"] for task in label_studio.tasks(running.project)}
        findings.tell(f"{len(labelled)} annotated tasks of {len(earlier)}, version {old}")
        watch = Watch(running)
        watch.start()
        size = -(-len(files) // 3)
        hooks = label_studio.webhooks(running.project)
        for number in range(3):
            dropped = number == 1
            for hook in hooks:
                label_studio.update_webhook(hook["id"], is_active=not dropped)
            label_studio.import_files(running.project, files[number * size : (number + 1) * size])
            findings.tell(f"batch {number + 1} imported" + ", its webhook dropped" * dropped)
        imported = {task["id"] for task in label_studio.tasks(running.project)} - earlier
        findings.check(len(imported) == given.videos, f"{len(imported)} videos imported")
        until(lambda: watch.past, "the training to end", SECONDS, 2)
        watch.stop()
        [ended] = watch.past
        new = store.current(key)
        findings.check(new == ended["promoted"] != old, f"another version serves: {old} -> {new}: {ended['outcome']}")
        card = store.card(new)
        heard = len(card["clips"]) + len(card["held_out"])
        open_before = len(earlier) - len(labelled)
        findings.check(
            heard == given.videos + open_before,
            f"{heard} videos are in it: the {given.videos}, and {open_before} unlabelled from before",
        )
        findings.check(set(watch.steps) == set(STEPS), f"`earmark status` showed each step: {', '.join(watch.steps)}")
        until(lambda: _all_of(running, new), "the predictions", SECONDS, 2)
        tasks = [task for task in label_studio.tasks(running.project) if not task["annotations"]]
        findings.check(_all_of(running, new), f"{len(tasks)} unlabelled tasks carry one prediction each, of {new}")
        changes = _changes(labelled, _labelled(running))
        findings.check(not changes, f"{len(labelled)} annotated tasks are the same to the byte {changes or ''}")
        later = json.loads(running.earmark("status", "--project", str(running.project), "--json").stdout)
        findings.check(
            len(later["past"]) == 1 and later["queued"] is None and later["training"]["outcome"] != "",
            f"one training ran, and no other waits: {ended['trigger']}",
        )
        for entry in reversed(later["history"]):
            findings.tell(f"{entry['event']}: {entry['outcome']}")
    return findings.code


class Watch(threading.Thread):
    """Asks `earmark status` again and again which step the training is in, or has been through."""

    def __init__(self, running: Demo) -> None:
        super().__init__(daemon=True)
        self.running = running
        self.steps: dict[str, None] = {}
        self.past: list[dict] = []
        self._enough = threading.Event()

    def run(self) -> None:
        """Until stop()."""
        while not self._enough.wait(1.0):
            shown = self.running.earmark("status", "--project", str(self.running.project), "--json").stdout
            for line in shown.splitlines():
                told = json.loads(line)
                if training := told["training"]:
                    self.steps |= dict.fromkeys([*training["spent"], training["step"]])
                self.past = told["past"]

    def stop(self) -> None:
        """No more."""
        self._enough.set()
        self.join()


if __name__ == "__main__":
    sys.exit(main())

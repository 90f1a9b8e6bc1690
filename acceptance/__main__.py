"""All acceptance scripts, one after another: `python -m acceptance`. Exits with 1 if one failed."""

import subprocess
import sys
import tempfile
import time

SCRIPTS: dict[str, tuple[str, ...]] = {
    "world": ("--data", tempfile.gettempdir()),
    "networks": ("--data", f"{tempfile.gettempdir()}/benchmark"),
    "killed_training": (),
    "unfamiliar_world": ("--data", f"{tempfile.gettempdir()}/unfamiliar-world"),
    "shipped_weights": ("--data", tempfile.gettempdir()),
    "tracks": ("--data", f"{tempfile.gettempdir()}/tracks"),
    "confidence": ("--data", f"{tempfile.gettempdir()}/tracks"),
    "long_video": ("--data", f"{tempfile.gettempdir()}/tracks"),
    "suggested_labels": ("--data", f"{tempfile.gettempdir()}/benchmark"),
    "shifted_world": ("--data", f"{tempfile.gettempdir()}/learning-from-little"),
    "learning_from_little": ("--data", f"{tempfile.gettempdir()}/learning-from-little"),
    "recorded_media": (),
    "frame_numbers": (),
    "killed_worker": (),
    "ruined_candidates": ("--data", tempfile.gettempdir()),
    "retraining": (),
    "three_batches": (),
    "killed_retraining": (),
    "cancelled_retraining": (),
    "two_workers": (),
    "fresh_clone": (),
}


def main() -> int:
    """Run, time, sum up."""
    lines, failed = [], 0
    for name, arguments in SCRIPTS.items():
        print(f"--- {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run([sys.executable, "-m", f"acceptance.{name}", *arguments], check=False).returncode
        failed += code != 0
        lines.append(f"{'ok' if code == 0 else f'exit code {code}':12} {time.monotonic() - began:6.0f} s  {name}")
    print("---", *lines, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""An hour of video annotated in bounded memory, with tracks that go on across the batches it is read in.

Makes a generated minute (once), puts it end to end into an hour, annotates the hour in a process of its own by the
command a user would run, and compares: memory at the peak, and what was found in the last minute with what is found in
the minute alone. Exits with 1 when memory or agreement misses its target.

    .venv/bin/python -m acceptance.long_video --data FOLDER [--minutes 60]
"""

import argparse
import json
import os
import sys
import time
from fractions import Fraction
from pathlib import Path

import av

from acceptance.running import Findings
from model.world.generation import generate

SEED = 9_300_000
MOST_MEMORY = 1.5  # GB
AGREEMENT = 0.9  # of the minute's segments, that each of the hour's minutes must have


def main() -> int:
    """Make, annotate, compare; answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the videos for the next time")
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    findings = Findings()
    folder = options.data / "long"
    [truth] = generate(folder / "minute", videos=1, seed=SEED, seconds=60.0)
    minute = folder / "minute" / truth.file
    whole = folder / f"{options.minutes}-minutes.mp4"
    if not whole.exists():
        repeat(minute, whole, options.minutes)
    findings.tell(f"{whole.name}: {whole.stat().st_size / 1e6:.0f} MB")
    once, _ = annotated(minute)
    began = time.monotonic()
    result, memory = annotated(whole)
    took = time.monotonic() - began
    findings.check(
        memory < MOST_MEMORY, f"{memory:.2f} GB of memory at the peak (target < {MOST_MEMORY}), {took:.0f} s"
    )
    alone = sum(item["type"] == "timelinelabels" for item in once)
    starts = [item["value"]["ranges"][0]["start"] / 25 / 60 for item in result if item["type"] == "timelinelabels"]
    counts = [sum(int(start) == number for start in starts) for number in range(options.minutes)]
    alike = sum(abs(count - alone) <= 1 for count in counts)
    findings.check(
        alike >= AGREEMENT * options.minutes,
        f"{alike} of {options.minutes} minutes have the {alone} segments of the minute alone, give or take one",
    )
    boxes = [item for item in result if item["type"] == "videorectangle"]
    spans = [(item["value"]["sequence"][0]["frame"], item["value"]["sequence"][-1]["frame"]) for item in boxes]
    longest = max((last - first) / 25 / 60 for first, last in spans)
    findings.check(longest > 1, f"the longest of {len(boxes)} tracks goes on for {longest:.0f} minutes")
    return findings.code


def repeat(source: Path, target: Path, times: int) -> None:
    """Write a file that plays another so many times, without encoding it again."""
    part = target.with_suffix(".part")
    with av.open(str(source)) as opened, av.open(str(part), "w", format="mp4") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in opened.streams}
        length = Fraction(opened.duration, av.time_base)
        for number in range(times):
            opened.seek(0)
            for packet in opened.demux():
                if packet.dts is None or packet.pts is None or packet.time_base is None:
                    continue
                if packet.pts < 0:  # the sound encoder's priming
                    continue
                shift = round(number * length / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
    part.replace(target)


def annotated(path: Path) -> tuple[list[dict], float]:
    """The result of `earmark annotate` on a file, and GB of memory at the peak of its largest process."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, 1)
        os.close(read)
        command = [sys.executable, "-m", "earmark", "annotate", str(path), "--json", "--timeout", "7200"]
        os.execv(sys.executable, command)  # noqa: S606
    os.close(write)
    with os.fdopen(read) as output:
        line = json.loads(output.read())
    _, status, usage = os.wait4(pid, 0)
    if status or line["reason"]:
        raise RuntimeError(f"{path}: {line['reason']}")
    return line["result"], usage.ru_maxrss / 1e6


if __name__ == "__main__":
    sys.exit(main())

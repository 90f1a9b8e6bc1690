"""Frame numbers: sampled pictures, Label Studio's frames and what a browser shows are of one clock.

On files written here, whose pictures carry their numbers: rates from 12.5 to 60 frames a second, variable rates, turned
pictures, late pictures, frames predicted from later ones. On recordings, which are not part of the project, by the
pictures themselves: name their folder.

    .venv/bin/python -m acceptance.frame_numbers --media FOLDER
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np

from acceptance.player import SEEK_STEP, Opened, Player, player
from acceptance.running import Findings
from label_config import Timeline
from model.video import MediaError, Video, decode
from tests.model.numbered import number_in, steady, uneven, write

COUNTED = (25.0, 30.0)  # frames a second of the labelling configs
SIZE = (48, 64)  # pixels in which recorded pictures are compared
PLAYED = (".mp4", ".mov", ".3gp", ".mkv", ".webm")  # by browsers
SLACK = 7e-4  # s: some containers round time stamps to a millisecond
MOST_SECONDS = 8.0  # of a recording
LOOKED_AT = 12  # frames of a recording, in the browser
AROUND = 4  # pictures on either side that are compared with the one expected
ALIKE = 3.0  # grey levels by which two pictures are not told apart: two decoders' colours differ by as much
LENGTH_SLACK = 0.05  # s by which a browser's length may differ


def main() -> int:
    """Written files, then recordings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).parents[2] / "shared" / "media"
    parser.add_argument("--media", type=Path, default=default, help="folder with clips/ and odd/")
    media = parser.parse_args().media
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="earmark frames ") as name, player(Path(name)) as browser:
        folder = Path(name)
        if browser is None:
            findings.tell("no chromium with chromedriver here: what a browser shows is left out")
        _written(findings, folder, browser)
        if (media / "clips").is_dir():
            _recorded(findings, folder, browser, media)
        else:
            findings.tell(f"{media} has no clips: name the folder of the recordings with --media")
    return findings.code


def _written(findings: Findings, folder: Path, browser: Player | None) -> None:
    rates = (12.5, 15.0, 23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0)
    files = [  # and the rate to count at
        *((write(folder / f"{rate:g} fps.mp4", steady(rate, 2.0)), rate) for rate in rates),
        *((write(folder / f"turned by {turn}.mp4", steady(25, 2.0), rotation=turn), 25.0) for turn in (90, 180, 270)),
        *((write(folder / f"variable rate {seed}.mp4", uneven(2.0, seed)), 25.0) for seed in (0, 1)),
        (write(folder / "late clock.mp4", steady(25, 2.0, start=1.0), sound=(1.0, 3.0)), 25.0),
        (write(folder / "late clock.webm", steady(25, 2.0, start=1.0), codec="libvpx", sound=(1.0, 3.0)), 25.0),
        (write(folder / "late picture.mp4", steady(25, 1.6, start=0.4)), 25.0),
        (write(folder / "late sound.mp4", steady(30, 2.0), sound=(0.5, 2.0)), 30.0),
        (write(folder / "reordered.mp4", steady(30, 2.0), b_frames=3), 30.0),
    ]
    for path, own in files:
        times = _pictures(path, None).times
        wrong = []
        frames = 0
        for rate in dict.fromkeys((own, *COUNTED)):
            video = decode(path, rate=rate, size=None)
            sampled = [number_in(frame) for frame in video.frames]
            wrong += [
                f"sampled {number} at {time:.3f} s"
                for time, number in zip(video.times, sampled, strict=True)
                if number not in _shown(times, time, -SLACK, SLACK)
            ]
            frames += len(sampled)
            if browser is None:
                continue
            opened = browser.open(path.name)
            wrong += _header(opened, video, 1.0)
            if opened is not None:
                counted = list(range(1, Timeline(rate, video.info.duration).frames + 1))
                shown = [None if one is None else number_in(one) for one in browser.show(counted, rate, (96, 160))]
                for frame, number in zip(counted, shown, strict=True):
                    if number not in _shown(times, (frame - 1) / rate, -SLACK, 1.5 * SEEK_STEP):
                        wrong.append(f"the browser shows {number} on frame {frame} at {rate:g} a second")
                frames += len(shown)
        findings.check(not wrong, f"{path.name}: {frames} frames looked at" + _first(wrong))


def _recorded(findings: Findings, folder: Path, browser: Player | None, media: Path) -> None:
    played, unplayed = [], []
    for path in sorted([*(media / "clips").iterdir(), *(media / "odd").iterdir()]):
        try:
            pictures = _pictures(path, MOST_SECONDS)
            video = decode(path, rate=COUNTED[0], size=SIZE, max_seconds=MOST_SECONDS)
        except (MediaError, av.error.FFmpegError) as error:
            findings.tell(f"{path.name}: {error}")
            continue
        if not len(video.frames) or not pictures.times:
            continue
        if pictures.damaged or pictures.times != sorted(pictures.times):
            # What a damaged picture becomes differs between any two decodings; an AVI's clock runs back and forth.
            findings.tell(f"{path.name}: " + ("is damaged" if pictures.damaged else "has no order in its time stamps"))
            continue
        if pictures.times[0] >= video.info.duration:
            findings.tell(f"{path.name}: begins beyond its own length, so that a browser shows its first picture alone")
            continue
        sampled = [(float(time), frame) for time, frame in zip(video.times, video.frames, strict=True)]
        sampled = [(time, frame) for time, frame in sampled if time < pictures.times[-1] - SLACK]
        wrong = [f"at {time:.2f} s" for time, frame in sampled if not pictures.agrees(frame, time, SLACK)]
        if browser is not None:
            (folder / path.name).symlink_to(path)
            opened = browser.open(path.name.replace("%", "%25"))
            (played if opened is not None and opened.width else unplayed).append(path.name)
            if opened is not None and opened.width:
                wrong += _header(opened, decode(path, rate=1.0, size=None, max_seconds=2.0), pictures.stretch)
                last = int(min(pictures.times[-1], opened.duration) * COUNTED[0])
                counted = sorted({int(frame) for frame in np.linspace(1, max(1, last), LOOKED_AT)})
                for frame, shown in zip(counted, browser.show(counted, COUNTED[0], SIZE), strict=True):
                    if shown is not None and not pictures.agrees(shown, (frame - 1) / COUNTED[0], 1.5 * SEEK_STEP):
                        wrong.append(f"the browser shows another picture on frame {frame}")
        findings.check(not wrong, f"{path.name}: {len(sampled)} sampled frames" + _first(wrong))
    findings.tell(f"{len(played)} of {len(played) + len(unplayed)} recordings play in the browser")


@dataclass(frozen=True)
class _Pictures:
    """A file's pictures by the decoder alone: when each comes on screen, and in small what it shows."""

    times: list[float]  # s from where a player begins
    small: list[np.ndarray]
    stretch: float = 1.0  # width of a pixel by its height
    damaged: bool = False

    def agrees(self, shown: np.ndarray, moment: float, slack: float) -> bool:
        """Whether a picture is the one on screen at a moment, or not to be told from it among its neighbours."""
        expected = _shown(self.times, moment, -SLACK, slack)
        first, last = max(0, min(expected) - AROUND), max(expected) + AROUND + 1
        distances = {
            number: float(np.abs(self.small[number].astype(int) - shown).mean())
            for number in range(first, min(last, len(self.small)))
        }
        best = min(distances.values())
        return min(distances[number] for number in expected) <= best + min(ALIKE, 0.3 + 0.3 * best)


def _pictures(path: Path, most: float | None) -> _Pictures:
    """Every picture, of the recordings in the size in which they are compared."""
    times: list[float] = []
    small: list[np.ndarray] = []
    stretch, damaged = 1.0, False
    with av.open(str(path)) as container:
        start = (container.start_time or 0) / av.time_base
        if path.suffix in PLAYED:  # by their own clock
            start = min(start, 0.0)
        if not container.streams.video:
            return _Pictures([], [])
        stretch = float(container.streams.video[0].sample_aspect_ratio or 1)
        for packet in container.demux(container.streams.video[0]):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                damaged = True
                continue
            for frame in frames:
                if frame.time is None:
                    continue
                times.append(float(frame.time) - start)
                if most is not None:
                    small.append(_turned(frame))
            if most is not None and times and times[-1] > most:
                break
    return _Pictures(times, small, stretch, damaged)


def _turned(frame: av.VideoFrame) -> np.ndarray:
    turns = round(frame.rotation / 90) % 4 if abs(frame.rotation) <= 360 else 0
    height, width = SIZE[::-1] if turns % 2 else SIZE
    return np.rot90(frame.to_ndarray(format="rgb24", width=width, height=height, interpolation="AREA"), turns)


def _shown(times: Sequence[float], moment: float, *slacks: float) -> set[int]:
    """Numbers of the pictures on screen around a moment; the first stands for the time before it."""
    return {max(0, int(np.searchsorted(np.array(times), moment + slack, side="right")) - 1) for slack in slacks}


def _header(opened: Opened | None, video: Video, stretch: float) -> list[str]:
    """What a browser says of the file that is not what was read from it."""
    info = video.info
    if opened is None:
        return ["the browser does not play it"]
    wrong = []
    if opened.duration and abs(opened.duration - info.duration) > LENGTH_SLACK:  # some files do not say
        wrong.append(f"the browser says {opened.duration:.3f} s, not {info.duration:.3f}")
    # Where pixels are not square a browser widens the picture; boxes are shares of it and stay right.
    widened = (
        abs(opened.width / opened.height - info.width * stretch / info.height) < 0.01 * opened.width / opened.height
    )
    if not widened:
        wrong.append(f"the browser shows {opened.width} x {opened.height}, not {info.width} x {info.height}")
    return wrong


def _first(wrong: Sequence[str]) -> str:
    return f"; {len(wrong)} wrong, the first: {wrong[0]}" if wrong else ""


if __name__ == "__main__":
    sys.exit(main())

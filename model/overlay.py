"""A video with what was found drawn on it: heatmap, boxes, and a strip of the sound below."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.annotator import Annotation, ImageAnnotation
from model.boxes import Box
from model.recording import SAMPLE_RATE
from model.tracks import box_at
from model.video import MediaError, decode, stream_frames

# The inferno colour map at equal steps: even to the eye, readable in grey and by the colour-blind.
_INFERNO = (
    (0, 0, 4), (40, 11, 84), (101, 21, 110), (159, 42, 99),
    (212, 72, 66), (245, 125, 21), (250, 193, 39), (252, 255, 164),
)  # fmt: skip
# One colour a track, in turn: cool, so that they stand out of the heatmap's reds and yellows.
_COLOURS = ((64, 224, 208), (122, 162, 255), (165, 230, 110), (240, 150, 255))
_GROUND, _WAVE, _HEAD = (17, 19, 26), (92, 99, 117), (240, 242, 248)
_HEAT_OPACITY = 0.62
# Lines and letters are drawn this many times larger and reduced, which smooths their edges.
_SUPERSAMPLING = 3
_AAC_FRAME = 1024  # samples


def write_overlay(source: str | Path, annotation: Annotation, target: str | Path) -> None:
    """Write a video with its heatmap, boxes and a strip of its sound drawn on it, as H.264/AAC mp4.

    The frames keep their rate (at most 60 a second) and size, with the strip below; the sound is mixed to mono.

    Args:
        source: the annotated file.
        annotation: what was found in it.
        target: the mp4 to write; replaced where it exists.

    Raises:
        MediaError: the source cannot be decoded or has no picture.
    """
    source, target = Path(source), Path(target)
    if not annotation.info.has_picture or not len(annotation.times):
        raise MediaError(f"{source.name}: there is no picture to draw on.")
    audio = decode(source, rate=0.1, size=(2, 2)).audio
    rate = Fraction(min(annotation.info.frame_rate or 25.0, 60.0)).limit_denominator(1001)
    partial = target.with_name(target.name + ".partial")
    try:
        with av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"}) as output:
            _write(output, source, annotation, audio, rate)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(target)


def _write(
    output: av.container.OutputContainer, source: Path, annotation: Annotation, audio: np.ndarray, rate: Fraction
) -> None:
    """Encode picture and sound side by side, so that the muxer holds little of either."""
    frames = enumerate(stream_frames(source, rate=float(rate)))
    first = next(frames, None)
    if first is None:
        raise MediaError(f"{source.name}: no frame of the picture could be decoded.")
    height, width = (side // 2 * 2 for side in first[1].shape[:2])  # H.264 takes even sizes
    strip = _Strip(annotation, audio, width, height)
    picture = output.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "fast"})
    picture.width, picture.height, picture.pix_fmt = width, height + strip.height, "yuv420p"
    sound = _sound_packets(output, audio)
    for index, frame in chain([first], frames):
        seconds = float(index / rate)
        drawn = Image.new("RGB", (width, height + strip.height))
        drawn.paste(draw_frame(frame, annotation, seconds), (0, 0))
        drawn.paste(strip.at(seconds), (0, height))
        output.mux(picture.encode(av.VideoFrame.from_image(drawn)))
        for spoken, packets in sound:
            output.mux(packets)
            if spoken > seconds:
                break
    output.mux(picture.encode())
    for _, packets in sound:
        output.mux(packets)


def _sound_packets(output: av.container.OutputContainer, audio: np.ndarray) -> Iterator[tuple[float, list[av.Packet]]]:
    """The encoded sound, bit by bit, each with the seconds encoded so far. The stream is added at once."""
    if not len(audio):
        return iter(())
    stream = output.add_stream("aac", rate=SAMPLE_RATE, layout="mono")

    def packets() -> Iterator[tuple[float, list[av.Packet]]]:
        for start in range(0, len(audio), _AAC_FRAME):
            block = av.AudioFrame.from_ndarray(audio[None, start : start + _AAC_FRAME], "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
            yield start / SAMPLE_RATE, stream.encode(block)
        yield len(audio) / SAMPLE_RATE, stream.encode(None)

    return packets()


def draw_frame(frame: np.ndarray, annotation: Annotation, seconds: float) -> Image.Image:
    """A frame (height, width, 3) uint8 with the heatmap and boxes of its time on it, in its own size."""
    boxes = [(box_at(track, seconds), track.score) for track in annotation.tracks]
    shown = [(index, box, score) for index, (box, score) in enumerate(boxes) if box is not None]
    return _drawn(frame, _heat_at(annotation, seconds), shown)


def draw_picture(picture: np.ndarray, annotation: ImageAnnotation) -> Image.Image:
    """A still picture (height, width, 3) uint8 with its heatmap and boxes on it, in its own size."""
    shown = [(index, region.box, region.score) for index, region in enumerate(annotation.regions)]
    return _drawn(picture, _standing_out(annotation.heatmap), shown)


def _drawn(frame: np.ndarray, heat: np.ndarray | None, boxes: list[tuple[int, Box, float]]) -> Image.Image:
    """A frame with a heat and numbered, scored boxes on it."""
    picture = Image.fromarray(frame)
    if heat is not None:
        picture = _tinted(picture, heat)
    if not boxes:
        return picture
    scale = _SUPERSAMPLING if picture.height <= 720 else 1
    layer = Image.new("RGBA", (picture.width * scale, picture.height * scale))
    for index, box, score in boxes:
        _draw_box(layer, box, _COLOURS[index % len(_COLOURS)], f"{score:.2f}")
    if scale > 1:
        layer = layer.reduce(scale)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def _heat_at(annotation: Annotation, seconds: float) -> np.ndarray | None:
    """(g, g) opacity of the heat in 0..1: what stands out of the map, as far as the map is sure."""
    times = annotation.times
    place = float(np.interp(seconds, times, np.arange(len(times))))
    low = int(place)
    high = min(low + 1, len(times) - 1)
    return _standing_out((1 - (place - low)) * annotation.maps[low] + (place - low) * annotation.maps[high])


def _standing_out(heat: np.ndarray) -> np.ndarray | None:
    """(g, g) what is above the map's median; None where next to nothing is."""
    excess = np.clip(heat - np.median(heat), 0, None)
    return excess if excess.max() > 0.02 else None


def _tinted(picture: Image.Image, heat: np.ndarray) -> Image.Image:
    """A picture under the colours of a heat (g, g) in 0..1, transparent where it is cold."""
    smooth = Image.fromarray(heat.astype(np.float32)).resize(picture.size, Image.Resampling.BICUBIC)
    level = np.clip(np.asarray(smooth), 0, 1)
    anchors = np.linspace(0, 1, len(_INFERNO))
    table = np.stack([np.interp(np.linspace(0, 1, 256), anchors, c) for c in zip(*_INFERNO, strict=True)], 1)
    colours = table.astype(np.uint8)[(level * 255).astype(np.uint8)]
    alpha = (255 * _HEAT_OPACITY * np.clip(level * 1.6, 0, 1)).astype(np.uint8)
    return Image.composite(Image.fromarray(colours), picture, Image.fromarray(alpha))


def _draw_box(layer: Image.Image, box: Box, colour: tuple[int, int, int], words: str) -> None:
    """A rounded outline with a dark rim and a chip holding `words` above it, or inside at the top edge."""
    draw = ImageDraw.Draw(layer)
    width, height = layer.size
    line = max(2, round(min(width, height) / 110))
    x1, y1, x2, y2 = box[0] * width, box[1] * height, box[2] * width - 1, box[3] * height - 1
    if x2 - x1 < 2 * line or y2 - y1 < 2 * line:
        return
    radius = min(3 * line, (x2 - x1) / 2, (y2 - y1) / 2)
    rim = line // 2
    draw.rounded_rectangle(
        (x1 - rim, y1 - rim, x2 + rim, y2 + rim), radius + rim, outline=(0, 0, 0, 110), width=line + 2 * rim
    )
    draw.rounded_rectangle((x1, y1, x2, y2), radius, outline=(*colour, 255), width=line)
    font = ImageFont.load_default(max(10, round(min(width, height) / 21)))
    left, top, right, bottom = draw.textbbox((0, 0), words, font=font)
    pad = line + line // 2
    chip_width, chip_height = right - left + 2 * pad, bottom - top + 2 * pad
    chip_x = min(max(x1, 0), width - chip_width)
    chip_y = y1 - chip_height - line if y1 > chip_height + line else y1 + line
    chip = (chip_x, chip_y, chip_x + chip_width, chip_y + chip_height)
    draw.rounded_rectangle(chip, chip_height / 3, fill=(*colour, 240))
    draw.text((chip_x + pad - left, chip_y + pad - top), words, font=font, fill=(12, 14, 20, 255))


class _Strip:
    """The sound below the picture: its waveform, a bar a track where it sounds, a playhead."""

    def __init__(self, annotation: Annotation, audio: np.ndarray, width: int, height: int) -> None:
        self.width = width
        self.height = max(36, height // 7) // 2 * 2
        self.duration = max(annotation.info.duration, len(audio) / SAMPLE_RATE, 1e-3)
        self._heard = self._drawn(annotation, audio, dim=1.0)
        self._unheard = self._drawn(annotation, audio, dim=0.45)

    def at(self, seconds: float) -> Image.Image:
        """The strip at a moment: what has been heard is bright."""
        head = round(min(seconds / self.duration, 1.0) * (self.width - 1))
        strip = self._unheard.copy()
        strip.paste(self._heard.crop((0, 0, head, self.height)), (0, 0))
        ImageDraw.Draw(strip).line((head, 0, head, self.height), fill=_HEAD, width=max(1, self.height // 40))
        return strip

    def _drawn(self, annotation: Annotation, audio: np.ndarray, dim: float) -> Image.Image:
        def shade(colour: tuple[int, int, int]) -> tuple[int, ...]:  # towards the ground by `dim`
            return tuple(round(g + dim * (c - g)) for c, g in zip(colour, _GROUND, strict=True))

        scale = _SUPERSAMPLING
        width, height = self.width * scale, self.height * scale
        strip = Image.new("RGB", (width, height), _GROUND)
        draw = ImageDraw.Draw(strip)
        rows = min(len(annotation.tracks), len(_COLOURS))
        bar, gap = height // 12, height // 24
        waves = height - rows * (bar + gap) - gap
        column = 2 * scale  # a stroke of the waveform and the space after it
        for x, loudness in zip(range(0, width, column), self._loudness(audio, width // column + 1), strict=False):
            seconds = x / width * self.duration
            heard = [s.track for s in annotation.segments if s.start <= seconds < s.end]
            colour = _COLOURS[min(heard) % len(_COLOURS)] if heard else _WAVE
            half = max(scale / 2, loudness * (waves / 2 - gap))
            draw.rectangle((x, waves / 2 - half, x + scale, waves / 2 + half), fill=shade(colour))
        for segment in (s for s in annotation.segments if s.track < rows):
            top = waves + segment.track * (bar + gap)
            x1, x2 = (t / self.duration * width for t in (segment.start, segment.end))
            draw.rounded_rectangle(
                (x1, top, max(x2, x1 + bar), top + bar), bar / 2, fill=shade(_COLOURS[segment.track])
            )
        return strip.reduce(scale)

    def _loudness(self, audio: np.ndarray, count: int) -> np.ndarray:
        """(count,) loudness of equal parts of the duration, the loudest 1; compressed, so that soft parts show."""
        edges = np.linspace(0, self.duration * SAMPLE_RATE, count + 1).astype(int)
        peaks = np.array([np.abs(audio[a:b]).max(initial=0.0) for a, b in pairwise(edges)])
        return (peaks / max(float(peaks.max(initial=0.0)), 1e-6)) ** 0.6

"""When anything is heard: the seconds that stand out of a recording's silence and background noise.

The audio second behind each localization map blurs time by half a second either way; what is found here is
exact to a few hundredths and gives time segments their edges.
"""

from dataclasses import dataclass

import numpy as np

from model.recording import SAMPLE_RATE, Recording

_HOP = 960  # samples: 20 ms
_WINDOW = 1920
_CHUNK = 3000  # windows transformed at once, a minute: bounds memory
# Bands of about a third of an octave: background noise is rarely louder than the sound in all of them.
# The low ones are wider, since power in few transform bins fluctuates.
_EDGES = np.concatenate([np.arange(50, 450, 100), np.geomspace(450, 16_000, 16)])  # Hz
_BAND = np.searchsorted(_EDGES, np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE), side="right") - 1
_BINS = np.bincount(_BAND[(_BAND >= 0) & (len(_EDGES) - 1 > _BAND)])  # transform bins in each band


@dataclass(frozen=True)
class ActivityRule:
    """What counts as heard. The defaults are the values chosen on validation videos.

    Attributes:
        silence: dB relative to full scale; a recording that never exceeds this is silent.
        noise_share: share of the recording taken to be background only, quietest first.
        above_noise: standard deviations of the background by which a band exceeds it to count.
        below_peak: dB below the loudest moment at which a sound has ended.
        prominence: dB below the loudest moment that a sound must reach somewhere to be one at all.
        steady: dB; a recording whose loudness varies by less has no background to compare with, and is heard
            throughout.
        gap: seconds; shorter pauses are closed.
        shortest: seconds; shorter sounds are dropped.
    """

    silence: float = -70.0
    noise_share: float = 0.1
    above_noise: float = 5.0
    below_peak: float = 40.0
    prominence: float = 25.0
    steady: float = 3.0
    gap: float = 0.5
    shortest: float = 0.15


def sounding_intervals(audio: np.ndarray | Recording, rule: ActivityRule = ActivityRule()) -> list[tuple[float, float]]:
    """Half-open seconds in which something is heard, sorted and disjoint. audio: (S,) float32 mono at 48 kHz.

    The background is estimated per frequency band from the quietest moments; what stands out of it, down to
    `below_peak` under the loudest moment, is heard.
    """
    power = _band_power(audio)  # (T, bands)
    if not len(power):
        return []
    total = power.sum(axis=1)
    if 10 * np.log10(total.max() + 1e-12) < rule.silence:
        return []
    end = len(audio) / SAMPLE_RATE
    low, high = np.percentile(10 * np.log10(total + 1e-12), [5, 95])
    if high - low < rule.steady:
        return [(0.0, end)]
    smooth = _smooth(power)
    excess = _excess(smooth, rule)
    loudest = excess.max()
    heard = excess > loudest * 10 ** (-rule.below_peak / 10)
    prominent = excess > loudest * 10 ** (-rule.prominence / 10)
    step = _HOP / SAMPLE_RATE
    spans = [(a * step, min(b * step, end)) for a, b in runs(heard) if prominent[a:b].any()]
    shortest = min(rule.shortest, end / 2)  # a recording may itself be that short
    return [(a, b) for a, b in close_gaps(spans, rule.gap) if b - a >= shortest]


def _excess(power: np.ndarray, rule: ActivityRule) -> np.ndarray:
    """(T,) power that stands out of the background, over the bands (T, bands) in which it does."""
    total = power.sum(axis=1)
    quiet = np.argsort(total)[: max(1, round(rule.noise_share * len(total)))]
    noise = power[quiet].mean(axis=0)  # (bands,)
    # Power in a band of n bins, over about 2 independent windows, has 4 n degrees of freedom.
    deviation = noise / np.sqrt(2 * _BINS)
    return np.where(power > noise + rule.above_noise * deviation, power - noise, 0.0).sum(axis=1)


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Half-open index ranges in which flags (T,) are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def close_gaps(spans: list[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Sorted half-open spans with those less than `gap` apart joined."""
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _band_power(audio: np.ndarray | Recording) -> np.ndarray:
    """(T, bands) mean power per band, one row each 20 ms, in units in which a full-scale sine is about .5."""
    if not len(audio):
        return np.zeros((0, len(_EDGES) - 1))
    count = -(-len(audio) // _HOP)
    window = np.hanning(_WINDOW).astype(np.float32)
    starts = np.searchsorted(_BAND, np.arange(len(_BINS)))
    stop = int(np.searchsorted(_BAND, len(_BINS)))
    rows = []
    for first in range(0, count, _CHUNK):
        last = min(first + _CHUNK, count)
        # Window k is centred on the middle of hop k; the file's ends are padded with silence.
        begin, end = first * _HOP - (_WINDOW - _HOP) // 2, (last - 1) * _HOP + (_WINDOW + _HOP) // 2
        piece = np.pad(audio[max(begin, 0) : end], (max(-begin, 0), max(0, end - len(audio))))
        frames = np.lib.stride_tricks.sliding_window_view(piece, _WINDOW)[::_HOP] * window
        spectrum = np.abs(np.fft.rfft(frames, axis=1)) ** 2
        rows.append(np.add.reduceat(spectrum[:, :stop], starts, axis=1))
    return np.concatenate(rows) * 2 / (_WINDOW * float((window**2).sum()))


def _smooth(power: np.ndarray) -> np.ndarray:
    """Mean over three rows: 60 ms, steadier in the narrow low bands."""
    padded = np.pad(power, ((1, 1), (0, 0)), mode="edge")
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3

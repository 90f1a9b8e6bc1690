"""How high and how loud a second sounds: the two numbers that must not give a class away."""

import numpy as np

from model.recording import SAMPLE_RATE

WINDOW = 4096  # samples, 85 ms: several periods of the lowest pitch
HOP = 2048
LOWEST, HIGHEST = 80.0, 3000.0  # Hz
NEARLY = 0.9  # of the highest peak: the shortest period whose peak reaches this is the pitch's, not a multiple of it
QUIET = 0.1  # windows below this part of the loudest have no say


def median_pitch(second: np.ndarray) -> float:
    """The median over 85-ms windows of the frequency (Hz) at which a waveform (samples,) at 48 kHz repeats itself.

    By normalised autocorrelation (Rabiner, IEEE Trans. ASSP 25(1), 1977). Noise, too, gets a number. 0 in silence.
    """
    windows = np.lib.stride_tricks.sliding_window_view(second, WINDOW)[::HOP]
    loud = np.sqrt(np.mean(windows.astype(np.float64) ** 2, axis=1))
    windows = windows[loud > QUIET * loud.max(initial=0.0)] * np.hanning(WINDOW)
    if not len(windows):
        return 0.0
    power = np.abs(np.fft.rfft(windows, 2 * WINDOW)) ** 2
    shortest, longest = int(SAMPLE_RATE / HIGHEST), int(SAMPLE_RATE / LOWEST)
    # A longer lag overlaps less of the window with itself; the window's own autocorrelation says how much less.
    own = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(WINDOW), 2 * WINDOW)) ** 2)
    lags = slice(shortest, longest + 1)
    repeats = np.fft.irfft(power)[:, lags] / own[lags]  # (windows, lags)
    peaks = np.zeros(repeats.shape, bool)
    peaks[:, 1:-1] = (repeats[:, 1:-1] >= repeats[:, :-2]) & (repeats[:, 1:-1] > repeats[:, 2:])
    peaks |= ~peaks.any(axis=1, keepdims=True)
    heights = np.where(peaks, repeats, -np.inf)
    periods = shortest + np.argmax(heights >= NEARLY * heights.max(axis=1, keepdims=True), axis=1)
    return float(np.median(SAMPLE_RATE / periods))


def loudness(second: np.ndarray) -> float:
    """RMS of a waveform (samples,) in -1..1, in dB of full scale; -120 in silence."""
    return float(20 * np.log10(max(np.sqrt(np.mean(second.astype(np.float64) ** 2)), 1e-6)))

"""A recording: a file's whole sound, sliced like an array, of which hours fit since most of them lie on disk."""

import tempfile
import weakref

import numpy as np

SAMPLE_RATE = 48_000  # Hz, of every waveform in this package
_IN_MEMORY = 64 << 20  # bytes kept in memory, five minutes; what is longer goes to a temporary file
_BYTES = np.dtype(np.float32).itemsize


class Recording:
    """Mono float32 samples at 48 kHz, sample 0 at time 0; grows by `append`, then is read in slices.

    `len(recording)` and `recording[first:last]`, with 0 <= first, are those of an array of the samples.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._samples = 0

    def append(self, wave: np.ndarray) -> None:
        """Add samples (n,) at the end."""
        self._file.seek(self._samples * _BYTES)
        self._file.write(np.ascontiguousarray(wave, np.float32).tobytes())
        self._samples += len(wave)

    def __len__(self) -> int:
        return self._samples

    def __getitem__(self, part: slice) -> np.ndarray:
        first, last, _ = part.indices(self._samples)
        self._file.seek(first * _BYTES)
        return np.frombuffer(self._file.read(max(0, last - first) * _BYTES), np.float32)


def audio_second(audio: np.ndarray | Recording, centre: float) -> np.ndarray:
    """The second of sound with `centre` (seconds) in its middle: (48000,) float32.

    Near the file's ends the second is shifted to lie inside; a shorter file is padded with silence.
    """
    first = round((centre - 0.5) * SAMPLE_RATE)
    first = max(0, min(first, len(audio) - SAMPLE_RATE))
    second = audio[first : first + SAMPLE_RATE]
    return np.pad(second, (0, SAMPLE_RATE - len(second))).astype(np.float32, copy=False)

import numpy as np

from model import recording
from model.recording import SAMPLE_RATE, Recording, audio_second


def test_slices_are_those_of_an_array_in_memory_and_on_disk(monkeypatch) -> None:
    wave = np.random.default_rng(0).normal(size=3 * SAMPLE_RATE).astype(np.float32)
    for in_memory in (1 << 30, 1000):
        monkeypatch.setattr(recording, "_IN_MEMORY", in_memory)
        kept = Recording()
        for part in np.array_split(wave, 7):
            kept.append(part)
        assert len(kept) == len(wave)
        for first, last in ((0, 10), (5, 5), (7, 3), (len(wave) - 3, len(wave) + 9)):
            np.testing.assert_array_equal(kept[first:last], wave[first:last])
        np.testing.assert_array_equal(audio_second(kept, 1.2), audio_second(wave, 1.2))
        kept.append(wave[:5])  # after reading, too, it grows at its end
        np.testing.assert_array_equal(kept[len(wave) :], wave[:5])

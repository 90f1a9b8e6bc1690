import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from model import truth
from model.clips import videos_in
from model.truth import Truth
from model.video import decode
from model.world import generation
from model.world.classes import HARD, STANDARD
from model.world.generation import WORLD, WorldError, generate, level_of, make_video
from model.world.levels import Level
from model.world.mixing import mix
from model.world.scenes import plan
from tests.model.world.conftest import SEED

World = tuple[Path, list[Truth]]


def test_a_video_is_the_same_however_many_are_made_and_wherever(small_world: World, tmp_path: Path) -> None:
    folder, truths = small_world
    made = generate(tmp_path / "new", videos=2, seed=SEED, workers=2)
    assert made == truths[:2]
    for entry in made:
        assert (tmp_path / "new" / entry.file).read_bytes() == (folder / entry.file).read_bytes()


def test_the_standard_world_stays_what_it_is(small_world: World) -> None:
    """Figures measured on its videos stay comparable: same seed, same objects, places and segments, for good."""
    folder, _ = small_world
    told = hashlib.sha256((folder / truth.FILE).read_bytes()).hexdigest()
    assert told == "c4e8cb4c505aab8e0ea3a695a3d410b21a78cf93c7c9594990030e5dae2c2085"


def test_another_seed_makes_another_video(small_world: World, tmp_path: Path) -> None:
    folder, truths = small_world
    other = make_video(tmp_path, SEED + 1, 0)
    assert other != truths[0]
    assert (tmp_path / other.file).read_bytes() != (folder / truths[0].file).read_bytes()


def test_the_file_is_h264_and_aac_that_plays_while_it_loads(small_world: World) -> None:
    folder, truths = small_world
    path = folder / truths[0].file
    with av.open(str(path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert picture.codec_context.name == "h264"
        assert picture.codec_context.pix_fmt == "yuv420p"
        assert (picture.width, picture.height) == (320, 240)
        assert picture.average_rate == 25
        assert len(list(container.decode(picture))) == 150
        assert sound.codec_context.name == "aac"
        assert sound.rate == 48_000
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_truth_has_a_box_a_frame_and_is_what_the_folder_says(small_world: World) -> None:
    folder, truths = small_world
    assert truth.read(folder) == truths
    for entry in truths:
        assert set(entry.boxes) == set(range(len(entry.classes)))
        assert {len(track) for track in entry.boxes.values()} == {150}
        assert all(0 <= one.start < one.end <= 6 for one in entry.segments)


def test_only_the_videos_are_taken_for_videos(small_world: World) -> None:
    folder, truths = small_world
    assert sorted(path.name for path in videos_in(folder)) == [entry.file for entry in truths]


def test_the_decoded_sound_is_the_mixed_one_in_step(small_world: World) -> None:
    folder, truths = small_world
    for index, entry in enumerate(truths):
        rng = np.random.default_rng([SEED, index])
        mixed, _ = mix(rng, plan(rng, 6.0), 6.0)
        heard = decode(folder / entry.file, rate=1, size=None).audio[: len(mixed)]
        both = np.fft.rfft(np.stack([mixed[: len(heard)], heard]), 2 * len(mixed), axis=1)
        lag = int(np.argmax(np.fft.irfft(both[1] * both[0].conj())))
        assert min(lag, 2 * len(mixed) - lag) <= 48  # 1 ms; encoders prime with 21 ms, which would show


def test_a_folder_of_the_same_world_is_gone_on_with(small_world: World, tmp_path: Path) -> None:
    first = generate(tmp_path, videos=1, seed=SEED, workers=1)
    kept = (tmp_path / first[0].file).stat().st_mtime_ns
    (tmp_path / ".00001.mp4.1.part").write_bytes(b"left by a run that was killed")
    counted: list[int] = []
    grown = generate(tmp_path, videos=2, seed=SEED, workers=1, progress=counted.append)
    assert grown == small_world[1][:2]
    assert counted == [1, 2]
    assert (tmp_path / first[0].file).stat().st_mtime_ns == kept
    assert generate(tmp_path, videos=1, seed=SEED) == grown  # more than asked for stay
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.mp4", "00001.mp4", "truth.json", WORLD]


def test_a_folder_that_names_no_level_is_of_the_standard_one(small_world: World, tmp_path: Path) -> None:
    folder, truths = small_world
    (tmp_path / WORLD).write_text('{"seed": 5, "seconds": 6.0}\n')
    assert level_of(tmp_path) is Level.STANDARD
    assert generate(tmp_path, videos=1, seed=SEED, workers=1) == truths[:1]
    assert (tmp_path / "00000.mp4").read_bytes() == (folder / "00000.mp4").read_bytes()


def test_the_hard_world_is_another_of_the_same_form(tmp_path: Path) -> None:
    made = generate(tmp_path, videos=4, seed=SEED, seconds=3.0, level=Level.HARD, workers=2)
    assert truth.read(tmp_path) == made
    assert level_of(tmp_path) is Level.HARD
    assert {name for entry in made for name in entry.classes} <= set(HARD)
    assert {name for entry in made for name in entry.classes} - set(STANDARD)
    assert made[0] == make_video(tmp_path, SEED, 0, 3.0, Level.HARD)
    with pytest.raises(WorldError, match="holds the hard world of seed 5 with videos of 3 s"):
        generate(tmp_path, videos=4, seed=SEED, seconds=3.0)


def test_an_interrupted_run_is_begun_anew(small_world: World, tmp_path: Path) -> None:
    folder, truths = small_world
    (tmp_path / WORLD).write_bytes((folder / WORLD).read_bytes())
    (tmp_path / "00000.mp4").write_bytes(b"cut off")
    assert generate(tmp_path, videos=1, seed=SEED, workers=1) == truths[:1]
    assert (tmp_path / "00000.mp4").read_bytes() == (folder / "00000.mp4").read_bytes()


class Killed(BaseException):
    """What nothing can answer any more."""


def test_a_killed_run_keeps_what_its_truth_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "KEPT", 2)

    def killed(count: int) -> None:
        if count == 3:
            raise Killed

    with pytest.raises(Killed):
        generate(tmp_path, videos=4, seed=SEED, seconds=3.0, workers=1, progress=killed)
    counted: list[int] = []
    generate(tmp_path, videos=4, seed=SEED, seconds=3.0, workers=1, progress=counted.append)
    assert counted == [2, 3, 4]


def test_nothing_else_is_written_into(small_world: World, tmp_path: Path) -> None:
    folder, _ = small_world
    with pytest.raises(WorldError, match="holds the world of seed 5 with videos of 6 s; choose an empty folder"):
        generate(folder, videos=4, seed=SEED + 1)
    with pytest.raises(WorldError, match="holds the world of seed 5"):
        generate(folder, videos=4, seed=SEED, seconds=7.0)
    note = tmp_path / "note.txt"
    note.write_text("mine")
    with pytest.raises(WorldError, match=r"holds another file \(note.txt\); choose an empty folder"):
        generate(tmp_path, videos=1)
    with pytest.raises(WorldError, match=r"note.txt is a file; choose a folder"):
        generate(note, videos=1)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_videos_that_are_gone_are_not_passed_over(tmp_path: Path) -> None:
    generate(tmp_path, videos=1, seed=SEED, seconds=3.0, workers=1)
    (tmp_path / "00000.mp4").unlink()
    with pytest.raises(WorldError, match="no longer those that were made"):
        generate(tmp_path, videos=2, seed=SEED, seconds=3.0)


def test_too_little_space_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"the videos need about \d+ MB and \d+ MB are free; make fewer"):
        generate(tmp_path, videos=10**9)
    assert not list(tmp_path.glob("*.mp4"))

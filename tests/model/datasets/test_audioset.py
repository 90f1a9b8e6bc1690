"""AudioSet's files, as they are published and as they come broken."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import ontology
from model.datasets import DatasetError
from model.datasets.audioset import AudioSet
from model.ontology import Ontology, OntologyError
from model.samples import Sample
from model.truth import Segment as Sounding
from model.video import MediaError
from tests.model.humming import LEFT, RIGHT, hum

CLASSES = [
    ("/m/04rlf", "Music", ["/m/04szw"]),
    ("/m/04szw", "Musical instrument", ["/m/0342h", "/m/026t6"]),
    ("/m/0342h", "Guitar", []),
    ("/m/026t6", "Drum", []),
    ("/m/09l8g", "Human voice", ["/m/015lz1", "/m/09x0r"]),
    ("/m/015lz1", "Singing", []),
    ("/m/09x0r", "Speech", []),
    ("/m/07k1x", "Tools", ["/m/03l9g"]),
    ("/m/03l9g", "Hammer", []),
]
HEADER = """\
# Segments csv created Sun Mar  5 10:54:31 2017
# num_ytids=5
# YTID, start_seconds, end_seconds, positive_labels
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds: for two red left and its hum, for two green right and its hum."""
    folder = tmp_path_factory.mktemp("clip")
    turns = [Sounding(0.0, 2.0, 0), Sounding(2.0, 4.0, 1)]
    hum(folder, "clip.mp4", [("red", LEFT), ("green", RIGHT)], turns)
    return folder / "clip.mp4"


def tree(folder: Path) -> Ontology:
    path = folder / "ontology.json"
    path.write_text(json.dumps([{"id": i, "name": n, "child_ids": c} for i, n, c in CLASSES]))
    return ontology.read(path)


def segments(folder: Path, *lines: str) -> Path:
    path = folder / "eval_segments.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return path


def test_classes_outside_the_three_subtrees_do_not_count(tmp_path: Path) -> None:
    segments(
        tmp_path,
        '--4gqARaEJE, 0.000, 10.000, "/m/0342h,/m/09x0r"',
        '--BfvyPmVMo, 20.000, 30.000, "/m/09x0r"',  # speech only: not of the dataset
        '--U7joUcTCo, 0.000, 10.000, "/m/015lz1,/m/03l9g,/m/04szw,/m/04rlf"',
    )
    for name in ("--4gqARaEJE", "--BfvyPmVMo", "--U7joUcTCo"):
        (tmp_path / f"{name}.mp4").touch()
    found = AudioSet(tmp_path, tree(tmp_path))
    assert [(one.media, one.classes) for one in found.segments] == [
        ("--4gqARaEJE", ("/m/0342h",)),
        ("--U7joUcTCo", ("/m/015lz1", "/m/03l9g", "/m/04szw")),
    ]
    assert found.classes == {"/m/0342h", "/m/015lz1", "/m/03l9g", "/m/04szw"}
    assert found.skipped == []


@pytest.mark.parametrize(
    "media",
    ["aaaaaaaaaaa.mp4", "aaaaaaaaaaa_30.webm", "aaaaaaaaaaa_000030.mkv", "aaaaaaaaaaa_30000.mp4",
     "aaaaaaaaaaa_30000_40000.MP4", "videos/aaaaaaaaaaa.mp4"],
)  # fmt: skip
def test_media_are_found_under_the_usual_names(tmp_path: Path, media: str) -> None:
    segments(tmp_path, 'aaaaaaaaaaa, 30.000, 40.000, "/m/0342h"', 'bbbbbbbbbbb, 3.000, 13.000, "/m/0342h"')
    (tmp_path / media).parent.mkdir(exist_ok=True)
    (tmp_path / media).touch()
    found = AudioSet(tmp_path, tree(tmp_path))
    assert [found.name(number) for number in range(len(found))] == [Path(media).stem]
    assert [one.reason for one in found.skipped] == [
        "eval_segments.csv: 1 of its 2 segments have no media in the folder (bbbbbbbbbbb)."
    ]


def test_malformed_lines_are_named_and_the_others_read(tmp_path: Path) -> None:
    segments(
        tmp_path,
        'aaaaaaaaaaa, 0.000, 10.000, "/m/0342h"',
        "aaaaaaaaaaa, 0.000, 10.000",
        '../../../etc, 0.000, 10.000, "/m/0342h"',
        'aaaaaaaaaaa, ten, 20.000, "/m/0342h"',
        'aaaaaaaaaaa, 20.000, 10.000, "/m/0342h"',
        'aaaaaaaaaaa, nan, inf, "/m/0342h"',
        'aaaaaaaaaaa, 30.000, 40.000, "/m/nothing"',
        'aaaaaaaaaaa, 30.000, 40.000, ""',
        'aaaaaaaaaaa, 0.000, 10.000, "/m/026t6"',
        'aaaaaaaaaaa, 50.000, 60.000, "/m/0342h" tail',
        'aaaaaaaaaaa, 70.000, 80.000, "/m/026t6"',
    )
    (tmp_path / "aaaaaaaaaaa.mp4").touch()
    found = AudioSet(tmp_path, tree(tmp_path))
    assert [(one.start, one.classes) for one in found.segments] == [(0.0, ("/m/0342h",)), (70.0, ("/m/026t6",))]
    assert {one.file for one in found.skipped} == {"eval_segments.csv"}
    for one, said in zip(
        found.skipped,
        ("line 5: a segment is YTID", "line 6: '../../../etc' is no YouTube id", "line 7: 'ten' to '20.000'",
         "line 8: '20.000' to '10.000'", "line 9: 'nan'", "line 10: the ontology has no class '/m/nothing'",
         "line 11: no class", "line 12: the segment of aaaaaaaaaaa from 0 s is there twice", "line 13: a segment is"),
        strict=True,
    ):  # fmt: skip
        assert said in one.reason


def test_a_folder_without_anything_usable_is_one_sentence(tmp_path: Path) -> None:
    classes = tree(tmp_path)
    with pytest.raises(DatasetError, match=r"no \*segments\*\.csv"):
        AudioSet(tmp_path, classes)
    segments(tmp_path, 'aaaaaaaaaaa, 0.000, 10.000, "/m/0342h"')
    with pytest.raises(DatasetError, match="1 of its 1 segments have no media"):
        AudioSet(tmp_path, classes)
    (tmp_path / "balanced_train_segments.csv").touch()
    with pytest.raises(DatasetError, match=r"balanced_train_segments\.csv, eval_segments\.csv; leave the one"):
        AudioSet(tmp_path, classes)
    with pytest.raises(OntologyError, match="Musical instrument"):
        (tmp_path / "balanced_train_segments.csv").unlink()
        AudioSet(tmp_path, Ontology({"/m/0342h": "Guitar"}, {}))


def cut_from(folder: Path, clip: Path, *stretches: tuple[float, float]) -> AudioSet:
    """A folder whose segments are these of the clip."""
    (folder / "aaaaaaaaaaa.mp4").symlink_to(clip)
    segments(folder, *(f'aaaaaaaaaaa, {start}, {end}, "/m/0342h"' for start, end in stretches))
    return AudioSet(folder, tree(folder))


def red(frame: np.ndarray) -> bool:
    return bool(frame[14, 6, 0] > 150)


def heard(second: np.ndarray) -> int:
    """The loudest hertz."""
    return int(np.abs(np.fft.rfft(second)).argmax())


def test_of_a_whole_video_only_the_segment_is_used(clip: Path, tmp_path: Path) -> None:
    # One second of a file of four, which is therefore the whole video; on the grid one moment lies inside.
    dataset = cut_from(tmp_path, clip, (0.75, 1.75), (2.25, 3.25))
    for number, tone in enumerate((600, 2500)):
        excerpt = dataset.load(number, 32)
        (sample,) = excerpt.samples
        assert sample.time == (1.25, 2.75)[number]
        assert heard(excerpt.seconds[0]) == pytest.approx(tone, abs=2)
        assert sample.visible_classes == sample.sounding_classes == {"/m/0342h"}
        assert sample.video == 0 and not sample.localized  # both of one video, and no place is labelled
        assert red(excerpt.frames[0])


def test_a_file_of_the_segments_length_is_the_segment(clip: Path, tmp_path: Path) -> None:
    dataset = cut_from(tmp_path, clip, (30.0, 33.9))
    assert [sample.time for sample in dataset.load(0, 32).samples] == [1.0, 2.0, 3.0]
    offered: list[Sample] = []
    excerpt = dataset.load(0, 32, choose=lambda samples: offered.extend(samples) or samples[9:10] + samples[1:2])
    assert [sample.time for sample in offered] == [k / 4 for k in range(2, 15)]
    assert [sample.time for sample in excerpt.samples] == [2.75, 0.75]
    assert [heard(second) for second in excerpt.seconds] == pytest.approx([2500, 600], abs=2)


def test_who_sees_motion_is_shown_the_second(clip: Path, tmp_path: Path) -> None:
    excerpt = cut_from(tmp_path, clip, (30.0, 34.0)).load(0, 32, "frames")
    assert excerpt.frames.shape == (3, 25, 32, 32, 3)
    assert [heard(second) for second in excerpt.seconds[::2]] == pytest.approx([600, 2500], abs=2)


def test_a_segment_beyond_the_files_end_is_said(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="not one second of the segment 200-201 s is in it"):
        cut_from(tmp_path, clip, (200.0, 201.0)).load(0, 32)


def test_stills_have_the_middle_of_their_sound(tmp_path: Path) -> None:
    segments(tmp_path, 'aaaaaaaaaaa, 30.000, 33.000, "/m/0342h"', 'bbbbbbbbbbb, 30.000, 33.000, "/m/0342h"')
    (tmp_path / "frames").mkdir()
    (tmp_path / "audio").mkdir()
    for name in ("aaaaaaaaaaa", "bbbbbbbbbbb_30"):
        Image.new("RGB", (90, 50), (200, 30, 30)).save(tmp_path / "frames" / f"{name}.jpg")
        times = np.arange(3 * 16_000) / 16_000
        tone = np.where((times >= 1) & (times < 2), np.sin(2 * np.pi * 440 * times), 0)
        with wave.open(str(tmp_path / "audio" / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes((tone * 20_000).astype("<i2").tobytes())
    (tmp_path / "frames" / "bbbbbbbbbbb_30.jpg").write_bytes(b"no picture")
    dataset = AudioSet(tmp_path, tree(tmp_path))
    excerpt = dataset.load(0, 32)
    assert excerpt.frames.shape == (1, 32, 32, 3)
    assert np.abs(excerpt.frames[0].astype(int) - (200, 30, 30)).max() < 8
    assert heard(excerpt.seconds[0]) == 440
    assert np.abs(excerpt.seconds[0].reshape(48, 1000)).max(1).min() > 0.4  # the tone, from end to end
    with pytest.raises(MediaError, match=r"bbbbbbbbbbb_30\.jpg: not a picture"):
        dataset.load(1, 32)
    with pytest.raises(DatasetError, match="single frames show no motion"):
        dataset.load(0, 32, "flow")

"""AudioSet's files, as they are published and as they come broken."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import ontology
from model.datasets import audioset
from model.datasets.audioset import AudioSetError, Segment
from model.ontology import Ontology, OntologyError
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
    found, skipped = audioset.read(tmp_path, tree(tmp_path))
    assert [(one.name, one.classes) for one in found] == [
        ("--4gqARaEJE.mp4", {"/m/0342h"}),
        ("--U7joUcTCo.mp4", {"/m/015lz1", "/m/03l9g", "/m/04szw"}),
    ]
    assert skipped == []


@pytest.mark.parametrize(
    "media",
    ["aaaaaaaaaaa.mp4", "aaaaaaaaaaa_30.webm", "aaaaaaaaaaa_000030.mkv", "aaaaaaaaaaa_30000.mp4",
     "aaaaaaaaaaa_30000_40000.mp4", "videos/aaaaaaaaaaa.mp4"],
)  # fmt: skip
def test_media_are_found_under_the_usual_names(tmp_path: Path, media: str) -> None:
    segments(tmp_path, 'aaaaaaaaaaa, 30.000, 40.000, "/m/0342h"', 'bbbbbbbbbbb, 3.000, 13.000, "/m/0342h"')
    (tmp_path / media).parent.mkdir(exist_ok=True)
    (tmp_path / media).touch()
    found, skipped = audioset.read(tmp_path, tree(tmp_path))
    assert [one.media for one in found] == [tmp_path / media]
    assert [one.reason for one in skipped] == [
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
    found, skipped = audioset.read(tmp_path, tree(tmp_path))
    assert [(one.start, one.classes) for one in found] == [(0.0, {"/m/0342h"}), (70.0, {"/m/026t6"})]
    assert {one.file for one in skipped} == {"eval_segments.csv"}
    for one, said in zip(
        skipped,
        ("line 5: a segment is YTID", "line 6: '../../../etc' is no YouTube id", "line 7: 'ten' to '20.000'",
         "line 8: '20.000' to '10.000'", "line 9: 'nan'", "line 10: the ontology has no class '/m/nothing'",
         "line 11: no class", "line 12: the segment of aaaaaaaaaaa from 0 s is there twice", "line 13: a segment is"),
        strict=True,
    ):  # fmt: skip
        assert said in one.reason


def test_a_folder_without_anything_usable_is_one_sentence(tmp_path: Path) -> None:
    classes = tree(tmp_path)
    with pytest.raises(AudioSetError, match=r"no \*segments\*\.csv"):
        audioset.read(tmp_path, classes)
    segments(tmp_path, 'aaaaaaaaaaa, 0.000, 10.000, "/m/0342h"')
    with pytest.raises(AudioSetError, match="1 of its 1 segments have no media"):
        audioset.read(tmp_path, classes)
    (tmp_path / "balanced_train_segments.csv").touch()
    with pytest.raises(AudioSetError, match=r"balanced_train_segments\.csv, eval_segments\.csv; leave the one"):
        audioset.read(tmp_path, classes)
    with pytest.raises(OntologyError, match="Musical instrument"):
        (tmp_path / "balanced_train_segments.csv").unlink()
        audioset.read(tmp_path, Ontology({"/m/0342h": "Guitar"}, {}))


def moments(segment: Segment, most: int = 100):
    return segment.moments(np.random.default_rng(0), size=32, most=most)


def red(frame: np.ndarray) -> bool:
    return bool(frame[14, 6, 0] > 150)


def heard(second: np.ndarray) -> int:
    """The loudest hertz."""
    return int(np.abs(np.fft.rfft(second)).argmax())


def test_of_a_whole_video_only_the_segment_is_used(clip: Path) -> None:
    # One second of a file of four, which is therefore the whole video; on the grid one moment lies inside.
    for start, tone in ((0.75, 600), (2.25, 2500)):
        (only,) = moments(Segment(clip, start, start + 1.0, frozenset({"x"})))
        assert heard(only.second) == pytest.approx(tone, abs=2)
        assert only.visible == only.sounding == {"x"}
        assert red(only.frame)


def test_a_file_of_the_segments_length_is_the_segment(clip: Path) -> None:
    found = moments(Segment(clip, 30.0, 33.9, frozenset({"x"})))
    assert len(found) == 13  # .5 .. 3.5 s
    assert len(moments(Segment(clip, 30.0, 33.9, frozenset({"x"})), most=2)) == 2


def test_a_segment_beyond_the_files_end_is_said(clip: Path) -> None:
    with pytest.raises(MediaError, match="not one second of the segment 200-201 s is in it"):
        moments(Segment(clip, 200.0, 201.0, frozenset({"x"})))


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
    (good, bad), _ = audioset.read(tmp_path, tree(tmp_path))
    (moment,) = moments(good)
    assert moment.frame.shape == (32, 32, 3) and np.abs(moment.frame.astype(int) - (200, 30, 30)).max() < 8
    assert heard(moment.second) == 440
    assert np.abs(moment.second.reshape(48, 1000)).max(1).min() > 0.4  # the tone, from end to end
    with pytest.raises(MediaError, match=r"bbbbbbbbbbb_30\.jpg: not a picture"):
        moments(bad)

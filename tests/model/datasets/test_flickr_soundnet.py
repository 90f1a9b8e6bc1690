from pathlib import Path

import pytest

from model.datasets.flickr_soundnet import FlickrSoundNet
from tests.model.datasets.published import level, write_frame, write_sound


def annotate(folder: Path, name: str, *boxes: tuple[int, int, int, int]) -> None:
    drawn = "".join(
        f"<annotator{k}><bbox><name>object</name><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bbox>"
        f"</annotator{k}>"
        for k, (a, b, c, d) in enumerate(boxes)
    )
    (folder / "Annotations").mkdir(exist_ok=True)
    (folder / "Annotations" / f"{name}.xml").write_text(f"<annotation>{drawn}</annotation>")


def test_three_annotators_boxes_are_of_a_picture_of_256_pixels(tmp_path: Path) -> None:
    annotate(tmp_path, "10000130166", (0, 0, 128, 256), (64, 0, 192, 256), (64, 128, 300, 256))
    write_frame(tmp_path / "frames" / "10000130166.jpg", (90, 90, 90))
    write_sound(tmp_path / "audio" / "10000130166.wav", [0.1, 0.1, 0.5, 0.1, 0.1])
    dataset = FlickrSoundNet(tmp_path)
    assert dataset.skipped == []
    excerpt = dataset.load(0, 16)
    (sample,) = excerpt.samples
    assert sample.sounding_boxes == [(0, 0, 0.5, 1), (0.25, 0, 0.75, 1), (0.25, 0.5, 1, 1)]
    assert sample.votes == 2
    assert sample.sounding_classes == frozenset()
    assert level(excerpt.seconds[0]) == pytest.approx(0.5, rel=0.05)


def test_files_that_cannot_be_used_are_named_and_the_others_read(tmp_path: Path) -> None:
    annotate(tmp_path, "1", (0, 0, 128, 128))
    annotate(tmp_path, "2")
    annotate(tmp_path, "3", (10, 10, 10, 50))
    folder = tmp_path / "Annotations"
    (folder / "4.xml").write_text("<annotation>")
    (folder / "5.xml").write_text("<a><b><bbox><n/><x>1</x><y>one</y><x>2</x><y>2</y></bbox></b></a>")
    (folder / "6.xml").write_text("<a><b><bbox><x>1</x><y>2</y></bbox></b></a>")
    (folder / "7.xml").write_text('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')
    (folder / "8.xml").write_text("<a><b><bbox><n/><x>1</x><y>nan</y><x>2</x><y>2</y></bbox></b></a>")
    dataset = FlickrSoundNet(tmp_path)
    assert [dataset.name(number) for number in range(len(dataset))] == ["1"]
    reasons = {one.file: one.reason for one in dataset.skipped}
    assert list(reasons) == [f"{number}.xml" for number in range(2, 9)]
    assert "holds no bbox that has an area" in reasons["2.xml"]
    assert "holds no bbox that has an area" in reasons["3.xml"]
    assert "cannot be read as XML" in reasons["4.xml"]
    assert "must end in xmin, ymin, xmax, ymax" in reasons["5.xml"]
    assert "must end in xmin, ymin, xmax, ymax" in reasons["6.xml"]
    assert "cannot be read as XML" in reasons["7.xml"]
    assert "finite numbers" in reasons["8.xml"]

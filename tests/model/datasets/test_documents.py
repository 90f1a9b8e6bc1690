from pathlib import Path

import pytest

from model.datasets import DatasetError, documents
from model.datasets.documents import cut_to_frame, four_numbers, read_json, read_xml


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 200_000])
def test_what_is_no_json_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DatasetError, match=r"a.json cannot be read as JSON"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<a>",
        '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
)
def test_what_is_no_plain_xml_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.xml").write_text(content)
    with pytest.raises(DatasetError, match=r"a.xml cannot be read as XML"):
        read_xml(tmp_path / "a.xml")


def test_label_files_have_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_JSON_BYTES", 1 << 20)
    (tmp_path / "a.json").write_text("[" + " " * (1 << 20) + "]")
    with pytest.raises(DatasetError, match="larger than the 1 MB"):
        read_json(tmp_path / "a.json")
    with pytest.raises(DatasetError, match=r"b.json cannot be read: No such file"):
        read_json(tmp_path / "b.json")


@pytest.mark.parametrize(
    "value", [None, [0, 0, 1], [0, 0, 1, "1"], [0, 0, 1, float("nan")], [0, 0, True, 1], "0 0 1 1"]
)
def test_four_numbers_are_four_finite_numbers(value: object) -> None:
    with pytest.raises(DatasetError, match="here"):
        four_numbers(value, "[x1, y1, x2, y2]", "here")


def test_corners_are_cut_to_the_frame_and_no_area_is_no_box() -> None:
    assert cut_to_frame(-0.1, 0.2, 0.5, 1.7) == (0.0, 0.2, 0.5, 1.0)
    assert cut_to_frame(0.2, 1.0, 0.7, 1.0) is None
    assert cut_to_frame(0.7, 0.0, 0.2, 1.0) is None
    assert cut_to_frame(1.2, 0.0, 1.4, 1.0) is None

import pytest

from label_config.references import resolve

TASK = {"video": "/a.mp4", "fps": 30, "media": {"clips": [{"url": "/b.mp4"}]}, "a.b": "dotted", "none": None}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("$video", "/a.mp4"),
        ("$fps", 30),
        ("$media.clips[0].url", "/b.mp4"),
        ("$media.clips[1].url", ""),
        ("$media.clips.url", ""),
        ("$video.url", ""),
        ("$a.b", "dotted"),
        ("$none", ""),
        ("$absent", ""),
        ("25", "25"),
        ("", ""),
        ("http://host$video", "http://host/a.mp4"),
        ("no$absent", "no"),
    ],
)
def test_references_are_looked_up_and_the_rest_is_kept(attribute: str, value: object) -> None:
    assert resolve(attribute, TASK) == value

import numpy as np

from model.samples import Sample, samples_of
from model.truth import Segment, Truth
from model.video import MediaInfo, Video

BOX, OTHER = (0.1, 0.1, 0.4, 0.4), (0.5, 0.5, 0.9, 0.9)


def sampled(truth: Truth, *, seconds: float = 4.0, frame_rate: float = 25.0, rate: float = 2.0) -> dict[float, Sample]:
    frames = np.zeros((int(seconds * rate), 8, 8, 3), np.uint8)
    info = MediaInfo(seconds, 8, 8, frame_rate, has_picture=True, has_audio=True)
    video = Video(frames, np.arange(len(frames)) / rate, np.zeros(1, np.float32), info)
    return {sample.time: sample for sample in samples_of(truth, video, number=3, rate=rate)}


def labels(*segments: Segment, classes: int = 2, frames: int = 100) -> Truth:
    boxes = {0: [BOX] * frames, 1: [OTHER] * frames}
    return Truth("v.mp4", ["dog", "bell", "dog"][:classes], list(segments), boxes)


def test_the_second_must_lie_in_the_file_and_in_the_segment():
    found = sampled(labels(Segment(0.0, 2.0, 0)))
    assert list(found) == [0.5, 1.0, 1.5]  # a segment may begin and end exactly where the second does
    assert list(sampled(labels(Segment(0.0, 9.0, 0)))) == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
    assert list(sampled(labels(Segment(0.01, 2.0, 0)))) == [1.0, 1.5]


def test_a_boundary_of_another_object_makes_a_second_unsteady():
    found = sampled(labels(Segment(0.0, 4.0, 0), Segment(2.2, 4.0, 1)))
    assert [time for time, sample in found.items() if sample.steady] == [0.5, 1.0, 1.5, 3.0, 3.5]
    assert found[2.0].sounding == {0}
    assert found[3.0].sounding == {0, 1}


def test_only_objects_visible_in_the_frame_have_boxes():
    truth = labels(Segment(0.0, 4.0, 0))
    truth.boxes[0][25:50] = [None] * 25  # gone in the second second
    found = sampled(truth)
    assert found[0.5].sounding_boxes == [BOX]
    assert found[1.0].sounding_boxes == []
    assert found[1.0].sounding_classes == {"dog"}
    assert found[1.0].visible_classes == {"bell"}
    assert found[2.0].visible_classes == {"dog", "bell"}


def test_frames_are_counted_at_the_files_own_rate():
    truth = labels(Segment(0.0, 4.0, 0), frames=120)
    truth.boxes[0][45:] = [None] * 75  # from 1.5 s at 30 frames a second
    found = sampled(truth, frame_rate=30.0)
    assert [time for time, sample in found.items() if sample.sounding_boxes] == [0.5, 1.0]


def test_samples_name_their_video_and_frame():
    found = sampled(labels(Segment(0.0, 4.0, 1)), rate=4.0)
    assert found[0.75].video == 3
    assert found[0.75].index == 3
    assert [time for time, sample in found.items() if sample.localized] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
    assert len(found) == 13


def test_objects_without_a_name_are_of_no_class():
    sample = Sample(0, 0, 1.0, ("", "dog"), {0: BOX, 1: OTHER}, frozenset({0, 1}), steady=True)
    assert sample.sounding_classes == sample.visible_classes == {"dog"}
    assert sample.sounding_boxes == [BOX, OTHER]

"""Prediction identities: what makes a prediction another one, and what does not."""

from datetime import UTC, datetime

import pytest

from backend.identity import config_digest, identify

CONFIG = """<View>
  <Labels name="labels" toName="video"><Label value="sounding object"/></Labels>
  <Video name="video" value="$video" frameRate="$fps"/>
  <VideoRectangle name="box" toName="video"/>
</View>"""
TASK = {"id": 1, "data": {"video": "/data/upload/1/a.mp4", "fps": 25}, "created_at": "2026-11-22T09:54:27.236284Z"}
VERSION = "earmark-0123456789ab"


def test_same_task_from_api_webhook_and_sdk_is_the_same():
    moment = datetime(2026, 11, 22, 9, 54, 27, 236284, tzinfo=UTC)
    plain = identify(TASK, CONFIG, VERSION)
    assert identify({**TASK, "created_at": moment}, CONFIG, VERSION) == plain
    assert identify({**TASK, "is_labeled": True, "meta": {"x": 1}}, CONFIG, VERSION) == plain
    assert identify(TASK, CONFIG.replace("\n", "\n  "), VERSION).digest == plain.digest


@pytest.mark.parametrize(
    "task",
    [
        {**TASK, "id": 2},
        {**TASK, "data": {"video": "/data/upload/1/b.mp4", "fps": 25}},
        {**TASK, "data": {"video": "/data/upload/1/a.mp4", "fps": 30}},
        {**TASK, "created_at": "2026-11-22T10:54:27.236284Z"},  # a deleted task's id, used again
    ],
)
def test_another_task_media_frame_rate_or_creation_is_another(task):
    assert identify(task, CONFIG, VERSION).digest != identify(TASK, CONFIG, VERSION).digest


def test_another_query_sound_is_another():
    config = CONFIG.replace("</View>", '<Audio name="query" value="$second"/></View>')
    tasks = [{**TASK, "data": {**TASK["data"], "second": f"/data/upload/1/{name}.wav"}} for name in "aab"]
    first, same, other = (identify(task, config, VERSION) for task in tasks)
    assert first == same
    assert (first.config, first.media != other.media) == (other.config, True)
    with pytest.raises(ValueError, match=r"\$second"):
        identify(TASK, config, VERSION)


def test_another_config_or_version_is_another():
    plain = identify(TASK, CONFIG, VERSION)
    other = CONFIG.replace('"sounding object"', '"dog"')
    assert identify(TASK, other, VERSION).digest != plain.digest
    assert identify(TASK, CONFIG, "earmark-ba9876543210").digest != plain.digest
    assert config_digest(other) != config_digest(CONFIG)


@pytest.mark.parametrize(
    "task",
    [
        {},
        {"id": 1},
        {"id": "1", "data": {}},
        {"id": True, "data": TASK["data"]},
        {"id": 1, "data": []},
        {"id": 1, "data": {"video": 5}},
        {"id": 1, "data": {"image": "x"}},
    ],
)
def test_task_without_id_or_video_is_refused_in_one_sentence(task):
    with pytest.raises(ValueError, match=r"[.:]"):
        identify(task, CONFIG, VERSION)


@pytest.mark.parametrize("config", ["", "<View>", "<View/>", '<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>'])
def test_unreadable_config_is_refused(config):
    with pytest.raises(ValueError, match="labelling config"):
        identify(TASK, config, VERSION)

import pytest

from label_config import ConfigError, read_config, template
from label_config.tags import MAX_CONFIG_LENGTH

PROJECT = """
<View>
  <Header value="Draw what sounds"/>
  <View style="display: flex">
    <Labels name="what" toName="clip">
      <Label value="dog"/><View><Label value="sounding object" alias="obj"/></View>
    </Labels>
    <Video name="clip" value="$media.url" frameRate="$fps" height="300"/>
  </View>
  <VideoRectangle name="where" toName="clip"/>
  <TimelineLabels name="when" toName="clip"><Label value="music"/><Label value="sounding"/></TimelineLabels>
  <Choices name="kind" toName="clip" choice="multiple">
    <Choice value="Animal" alias="animal"/><Choice value="Vehicle"><Choice value="car"/></Choice>
  </Choices>
</View>
"""


def with_rate(rate: str) -> str:
    return PROJECT.replace("$fps", rate)


def test_a_projects_own_names_are_found_wherever_they_stand() -> None:
    config = read_config(PROJECT)
    assert (config.medium.name, config.medium.value, config.boxes.name) == ("clip", "$media.url", "where")
    assert config.segments().name == "when"
    assert config.notes == ()
    assert config.choices.name == "kind"
    assert config.choices.multiple
    assert config.choices.find("car") is None  # Label Studio selects no choice within a choice


def test_aliases_are_what_results_carry() -> None:
    config = read_config(PROJECT)
    assert config.box_label() == "obj"
    assert config.choices.find("Animal") == config.choices.find("animal") == "animal"


def test_tags_and_attributes_are_read_in_any_case() -> None:
    config = read_config(
        '<view><VIDEO Name="v" Value="$v" FRAMERATE="30"/><videorectangle name="b" toname="v"/></view>'
    )
    assert (config.boxes.name, config.frame_rate()) == ("b", 30)


def test_a_config_without_our_labels_says_what_it_cannot_show() -> None:
    config = read_config('<View><Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>')
    assert config.box_label() is None
    assert config.segments() is None
    assert [word in note for word, note in zip(("no label", "no segments"), config.notes, strict=True)] == [True] * 2


def test_boxes_go_to_the_video_their_control_names() -> None:
    config = read_config(
        '<View><Video name="left" value="$l"/><Video name="right" value="$r"/>'
        '<Labels name="other" toName="left"><Label value="sounding object"/></Labels>'
        '<VideoRectangle name="b" toName="right"/></View>'
    )
    assert (config.medium.name, config.medium.value) == ("right", "$r")
    assert config.box_label() is None  # the label belongs to the other video
    assert 'not to "left"' in config.notes[-1]


def test_a_label_that_label_studio_would_give_to_the_segments_is_not_written() -> None:
    labels = '<Labels name="l" toName="v"><Label value="sounding object"/></Labels>'
    timeline = '<TimelineLabels name="t" toName="v"><Label value="sounding object"/></TimelineLabels>'
    rest = '<Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>'
    assert read_config(f"<View>{labels}{timeline}{rest}").box_label() == "sounding object"
    wrong = read_config(f"<View>{timeline}{labels}{rest}")
    assert wrong.box_label() is None
    assert "put Labels first" in wrong.notes[0]


def test_choices_for_regions_are_not_choices_for_the_clip() -> None:
    xml = PROJECT.replace('choice="multiple"', 'perRegion="true"')
    assert read_config(xml).choices is None


@pytest.mark.parametrize(
    ("written", "data", "rate"),
    [
        ("25", {}, 25),
        ("29.97", {}, 29.97),
        ("", {}, 24),
        ("abc", {}, 24),
        ("0", {}, 24),
        ("-25", {}, 24),
        ("nan", {}, 24),
        ("1e999", {}, 24),
        ("0.04", {}, 25),  # seconds between frames
        ("$fps", {"fps": 30}, 30),
        ("$fps", {"fps": "12.5"}, 12.5),
        ("$fps", {}, 24),
        ("$fps", {"fps": None}, 24),
        ("$fps", {"fps": {"rate": 30}}, 24),
        ("$fps", {"fps": 10**400}, 24),
        ("$clip.fps", {"clip": {"fps": 50}}, 50),
    ],
)
def test_frame_rate_is_label_studios_reading_of_it(written: str, data: dict, rate: float) -> None:
    assert read_config(with_rate(written)).frame_rate(data) == pytest.approx(rate)


def test_values_from_the_tasks_data_are_known_in_that_task_only() -> None:
    config = read_config(PROJECT.replace('choice="multiple"', 'value="$options"'))
    task = {"fps": 30, "options": [{"value": "bird", "alias": "b"}, {"value": 3}, "fish", None]}
    assert config.choices.find("bird") is None
    assert config.for_task(task).choices.find("bird") == "b"
    assert config.for_task(task).choices.find("Animal") == "animal"
    assert config.for_task(task).frame_rate() == 30
    assert config.for_task({"options": "bird"}).choices == config.choices


def test_the_video_of_a_task() -> None:
    config = read_config(PROJECT)
    assert config.media_url({"media": {"url": " /data/upload/1/a.mp4 "}}) == "/data/upload/1/a.mp4"
    for data in ({}, {"media": {"url": ""}}, {"media": {"url": ["a.mp4"]}}, {"media": "a.mp4"}):
        with pytest.raises(ConfigError, match=r"no address in \$media\.url"):
            config.media_url(data)


def test_the_digest_follows_the_meaning() -> None:
    digest = read_config(PROJECT).digest
    assert digest == read_config(PROJECT.replace('height="300"', 'height="600"')).digest
    changes = (
        ("where", "box"),
        ("sounding object", "thing"),
        ("$fps", "24"),
        ("Vehicle", "Car"),
        ("$media.url", "$url"),
    )
    digests = {read_config(PROJECT.replace(old, new)).digest for old, new in changes}
    assert len(digests | {digest}) == len(changes) + 1
    assert read_config(PROJECT).for_task({"fps": 30}).digest != read_config(PROJECT).for_task({"fps": 25}).digest


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("", "not XML"),
        ("<View>", "not XML"),
        ("<View>\0</View>", "not XML"),
        ("<View>\ud800</View>", "not XML"),
        ('<!DOCTYPE View [<!ENTITY a "aaaa">]><View>&a;</View>', "not XML"),
        ("<View/>", "no Video tag"),
        ('<View><Image name="i" value="$i"/><RectangleLabels name="r" toName="i"/></View>', "no Video tag"),
        ('<View><Video name="v" value="$v"/></View>', 'VideoRectangle with a name and toName="v"'),
        ('<View><Video name="v" value="$v"/><VideoRectangle name="b" toName="w"/></View>', "no VideoRectangle"),
        ('<View><Video name="v" value="$v"/><VideoRectangle name="b"/></View>', "no VideoRectangle"),
        ("<View>" + " " * MAX_CONFIG_LENGTH + "</View>", "characters"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_in_one_sentence(xml: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as refusal:
        read_config(xml)
    assert "\n" not in str(refusal.value)


def test_deep_nesting_neither_crashes_nor_hides_the_controls() -> None:
    depth = 60_000
    labels = '<Labels name="l" toName="v">' + "<View>" * depth + '<Label value="sounding object"/>' + "</View>" * depth
    rest = '</Labels><Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>'
    assert read_config("<View>" + labels + rest).box_label() == "sounding object"


def test_our_own_config_shows_everything() -> None:
    assert read_config(template()).notes == ()

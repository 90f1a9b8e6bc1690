import pytest

from label_config import ConfigError, read_config, template
from label_config.tags import MAX_CONFIG_LENGTH
from tests.label_config.configs import AUDIO, PICTURE, PROJECT, QUERY


def test_a_projects_own_names_are_found_wherever_they_stand() -> None:
    config = read_config(PROJECT)
    assert (config.medium.name, config.medium.value, config.boxes.name) == ("clip", "$media.url", "where")
    assert config.segment()[0].name == "when"
    assert config.notes == ()
    assert config.choices.name == "kind"
    assert config.choices.multiple
    assert config.choices.find("car") is None  # Label Studio selects no choice within a choice


def test_tags_and_attributes_are_read_in_any_case() -> None:
    config = read_config(
        '<view><VIDEO Name="v" Value="$v" FRAMERATE="30"/><videorectangle name="b" toname="v"/></view>'
    )
    assert (config.boxes.name, config.frame_rate()) == ("b", 30)


def test_boxes_go_to_the_video_their_control_names() -> None:
    config = read_config(
        '<View><Video name="left" value="$l"/><Video name="right" value="$r"/>'
        '<Labels name="other" toName="left"><Label value="sounding object"/></Labels>'
        '<VideoRectangle name="b" toName="right"/></View>'
    )
    assert (config.medium.name, config.medium.value) == ("right", "$r")
    assert config.box_label() is None  # the label belongs to the other video


def names(xml: str) -> list[str]:
    return [control.name for control in read_config(xml).controls]


def test_what_is_heard_in_step_with_the_video_is_its_own_sound() -> None:
    config = read_config(AUDIO)
    assert (config.soundtrack.name, config.query) == ("wave", None)
    assert names(AUDIO) == ["what", "where", "heard", "similar_clips", "order"]
    apart = AUDIO.replace('value="$video" sync="both"/>', 'value="$sound" sync="both"/>')
    assert (read_config(apart).soundtrack.value, read_config(apart).query) == ("$sound", None)
    to_the_tag = apart.replace('value="$sound" sync="both"', 'value="$sound" sync="clip"')
    assert read_config(to_the_tag).soundtrack.value == "$sound"


def test_audio_plus_is_audios_old_name() -> None:
    for xml in (AUDIO, QUERY, '<View><Labels name="l" toName="a"/><Audio name="a" value="$sound"/></View>'):
        assert read_config(xml.replace("<Audio", "<AudioPlus")) == read_config(xml)
        assert read_config(xml.replace("<Audio", "<AudioPlus")).digest == read_config(xml).digest


def test_an_audio_with_another_sound_is_a_query() -> None:
    config = read_config(QUERY)
    assert (config.soundtrack, config.query.value) == (None, "$query")
    both = read_config(QUERY.replace("</View>", '<Audio name="own" value="$video"/></View>'))
    assert (both.soundtrack.name, both.query.name) == ("own", "wanted")


def test_a_picture_needs_its_sound() -> None:
    config = read_config(PICTURE)
    assert (config.medium.kind, config.soundtrack.value, config.query) == ("image", "$sound", None)
    assert names(PICTURE) == ["box", "heat"]
    plain = PICTURE.replace("RectangleLabels", "Labels").replace(
        "</View>", '<Rectangle name="r" toName="photo"/></View>'
    )
    assert names(plain) == ["box", "heat", "r"]
    with pytest.raises(ConfigError, match=r'no Audio tag with the sound of Image "photo"'):
        read_config(PICTURE.replace('<Audio name="sound" value="$sound"/>', ""))


def test_any_one_control_is_enough() -> None:
    video = '<Video name="v" value="$v"/>'
    for control in (
        '<TimelineLabels name="c" toName="v"><Label value="a"/><Label value="b"/></TimelineLabels>',
        '<Choices name="c" toName="v"><Choice value="a"/></Choices>',
        '<TextArea name="c" toName="v"/>',
        '<Labels name="c" toName="w"><Label value="a"/></Labels><Audio name="w" value="$v"/>',
        '<List name="l" value="$l"/><Ranker name="c" toName="l"/>',
    ):
        config = read_config(f"<View>{video}{control}</View>")
        assert (config.medium.kind, config.boxes, [one.name for one in config.controls]) == ("video", None, ["c"])


def test_a_sound_alone_can_be_labelled() -> None:
    config = read_config(
        '<View><Audio name="a" value="$s"/><Labels name="l" toName="a"><Label value="x"/></Labels></View>'
    )
    assert (config.medium.kind, config.stretch()[1], config.needs_sound) == ("audio", "x", False)


def test_regions_come_before_what_is_only_chosen() -> None:
    film = '<Video name="film" value="$film"/><Choices name="c" toName="film"><Choice value="a"/></Choices>'
    config = read_config(PICTURE.replace("</View>", film + "</View>"))
    assert (config.medium.name, names(PICTURE)) == ("photo", ["box", "heat"])
    drawn = film + '<VideoRectangle name="b" toName="film"/>'
    assert read_config(PICTURE.replace("</View>", drawn + "</View>")).medium.name == "film"


def test_choices_for_regions_are_not_choices_for_the_clip() -> None:
    xml = PROJECT.replace('choice="multiple"', 'perRegion="true"')
    assert read_config(xml).choices is None


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("", "not XML"),
        ("<View>", "not XML"),
        ("<View>\0</View>", "not XML"),
        ("<View>\ud800</View>", "not XML"),
        ('<!DOCTYPE View [<!ENTITY a "aaaa">]><View>&a;</View>', "not XML"),
        ("<View/>", "no Video, Image or Audio tag"),
        ('<View><Image name="i" value="$i"/><RectangleLabels name="r" toName="i"/></View>', "no Audio tag"),
        (
            '<View><Image name="i" value="$i"/><Audio name="a" value="$a"/></View>',
            'RectangleLabels with a name and toName="i"',
        ),
        ('<View><Audio name="a" value="$a"/></View>', 'no Labels with a name and toName="a"'),
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

import pytest

from label_config import KINDS, ConfigError, read_config, template
from tests.label_config.configs import AUDIO, PICTURE, PROJECT, QUERY


def with_rate(rate: str) -> str:
    return PROJECT.replace("$fps", rate)


def test_aliases_are_what_results_carry() -> None:
    config = read_config(PROJECT)
    assert config.box_label() == "obj"
    assert config.choices.find("Animal") == config.choices.find("animal") == "animal"


def test_a_label_that_label_studio_would_give_to_the_segments_is_not_written() -> None:
    labels = '<Labels name="l" toName="v"><Label value="sounding object"/></Labels>'
    timeline = '<TimelineLabels name="t" toName="v"><Label value="sounding object"/></TimelineLabels>'
    rest = '<Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>'
    assert read_config(f"<View>{labels}{timeline}{rest}").box_label() == "sounding object"
    assert read_config(f"<View>{timeline}{labels}{rest}").box_label() is None
    # Between two Labels it takes only what the first does not know.
    more = '<Labels name="m" toName="v"><Label value="dog"/></Labels>'
    longer = timeline.replace("</T", '<Label value="dog"/></T')
    mixed = read_config(f"<View>{labels}{longer}{more}{rest}")
    assert (mixed.box_label("dog"), mixed.box_label()) == ("sounding object", "sounding object")


def test_a_suggested_label_comes_before_the_neutral_one_wherever_it_is_known() -> None:
    config = read_config(AUDIO)
    assert [config.box_label(name) for name in ("dog", "bird", None)] == ["dog", None, None]
    assert [config.stretch(name)[1] for name in ("dog", "bird", None)] == ["d", "sounding", "sounding"]
    assert config.segment("dog") is None  # there are no TimelineLabels
    picture = read_config(PICTURE)
    assert [picture.shape(name)[1] for name in ("dog", "bird")] == ["dog", "sounding object"]


def test_the_only_label_there_is_is_the_one_people_would_choose() -> None:
    assert read_config(PICTURE).mask("dog")[1] == "warm"
    video = '<Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/>'
    one = '<Labels name="l" toName="v"><Label value="it"/></Labels>'
    assert read_config(f"<View>{video}{one}</View>").box_label("dog") == "it"
    two = one.replace("</", '<Label value="that"/></')
    assert read_config(f"<View>{video}{two}</View>").box_label() is None


def test_a_box_that_can_carry_no_label_is_drawn_without() -> None:
    config = read_config(PICTURE.replace("sounding object", "cat"))
    control, written = config.shape("bird")
    assert (control.name, written) == ("box", None)


def test_a_label_is_open_while_people_have_one_to_choose() -> None:
    video = read_config(AUDIO)
    assert video.leaves_open({})
    assert [video.leaves_open({"box": name}) for name in ("bird", "d", "dog")] == [True, True, False]
    assert [video.leaves_open({"stretch": name}) for name in ("bird", "d", "dog")] == [True, False, False]
    assert not read_config(template()).leaves_open({})  # "sounding object" and "sounding" are the only ones
    assert [read_config(PICTURE).leaves_open(named) for named in ({}, {"box": "dog"})] == [True, False]
    assert not read_config(QUERY).leaves_open({})  # boxes that carry no label
    times = '<TimelineLabels name="when" toName="clip"><Label value="a"/><Label value="b"/></TimelineLabels></View>'
    assert not read_config(QUERY.replace("</View>", times)).leaves_open({})


def test_each_kind_of_region_has_labels_of_its_own() -> None:
    project, wave, picture = (read_config(xml) for xml in (PROJECT, AUDIO, PICTURE))
    assert [[control.name for control in project.naming(kind)] for kind in KINDS] == [["what"], [], ["when"], []]
    assert [[control.name for control in wave.naming(kind)] for kind in KINDS] == [["what"], [], [], ["heard"]]
    assert [[control.name for control in picture.naming(kind)] for kind in KINDS] == [["box"], ["heat"], [], []]
    assert [picture.alone(kind) for kind in KINDS] == [set(), {"warm"}, set(), set()]
    assert project.neutral("box") == {"sounding object", "sounding", "obj"}
    assert project.neutral("segment") == {"sounding object", "sounding"}


def test_what_marks_regions_is_more_than_choices_and_lists() -> None:
    assert all(read_config(xml).marks_regions for xml in (PROJECT, AUDIO, PICTURE, QUERY))
    plain = '<Video name="v" value="$v"/><Choices name="c" toName="v"><Choice value="a"/></Choices>'
    assert not read_config(f"<View>{plain}</View>").marks_regions
    times = '<TimelineLabels name="t" toName="v"><Label value="a"/></TimelineLabels>'
    assert read_config(f"<View>{plain}{times}</View>").marks_regions


def test_a_tasks_second_file_is_the_pictures_sound_or_the_query() -> None:
    data = {"video": "/a.mp4", "image": "/a.png", "sound": "/a.wav", "query": "/q.wav"}
    configs = [read_config(xml) for xml in (PICTURE, QUERY, AUDIO)]
    assert [config.media_url(data) for config in configs] == ["/a.png", "/a.mp4", "/a.mp4"]
    assert [config.sound_url(data) for config in configs] == ["/a.wav", "/q.wav", None]
    assert [config.needs_sound for config in configs] == [True, True, False]
    with pytest.raises(ConfigError, match=r"no address in \$query, which the config's Audio tag shows"):
        configs[1].sound_url({"video": "/a.mp4"})


def test_a_ranker_knows_the_items_of_its_list_in_each_task() -> None:
    config = read_config(AUDIO)
    assert config.for_task({"alike": [{"id": "3"}, {"id": 4}, "5"]}).ranker.find("3") == "3"
    assert config.for_task({"alike": [{"id": "3"}, {"id": 4}, "5"]}).ranker.find("4") is None
    assert config.for_task({}).ranker.options == ()


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


@pytest.mark.parametrize("field", ["my video", "my-video"])
def test_a_field_that_label_studio_reads_otherwise_is_told(field: str) -> None:
    xml = f'<View><Video name="v" value="${field}"/><VideoRectangle name="b" toName="v"/></View>'
    with pytest.raises(ConfigError, match=rf'reads \${field} .* as the field "my" .* rename "{field}"'):
        read_config(xml).media_url({field: "/a.mp4"})
    with pytest.raises(ConfigError, match=rf"no address in \${field}"):
        read_config(xml).media_url({"video": "/a.mp4"})


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

from label_config import read_config, template
from tests.label_config.configs import AUDIO, PICTURE, PROJECT, QUERY

BARE = '<View><Video name="v" value="$v"/><VideoRectangle name="b" toName="v"/></View>'


def notes(xml: str) -> tuple[str, ...]:
    return read_config(xml).notes


def test_a_config_that_shows_everything_has_none() -> None:
    assert notes(template()) == notes(PROJECT) == notes(PICTURE) == ()


def test_labels_that_regions_would_carry_are_missed() -> None:
    assert notes(BARE) == (
        'No Labels of the video has the value "sounding object", so boxes carry no label.',
        'No TimelineLabels of the video has the value "sounding", so no segments are shown.',
    )
    assert [note for note in notes(AUDIO) if "only where labelled regions suggest one" in note]
    assert not [note for note in notes(AUDIO) if "segment" in note]  # the waveform shows them


def test_masks_that_wait_for_a_label_say_so() -> None:
    xml = (
        '<View><Image name="i" value="$i"/><Audio name="a" value="$a"/>'
        '<BrushLabels name="m" toName="i"><Label value="dog"/>{}</BrushLabels></View>'
    )
    waiting = (
        'No BrushLabels of the image has the value "sounding object", so a mask is shown only where labelled ones '
        "suggest its label."
    )
    assert waiting in notes(xml.format('<Label value="car"/>'))
    assert waiting not in notes(xml.format('<Label value="sounding object"/>'))
    assert waiting not in notes(xml.format(""))  # its only label is what anybody would choose


def test_a_sound_alone_is_marked_where_its_labels_know_how_to() -> None:
    xml = '<View><Audio name="a" value="$a"/><Labels name="l" toName="a"><Label value="x"/>{}</Labels></View>'
    assert notes(xml.format("")) == notes(xml.format('<Label value="sounding"/>')) == ()
    assert notes(xml.format('<Label value="y"/>')) == (
        'No Labels of the audio has the value "sounding", so a time segment is shown only where labelled ones suggest '
        "its label, and none in a file without a picture.",
    )


def test_two_controls_in_the_wrong_order_are_quoted_with_their_lines() -> None:
    lines = [
        "<View>",
        "<TimelineLabels",
        '  toName="v" name="when"><Label value="dog"/><Label value="cat"/></TimelineLabels>',
        '<Video name="v" value="$v"/> <VideoRectangle name="b" toName="v"/>',
        '<Labels name="what" toName="v"><Label value="cat"/><Label value="sounding object"/></Labels>',
        "</View>",
    ]
    [note, *_] = notes("\n".join(lines))
    assert 'TimelineLabels "when" stands above Labels "what" and both know "cat"' in note
    assert 'swap line 2, <TimelineLabels toName="v" name="when">, and line 5, <Labels name="what" toName="v">' in note
    assert not [note for note in notes("\n".join([lines[0], *lines[3:5], *lines[1:3], lines[5]])) if "swap" in note]
    assert not [note for note in notes("\n".join(lines).replace("cat", "pig", 1)) if "swap" in note]


def test_a_frame_rate_that_is_none_is_told() -> None:
    assert "counts 24" in notes(BARE.replace("/>", ' frameRate="fast"/>', 1))[-1]
    assert "counts 24" not in notes(BARE.replace("/>", ' frameRate="$fps"/>', 1))[-1]


def test_every_control_and_medium_that_is_not_used_is_named_with_its_reason() -> None:
    more = """
      <Number name="sure" toName="v"/> <Choices name="each" toName="v" perRegion="true"><Choice value="a"/></Choices>
      <TextArea name="first" toName="v"/> <TextArea name="second" toName="v"/>
      <Video name="w" value="$w"/> <VideoRectangle name="far" toName="w"/>
    </View>"""
    assert [note for note in notes(BARE.replace("</View>", more)) if "No " not in note] == [
        'Predictions are about Video "v", not about Video "w".',
        'Nothing is written to Number "sure": Earmark has nothing to predict for such a control.',
        'Nothing is written to Choices "each": it is not about the whole clip.',
        'Nothing is written to TextArea "second": TextArea "first" takes it.',
        'Nothing is written to VideoRectangle "far": VideoRectangle "b" takes it.',
    ]
    asked = QUERY.replace("</View>", '<Labels name="l" toName="wanted"><Label value="a"/></Labels></View>')
    assert "the sound that is looked for" in notes(asked)[-1]
    sorted_by_hand = AUDIO.replace('toName="alike"/>', 'toName="alike"><Bucket name="same"/></Ranker>')
    assert 'Nothing is written to Ranker "order": its buckets are for people to fill.' in notes(sorted_by_hand)
    undrawn = '<View><Video name="v" value="$v"/><Labels name="l" toName="v"/><TextArea name="t" toName="v"/></View>'
    assert "no control draws the boxes" in notes(undrawn)[-1]


def test_every_note_is_one_sentence() -> None:
    for xml in (BARE, AUDIO, QUERY, BARE.replace("</View>", '<Rating name="r" toName="v"/></View>')):
        assert all(note.endswith(".") and "\n" not in note for note in notes(xml))

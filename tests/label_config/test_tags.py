from label_config.tags import read_tags


def test_tags_know_where_they_begin_and_how_they_read() -> None:
    tags = read_tags(
        '<View>\n  <!-- one -->\n  <Labels\n    Name="a &amp; b" toName=\'v\'>\n<Label value="x"/></Labels></View>'
    )
    assert [(tag.kind, tag.line) for tag in tags] == [("view", 1), ("labels", 3), ("label", 5)]
    assert (tags[1]["name"], tags[1]["toname"], tags[1]["absent"]) == ("a & b", "v", "")
    assert tags[1].opening == '<Labels Name="a &amp; b" toName="v">'

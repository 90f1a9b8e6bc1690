from label_config import Similar, ranking_item, read_config, similar_item
from tests.label_config.configs import AUDIO, QUERY

CONFIG = read_config(AUDIO)
CLIPS = [Similar(7, 0.991, True, "http://ls/tasks/7"), Similar(3, 0.8, False, 'http://ls/?a="3"&b')]


def test_similar_clips_are_listed_in_the_text_area_that_says_so() -> None:
    item = similar_item(CONFIG, CLIPS)
    assert (item["from_name"], item["to_name"], item["type"]) == ("similar_clips", "wave", "textarea")
    first, second = item["value"]["text"]
    assert first == "task 7, nearly the same clip (0.99): http://ls/tasks/7"
    assert "nearly" not in second
    assert similar_item(CONFIG, []) is None
    assert similar_item(read_config(QUERY), CLIPS) is None


def test_a_list_is_ranked_by_likeness_and_keeps_what_is_not_alike() -> None:
    listed = CONFIG.for_task({"alike": [{"id": "1"}, {"id": "3"}, {"id": "7"}]})
    item = ranking_item(listed, CLIPS)
    assert (item["from_name"], item["to_name"], item["type"]) == ("order", "alike", "ranker")
    assert item["value"] == {"ranker": {"rank": ["7", "3", "1"]}}
    assert ranking_item(listed, [Similar(9, 0.9, False, "")]) is None  # nothing of it is in the list
    assert ranking_item(CONFIG, CLIPS) is None


def test_an_entry_of_a_list_holds_no_html_of_others() -> None:
    assert CLIPS[1].entry["id"] == "3"
    assert 'href="http://ls/?a=&quot;3&quot;&amp;b"' in CLIPS[1].entry["html"]

"""Topic patterns with named parts."""

import pytest

from live_bindings.topics import TopicPatternError, compile_pattern, covers, minimal_filters


def test_a_named_part_takes_one_level_and_the_rest_takes_many() -> None:
    one = compile_pattern("a/{x}/c")
    assert (one.mqtt_filter, one.match("a/b/c"), one.match("a/b/b/c"), one.match("a//c")) == (
        "a/+/c", {"x": "b"}, None, None,
    )  # fmt: skip
    rest = compile_pattern("a/{x#}")
    assert (rest.mqtt_filter, rest.match("a/tower-1/f1/lamp"), rest.match("a")) == (
        "a/#", {"x": "tower-1/f1/lamp"}, None,
    )  # fmt: skip


def test_a_part_may_stand_within_a_level() -> None:
    pattern = compile_pattern("m/meter-{device}.raw")
    assert (pattern.mqtt_filter, pattern.match("m/meter-7.raw")) == ("m/+", {"device": "7"})


def test_dots_and_brackets_of_a_topic_are_themselves() -> None:
    assert compile_pattern("a.b/{x}").match("aXb/1") is None


@pytest.mark.parametrize("wrong", ["a/+/b", "a/#", "a/{x#}/b", "{x}/{x}", "a/{x", "a/{}/b", "a/x}", "a/{x y}", "a\0/b"])
def test_a_pattern_that_cannot_be_meant_is_refused(wrong: str) -> None:
    with pytest.raises(TopicPatternError):
        compile_pattern(wrong)


def test_filters_that_another_covers_are_left_out() -> None:
    assert minimal_filters(["s/+/batch", "s/#", "other/+/x", "other/a/x"]) == ("other/+/x", "s/#")
    assert covers("s/#", "s")
    assert not covers("s/+", "s/#")

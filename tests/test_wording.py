"""Numbers, lists and names in words, at the values where one form becomes another."""

from pathlib import Path

import pytest

from tfstab.degradations import get_degradation
from tfstab.names import shortened, shortened_front
from tfstab.wording import after_number, counted, distinct_names, listed, of_parameter, percent, roughly, spoken


def test_stops_follow_their_number_and_other_parameters_stand_before_theirs():
    stops, density = get_degradation("underexposure"), get_degradation("fog")
    assert [stops.at(amount) for amount in ("1", "0.5", "1 to 4")] == ["1 stop", "0.5 stops", "1 to 4 stops"]
    assert density.at("20 to 40") == "density 20 to 40 %"
    assert of_parameter("stops", 1.0) == "1 stop" and of_parameter("radius", 1.0) == "radius 1"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 s"), (89.4, "89 s"), (89.6, "2 min"), (89.6 * 60, "1 h 30 min"), (5_369, "89 min"),
        (5_390, "1 h 30 min"), (7_320, "2 h 2 min"),
    ],
)  # fmt: skip
def test_a_time_is_in_seconds_up_to_89_and_in_minutes_up_to_89(seconds, said):
    assert spoken(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (9.4, "9 s"), (10.6, "10 s"), (14, "10 s"), (16, "20 s"), (89, "2 min"), (90, "2 min"), (149, "2 min"),
        (151, "3 min"), (5_399, "1 h 30 min"), (5_400, "1 h 30 min"), (5_750, "1 h 40 min"), (35_999, "10 h 0 min"),
        (36_000, "10 h"), (37_900, "11 h"),
    ],
)  # fmt: skip
def test_an_estimate_is_rounded_to_steps_that_grow(seconds, said):
    assert roughly(seconds) == said


def test_the_last_word_of_a_list_counts_those_left_out():
    four, five = ["a", "b", "c", "d"], ["a", "b", "c", "d", "e"]
    assert listed(four) == "a, b, c and d" and listed(four, "or") == "a, b, c or d"
    assert listed(five) == listed(five, "or") == "a, b, c and 2 others"
    assert listed(["a", "b"]) == "a and b" and listed(["a"]) == "a"


def test_shares_nouns_and_units():
    assert (percent(0.126), percent(-0.126, 1)) == ("13 %", "−12.6 %")
    assert (counted(0), counted(2, "class", "classes")) == ("0 images", "2 classes")
    assert (after_number("part of it"), after_number("of it")) == ("part of it", "times it")


def test_runs_are_told_apart_by_as_little_of_their_paths_as_it_takes():
    deep = [Path("/a/x/fog"), Path("/b/x/fog"), Path("/b/x/blur")]
    assert distinct_names(deep) == ["a/x/fog", "b/x/fog", "b/x/blur"]
    assert distinct_names(deep[1:]) == ["fog", "blur"]
    assert distinct_names(deep[1:], ["lenet", ""]) == ["fog", "blur"]
    assert distinct_names([Path("/fog"), Path("/a/fog")]) == ["/fog", "a/fog"]
    assert distinct_names([Path("/fog"), *deep[:2]]) == ["/fog", "a/x/fog", "b/x/fog"]
    assert distinct_names([Path("/a/fog")] * 2) == ["fog", "fog"] and distinct_names([]) == []


def test_a_name_of_just_the_longest_length_is_whole():
    assert (shortened("abcd", 4), shortened("abcde", 4)) == ("abcd", "abc…")
    assert (shortened_front("abcd", 4), shortened_front("abcde", 4)) == ("abcd", "…cde")

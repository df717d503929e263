"""What a person types becomes numbers, or one sentence about what was typed and what was expected."""

import re

import pytest

from tfstab.errors import InputError
from tfstab.parsing import parse_numbers, parse_ranges


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", (5.0,)),
        ("1,2,4", (1.0, 2.0, 4.0)),
        ("4,1,4", (4.0, 1.0, 4.0)),
        (" 1 ,\t2.5, -3 ", (1.0, 2.5, -3.0)),
        ("0.1,1e2,+7", (0.1, 100.0, 7.0)),
    ],
)
def test_numbers_come_back_as_floats_in_the_order_typed(text, numbers):
    parsed = parse_numbers(text, "--sigmas")
    assert parsed == numbers
    assert all(type(number) is float for number in parsed)


@pytest.mark.parametrize("text", ["", " ", ",", "1,", ",1", "1,,2", "1;2", "1 2", "1,two", "0x10", "1..2"])
def test_what_is_not_a_list_of_numbers_is_named_with_the_option(text):
    sentence = f"--sigmas is '{text}'; expected numbers separated by commas, such as 1,2,4."
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        parse_numbers(text, "--sigmas")


def test_the_sentence_replaces_pythons_own_error():
    with pytest.raises(InputError) as caught:
        parse_numbers("one", "severities")
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", " ", " , ,"])
def test_no_degradation_at_all_is_no_choice(text):
    with pytest.raises(InputError, match=f"^--against is '{text}'; expected names of degradations, such as fog,"):
        parse_ranges(text, "--against")
    assert parse_ranges("fog, jpeg@90:10", "--against") == {"fog": None, "jpeg": (90, 10)}

"""File names that can be shown: what is made of any name, and which code points an array may not hold."""

import numpy as np
import pytest

from tfstab.datasets.dataset import stratified_order
from tfstab.datasets.file_names import file_names, problem_of_names
from tfstab.errors import InputError

NOT_PRINTABLE = "a name holds what is no printable text"


def of_codes(*rows):
    """An array of names with these code points, some of which no str could hold."""
    return np.array(rows, np.uint32).view(f"U{len(rows[0])}").reshape(-1)


@pytest.mark.parametrize("code", [0x20, 0x7E, 0xA0, 0xD7FF, 0xE000, 0x10FFFF])
def test_a_code_that_can_be_shown(code):
    assert problem_of_names(of_codes([0x61, code], [0x62, 0]), 2) is None


@pytest.mark.parametrize("code", [0x01, 0x1F, 0x7F, 0x9F, 0xD800, 0xDFFF, 0x110000])
def test_a_code_that_is_no_text(code):
    assert problem_of_names(of_codes([0x61, code], [0x62, 0x63]), 2) == NOT_PRINTABLE


def test_zeros_stand_only_at_the_end_and_names_are_not_too_long():
    assert problem_of_names(of_codes([0x61, 0, 0x62]), 1) == NOT_PRINTABLE
    assert problem_of_names(of_codes([0x61, 0, 0], [0, 0, 0]), 2) is None
    assert problem_of_names(np.array(["a"]), 2) == "it holds 1 names for 2 images"
    assert problem_of_names(np.array(["a" * 300]), 1) is None
    assert problem_of_names(np.array(["a" * 301]), 1) == "a name has 301 characters; expected at most 300"


def test_any_name_becomes_one_that_can_be_shown():
    made = file_names(["cat/1.png", "a\nb", "\udcff.png", "x" * 290 + "/0123456789"])
    assert made[0] == "cat/1.png" and len(made[3]) == 300 and made[3].endswith("x/0123456789")
    assert problem_of_names(made, 4) is None


@pytest.mark.parametrize(("classes", "in_order"), [(50, True), (51, False)])
def test_many_classes_take_turns_at_random(classes, in_order):
    order = stratified_order(np.repeat(np.arange(classes), 2), 3)
    first = (order[:classes] // 2).tolist()
    assert (first == list(range(classes))) == in_order and sorted(first) == list(range(classes))
    assert (order[classes:] // 2).tolist() == first and len(set(order.tolist())) == 2 * classes


def test_seeds_of_a_sample():
    for seed in (0, (1 << 128) - 1):
        assert sorted(stratified_order(np.zeros(3, int), seed).tolist()) == [0, 1, 2]
    for seed in (-1, 1 << 128):
        with pytest.raises(InputError, match="expected a whole number from 0"):
            stratified_order(np.zeros(3, int), seed)

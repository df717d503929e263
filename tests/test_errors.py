"""Sentences of errors stay short enough to be read, whatever is in them."""

import pickle
import time

import pytest

from tfstab.errors import DataError, InputError, ModelError, RunError, TfstabError, unknown_name


@pytest.mark.parametrize("kind", [TfstabError, InputError, DataError, ModelError, RunError])
def test_a_long_value_is_cut_and_start_and_end_stay(kind):
    error = kind(f"{'n' * 5_000_000} is not a file: give another name.")
    assert len(str(error)) <= 1000
    assert str(error).startswith("nnn") and str(error).endswith("is not a file: give another name.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(kind("short")) == "short"


def test_an_unknown_name_among_very_many_or_very_long_ones():
    start = time.process_time()
    known = [f"class {k}" for k in range(200_000)]
    assert len(str(unknown_name("class", "clas 3", known))) <= 1000
    assert len(str(unknown_name("class", "x" * 10_000_000, ["x" * 10_000_000, *known]))) <= 1000
    assert time.process_time() - start < 5
    assert "did you mean 'class 31'?" in str(unknown_name("class", "clas 31", known[:100]))


def test_names_as_long_as_a_sentence_are_compared_and_longer_ones_are_not():
    """A suggestion ends with a question mark, a list of what is known with a full stop."""
    for length, end in ((1000, "?"), (1001, ".")):
        assert str(unknown_name("class", "x" * 900, ["x" * (length - 1) + "y"])).endswith(end)
        assert str(unknown_name("class", "x" * length, ["x" * 900])).endswith(end)


def test_a_name_is_suggested_if_half_of_its_letters_agree():
    assert str(unknown_name("class", "abcd", ["abxy"])) == "unknown class 'abcd': did you mean 'abxy'?"
    assert str(unknown_name("class", "abcde", ["abxyz"])) == "unknown class 'abcde': known: abxyz."


def test_a_sentence_is_one_line_that_can_be_printed():
    said = str(RunError("part is damaged (invalid data\nDeserializing page header failed.\r\n): resume \udcff it."))
    assert said == "part is damaged (invalid data Deserializing page header failed. ): resume \\udcff it."
    assert said.encode() and TfstabError(3, "a\u2028b").args == (3, "a b")

"""Sentences of errors stay short enough to be read, whatever is in them."""

import errno
import pickle
import time

import pytest

from tfstab.errors import (
    DataError,
    DiskError,
    InputError,
    ModelError,
    RunError,
    TfstabError,
    disk_error,
    on_disk,
    unknown_name,
)


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


def test_an_error_of_the_disk_says_what_the_system_says_and_keeps_its_number(tmp_path):
    missing = FileNotFoundError(errno.ENOENT, "not here")
    gone, here = disk_error(missing, tmp_path / "gone" / "a"), disk_error(missing, tmp_path / "a")
    assert "a cannot be written, its folder does not exist (No such file or directory): run it again, or" in str(gone)
    assert str(here).endswith("a cannot be used (No such file or directory): choose another path.")
    assert (gone.errno, gone.strerror) == (errno.ENOENT, "not here")
    assert DiskError("a").errno is None
    full = disk_error(OSError(errno.ENOSPC, "a library's own words"), "a")
    assert str(full).startswith("a cannot be written, the disk is full (No space left on device): ")
    refused = str(disk_error(PermissionError(errno.EPERM, ""), "a"))
    assert (
        refused
        == "a cannot be read or written (Operation not permitted): change its permissions, or choose another path."
    )
    assert str(disk_error(OSError("no number"), "a")) == "a cannot be used (no number): choose another path."


def test_an_error_of_the_disk_is_explained_once():
    with pytest.raises(DiskError, match=r"^inner cannot") as told, on_disk("outer"), on_disk("inner"):
        raise OSError(errno.EIO, "")
    assert told.value.__cause__.errno == errno.EIO


def test_three_letters_suggest_the_names_with_them():
    known = ["fog", "fogged", "blurred"]
    assert str(unknown_name("kind", "FOG", known)).endswith("did you mean 'fog' or 'fogged'?")
    assert str(unknown_name("kind", "rr", known)).endswith("known: fog, fogged, blurred.")
    assert str(unknown_name("kind", "blur", ["blur" + "x" * 9])).endswith("did you mean 'blurxxxxxxxxx'?")


def test_a_sentence_of_just_the_longest_length_is_whole():
    assert str(InputError("n" * 1000)) == "n" * 1000
    cut = str(InputError("n" * 500 + "m" * 501))
    assert cut == "n" * 500 + "m" * 247 + " … " + "m" * 250

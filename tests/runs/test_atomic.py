"""Folders are whole or not there."""

import pytest

from tfstab.runs.atomic import write_folder


def test_a_folder_is_whole_or_not_there_and_what_a_kill_left_is_no_part_of_it(tmp_path):
    with pytest.raises(TypeError):
        write_folder(tmp_path / "member", {"a": b"1", "b": None})
    assert not (tmp_path / "member").exists() and (tmp_path / ".member" / "a").exists()
    write_folder(tmp_path / "member", {"c": b"3", "d": b""})
    assert {path.name: path.read_bytes() for path in (tmp_path / "member").iterdir()} == {"c": b"3", "d": b""}
    assert not (tmp_path / ".member").exists()

"""Files and folders are whole or not there, and nothing but this program's own temporary files is removed."""

import os

import pytest

from tfstab.runs.atomic import remove_temporaries, write_folder, write_text


def test_a_folder_is_whole_or_not_there_and_what_a_kill_left_is_no_part_of_it(tmp_path):
    with pytest.raises(TypeError):
        write_folder(tmp_path / "in" / "member", {"a": b"1", "b": None})
    assert not list((tmp_path / "in").iterdir())
    for name in (".member", ".member.17.tmp", ".other.17.tmp", ".member.tmp", "member.17.tmp"):
        (tmp_path / "in" / name).mkdir()
        (tmp_path / "in" / name / "a").write_bytes(b"1")
    write_folder(tmp_path / "in" / "member", {"c": b"3", "d": b""})
    assert {path.name: path.read_bytes() for path in (tmp_path / "in" / "member").iterdir()} == {"c": b"3", "d": b""}
    kept = {".member", ".other.17.tmp", ".member.tmp", "member.17.tmp", "member"}
    assert {path.name for path in (tmp_path / "in").iterdir()} == kept


def test_only_temporary_files_of_the_callers_own_names_are_removed(tmp_path):
    own = {".run.json.17.tmp", ".run.json.18.tmp.keras"}
    others = {
        ".run.json",
        ".run.json.tmp",
        ".run.json.17.tmp.bak.old",
        ".notes.tmp",
        ".notes.17.tmp",
        "run.json.17.tmp",
    }
    for name in own | others:
        (tmp_path / name).write_text("")
    (tmp_path / ".run.json.19.tmp").mkdir()
    remove_temporaries(tmp_path, {"run.json"}.__contains__)
    assert {path.name for path in tmp_path.iterdir()} == others | {".run.json.19.tmp"}


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX'")
def test_a_link_in_place_of_the_temporary_file_is_not_written_through(tmp_path):
    (tmp_path / "outside").write_text("precious")
    (tmp_path / f".a.txt.{os.getpid()}.tmp").symlink_to(tmp_path / "outside")
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "outside").read_text() == "precious" and (tmp_path / "a.txt").read_text() == "new"
    assert not (tmp_path / "a.txt").is_symlink()

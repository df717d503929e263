"""Files and folders are whole or not there, and nothing but this program's own temporary files is removed."""

import errno
import os
import stat

import pytest

from tfstab.errors import DiskError
from tfstab.runs.atomic import make_folder, remove_temporaries, write_atomically, write_folder, write_text


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
    (tmp_path / ".run.json.20.tmp").touch()

    def gone_meanwhile(name):
        (tmp_path / ".run.json.20.tmp").unlink(missing_ok=True)
        return True

    remove_temporaries(tmp_path, gone_meanwhile)  # another process does the same


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX'")
def test_a_link_in_place_of_the_temporary_file_is_not_written_through(tmp_path):
    (tmp_path / "outside").write_text("precious")
    (tmp_path / f".a.txt.{os.getpid()}.tmp").symlink_to(tmp_path / "outside")
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "outside").read_text() == "precious" and (tmp_path / "a.txt").read_text() == "new"
    assert not (tmp_path / "a.txt").is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has folders that can be synced")
def test_a_file_is_written_then_synced_then_named_and_then_its_folder_is_synced(tmp_path, monkeypatch):
    order, fsync, replace = [], os.fsync, os.replace

    def watched_fsync(descriptor):
        status = os.fstat(descriptor)
        order.append("sync folder" if stat.S_ISDIR(status.st_mode) else f"sync {status.st_size} bytes")
        fsync(descriptor)

    def watched_replace(old, new):
        order.append("replace")
        replace(old, new)

    def write(path):
        order.append("write")
        path.write_bytes(b"whole")

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    monkeypatch.setattr(os, "rename", watched_replace)
    write_atomically(tmp_path / "file", write)
    assert order == ["write", "sync 5 bytes", "replace", "sync folder"]
    assert (tmp_path / "file").read_bytes() == b"whole"
    order.clear()
    write_folder(tmp_path / "folder", {"a": b"1", "b": b"many"})
    assert order == ["sync 1 bytes", "sync 4 bytes", "sync folder", "replace", "sync folder"]


def test_what_a_kill_has_left_of_a_file_is_removed_when_it_is_written_again(tmp_path):
    for name in (".page.html.17.tmp", ".page.html.18.tmp.html", ".other.html.17.tmp"):
        (tmp_path / name).write_text("half")
    write_text(tmp_path / "page.html", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", ".other.html.17.tmp"}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "cannot be written, the disk is full (No space left on device): free some space, then"),
        (errno.EDQUOT, "cannot be written, your disk quota is used up (Disk quota exceeded): free some space, then"),
        (errno.EIO, "cannot be read or written, the disk has failed (Input/output error): check the disk, then run it"),
        (errno.EROFS, "cannot be written (Read-only file system): choose another folder with --out (in Python out=)."),
        (
            errno.EACCES,
            "cannot be read or written (Permission denied): change its permissions, or choose another path.",
        ),
        (errno.ENAMETOOLONG, "cannot be used (File name too long): choose another path."),
    ],
)  # fmt: skip
@pytest.mark.skipif(os.name != "posix", reason="the system's own words are those of POSIX")
def test_an_error_of_the_disk_is_one_sentence_that_names_the_file_and_what_to_do(tmp_path, number, said):
    def fail(path):
        raise OSError(number, "Error writing bytes to file. Detail: as PyArrow has it, without a file name")

    with pytest.raises(DiskError) as told:
        write_atomically(tmp_path / "file", fail)
    assert str(told.value).startswith(f"{tmp_path / 'file'} {said}")
    assert isinstance(told.value, OSError) and told.value.errno == number
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_removed_is_said(tmp_path):
    folder = tmp_path / "a" / "b"
    assert make_folder(folder) and not make_folder(folder)
    with pytest.raises(DiskError, match=r"b/file cannot be written, its folder does not exist \(No such file"):
        write_atomically(folder / "file", lambda path: (folder.rmdir(), path.write_text("")))

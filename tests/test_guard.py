"""The guard that keeps opened files from acting: every planted offender is caught, also where its error is handled."""

import contextlib
import ctypes
import marshal
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

from guard import OWN_CHILDREN, Forbidden, nothing_outside


@pytest.fixture
def outside(tmp_path):
    """A folder of somebody's, with a file and an output folder beside it that has a link to the file."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(folder / "precious")
    return folder


class Pickled:
    def __reduce__(self):
        return os.getpid, ()


PICKLE, CODE = pickle.dumps(Pickled()), marshal.dumps(compile("1", "x", "eval"))
OFFENDERS = {
    "writes a new file": lambda at: (at / "new").write_text("x"),
    "writes over a file": lambda at: (at / "precious").write_text("x"),
    "adds to a file": lambda at: (at / "precious").open("a"),
    "opens it for reading and writing": lambda at: os.open(at / "precious", os.O_RDWR),
    "writes through a link": lambda at: (at.parent / "out" / "link").write_text("x"),
    "writes by a path out of the output": lambda at: (at.parent / "out" / ".." / "outside" / "new").write_text("x"),
    "truncates": lambda at: os.truncate(at / "precious", 0),
    "removes a file": lambda at: (at / "precious").unlink(),
    "removes a folder": shutil.rmtree,
    "removes by a folder's descriptor": lambda at: os.unlink("precious", dir_fd=os.open(at, os.O_RDONLY)),
    "makes a folder": lambda at: (at / "new").mkdir(),
    "moves a file away": lambda at: (at / "precious").rename(at.parent / "out" / "mine"),
    "moves a file there": lambda at: (at.parent / "out" / "link").replace(at / "precious"),
    "makes a link": lambda at: (at / "new").symlink_to("precious"),
    "makes a hard link": lambda at: os.link(at / "precious", at / "new"),
    "changes rights": lambda at: (at / "precious").chmod(0o777),
    "changes times": lambda at: os.utime(at / "precious"),
    "starts a program": lambda at: subprocess.run(["true"], check=True),
    "starts a shell": lambda at: os.system("true"),
    "starts Python": lambda at: subprocess.run([sys.executable, "-c", "1"], check=True),
    "starts another Python": lambda at: subprocess.run(["python", "-P", "-m", *OWN_CHILDREN], check=True),
    "starts Python with tfstab's own as an argument": lambda at: subprocess.run(
        [sys.executable, "-c", "1", *OWN_CHILDREN], check=True
    ),
    "forks": lambda at: os.fork() or os._exit(0),
    "spawns": lambda at: os.posix_spawn("/bin/true", ["true"], {}),
    "replaces itself": lambda at: os.execv("/bin/true", ["true"]),
    "connects": lambda at: socket.create_connection(("127.0.0.1", 9)),
    "asks for a name's address": lambda at: socket.getaddrinfo("localhost", 80),
    "asks a server": lambda at: urllib.request.urlopen("http://localhost:9"),
    "loads a library": lambda at: ctypes.CDLL(str(at / "precious")),
    "unpickles a function": lambda at: pickle.loads(PICKLE),
    "unpacks code": lambda at: marshal.loads(CODE),
    "leaves a temporary file": lambda at: tempfile.mkstemp(),
}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="the offenders are POSIX'")
@pytest.mark.parametrize("offence", OFFENDERS)
def test_every_offender_is_caught_before_it_acts(offence, outside):
    with pytest.raises((Forbidden, AssertionError)), nothing_outside(outside.parent / "out"):
        OFFENDERS[offence](outside)
    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert (outside / "precious").read_text() == "precious"


def test_an_offence_whose_error_was_handled_is_told_at_the_end(outside):
    def handled():
        with contextlib.suppress(BaseException):
            (outside / "precious").unlink()

    with pytest.raises(AssertionError, match=r"os\.remove: changes .*precious"), nothing_outside():
        handled()


def test_reading_and_writing_where_it_is_allowed(outside):
    with nothing_outside(outside.parent / "out"):
        assert (outside.parent / "out" / "link").read_text() == "precious"
        (outside.parent / "out" / "new").write_text("x")
        (outside.parent / "out" / "new").replace(outside.parent / "out" / "other")
        shutil.rmtree(outside.parent / "out")  # the link, not what it leads to
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "x").write_text("x")
        Path(os.devnull).write_text("x")
    assert (outside / "precious").read_text() == "precious"
    (outside / "precious").unlink()  # the guard is gone

"""What happens to run folders: they are damaged, the clock moves, the disk fills up or is read-only, two write at once.

The run that is resumed ends as the undisturbed one, or there is one sentence that says why not.
"""

import errno
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import classifier, dataset, sweep

from processes import content, refused, tfstab_here
from tfstab import SearchConfig, SweepConfig, open_run, run_search, run_sweep
from tfstab.errors import DiskError, RunError, TfstabError
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.analyses import analyses

KINDS = ("sweep", "search", "explanation")


@pytest.fixture(scope="module")
def write():
    """Makes, or resumes, a small run of a kind in a folder."""

    def write(kind, folder, on_part=None):
        if kind == "sweep":
            config = SweepConfig(sigmas=(5, 40), copies=3)
            return run_sweep(classifier(), dataset(3), config, folder, on_part)
        if kind == "explanation":
            few = ExplanationConfig(copies=3, max_queries=100)
            return run_explanation(classifier(), dataset(3), few, folder, on_progress=on_part)
        return run_search(classifier(), dataset(3), SearchConfig(max_queries=300), folder, on_result=on_part)

    return write


@pytest.fixture(scope="module")
def whole(write, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    for kind in KINDS:
        write(kind, folder / kind)
    return folder


def read_all(run):
    """Read all parts of a run."""
    if run.kind == "explanation":
        return [run.arrays(name) for name in analyses() if run.has(name)]
    return list(run) if run.kind == "search" else run.measures.accuracy


HARM = {
    "empty": lambda b: b"", "half": lambda b: b[: len(b) // 2], "without its end": lambda b: b[:-1],
    "with more": lambda b: b + b"\0", "first bit": lambda b: flipped(b, 0),
    "a bit of a third": lambda b: flipped(b, len(b) // 3), "last bit": lambda b: flipped(b, len(b) - 1),
}  # fmt: skip


def arrays(npz: bytes) -> dict[str, bytes]:
    with np.load(io.BytesIO(npz)) as archive:
        return {name: archive[name].tobytes() for name in archive.files}


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("harm", HARM)
def test_damage_to_any_file_is_mended_or_said(kind, harm, whole, write, tmp_path):
    undisturbed = content(whole / kind)
    for name in (*undisturbed, "log.jsonl"):
        run = shutil.copytree(whole / kind, tmp_path / "run")
        (run / name).write_bytes(HARM[harm]((run / name).read_bytes()))
        try:
            opened = open_run(run)
            read_all(opened)
            read = True
        except TfstabError as error:
            assert "\n" not in str(error)
            read = False
        assert read or name != "log.jsonl"
        assert not read or not name.startswith("parts"), f"{harm} {name} was read"
        try:
            write(kind, run)
            same = content(run)
            same["run.json"] = same["run.json"] if name != "run.json" else undisturbed["run.json"]
            # Behind the end of an archive a byte means nothing, so nobody misses or mends it.
            assert arrays(same.pop("clean.npz")) == arrays((whole / kind / "clean.npz").read_bytes())
            assert same == {path: data for path, data in undisturbed.items() if path != "clean.npz"}
        except RunError as error:
            assert name == "run.json" and "\n" not in str(error)
        shutil.rmtree(run)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clock_that_goes_backwards_changes_nothing(kind, whole, write, tmp_path, monkeypatch):
    run = shutil.copytree(whole / kind, tmp_path / "run")
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    (run / "log.jsonl").write_text("".join(json.dumps(line | {"time": line["time"] + 1e9}) + "\n" for line in log))
    min((run / "parts").iterdir()).unlink()
    for path in run.rglob("*"):
        os.utime(path, (4e9, 4e9))  # in the year 2096
    monkeypatch.setattr(time, "time", lambda: 1e9)
    write(kind, run)
    assert content(run) == content(whole / kind)
    if kind == "search":
        assert all(result.seconds >= 0 for result in open_run(run))


@pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped and killed by POSIX' signals")
def test_two_processes_on_one_run_and_the_lock_of_a_dead_one(tmp_path):
    run, config, many = tmp_path / "run", SweepConfig(copies=200), dataset(60)
    code = "import sys, numpy_runs as n; n.sweep(sys.argv[1], n.SweepConfig(copies=200), n.dataset(60))"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen([sys.executable, "-c", code, str(run)], env=environment)
    deadline = time.monotonic() + 200
    while not list(tmp_path.glob("run/parts/[a-z]*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)  # so that it does not end before another comes
    assert process.poll() is None
    with pytest.raises(RunError, match="being written by another process"):
        sweep(run, config, many)
    process.kill()
    process.wait()
    assert not open_run(run).complete
    assert sweep(run, config, many).complete


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_only_disk_is_read_and_not_written(kind, whole, write, small_disk):
    run = shutil.copytree(whole / kind, small_disk / "run")
    min((run / "parts").iterdir()).unlink()
    there = content(run)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert tfstab_here("inspect", run).returncode == 0
    with pytest.raises(DiskError, match="Read-only"):
        write(kind, run)
    out = ["report", run, "--out", small_disk / "out"]
    assert "cannot be written" in refused(tfstab_here(*out))
    assert content(run) == there


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_folder_that_is_removed_in_mid_run_is_said_and_a_new_run_is_the_same(kind, whole, write, tmp_path):
    run = tmp_path / "run"
    with pytest.raises(DiskError, match=r"its folder does not exist .*: run it again, or"):
        write(kind, run, lambda _: shutil.rmtree(run, ignore_errors=True))
    write(kind, run)
    assert content(run) == content(whole / kind)


def test_a_run_on_a_disk_that_fails_while_it_is_read_is_said(whole, monkeypatch):
    part = min((whole / "sweep" / "parts").iterdir())
    opened, real = open_run(whole / "sweep"), io.open

    failing = part, whole / "sweep" / "run.json"

    def fail(file, *arguments, **settings):
        for path in failing:
            if os.path.samestat(os.fstat(file) if isinstance(file, int) else Path(file).stat(), path.stat()):
                raise OSError(errno.EIO, "Input/output error", str(path))
        return real(file, *arguments, **settings)

    monkeypatch.setattr(io, "open", fail)
    for read, name in ((lambda: open_run(whole / "sweep"), "run.json"), (lambda: opened.measures, part.name)):
        with pytest.raises(DiskError, match=rf"{re.escape(name)} cannot be read or written, the disk has failed"):
            read()


@pytest.mark.parametrize("torn", [b"", b"{", b'{"time": 1.5, "event": "part", "part": "class-0'])
def test_a_torn_last_line_of_the_log_stays_alone(torn, whole, write, tmp_path):
    run = shutil.copytree(whole / "sweep", tmp_path / "run")
    log = (run / "log.jsonl").read_bytes() + torn
    (run / "log.jsonl").write_bytes(log)
    write("sweep", run)
    added = (run / "log.jsonl").read_bytes().removeprefix(log)
    assert added.startswith(b"\n") == bool(torn)
    assert [json.loads(line)["event"] for line in added.splitlines() if line] == ["opened", "finished"]


@pytest.mark.parametrize("command", ["evaluate", "sweep", "search", "report"])
def test_a_command_on_a_full_disk_ends_with_one_sentence(command, whole, small_disk):
    (small_disk / "run").mkdir()
    stat = os.statvfs(small_disk)
    (small_disk / "filler").write_bytes(bytes(stat.f_bavail * stat.f_frsize))
    what = [whole / "sweep"] if command == "report" else ["--limit", 3]
    said = refused(tfstab_here(command, *what, "--out", small_disk / "run"))
    assert str(small_disk) in said and "free some space" in said


def test_a_search_on_a_disk_that_fills_up_goes_on_when_there_is_room(whole, write, small_disk):
    run, filler = small_disk / "run", small_disk / "filler"

    def fill(_):
        if not filler.exists():
            stat = os.statvfs(small_disk)
            filler.write_bytes(bytes(stat.f_bavail * stat.f_frsize))

    with pytest.raises(DiskError, match=r"the disk is full \(No space left on device\): free some space"):
        write("search", run, fill)
    assert 0 < open_run(run).progress[0] < 3 and not list(run.glob("parts/.*"))
    filler.unlink()
    write("search", run)
    assert content(run) == content(whole / "search")

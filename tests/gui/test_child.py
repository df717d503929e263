"""The window's end of the child process, with a small script as the child."""

import sys
from types import SimpleNamespace

import pytest

from tfstab.gui.jobs import process as processes
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.process import WorkerProcess
from tfstab.gui.jobs.protocol import Control, RunOrder, Stage

SCRIPT = """#!{python} -IS
import json, os, sys, time
out = sys.stdout.buffer
def stage(text):
    return json.dumps({{"is": "Stage", "job": 1, "text": text}}).encode() + b"\\n"
def say(data):
    out.write(data)
    out.flush()
say(stage(" ".join(sys.argv[1:])))
for line in sys.stdin.buffer:
    order = json.loads(line)
    action = order.get("action", order["is"])
    if action == "junk":
        say(b"z" * 9_000 + b"\\nEpoch \\xff 1\\n")
        sys.stderr.write("a warning\\n")
        sys.stderr.flush()
    elif action == "two":
        say(stage("first") + stage("second"))
    elif action == "halves":
        whole = stage("in halves")
        say(whole[:9])
        say(b"")
        time.sleep(0.05)
        say(whole[9:])
    elif action == "leave":
        sys.stderr.write("the last words")
        sys.exit(3)
    elif action == "crash":
        os.kill(os.getpid(), 9)
    elif action == "stay":
        time.sleep(60)
    elif action == "Quit":
        open({folder!r} + "/quit", "w").close()
open({folder!r} + "/end", "w").close()
"""


@pytest.fixture
def child(qapp, tmp_path, monkeypatch):
    """A process whose interpreter is the script; the attributes heard and ended list what it emits."""
    script = tmp_path / "child"
    script.write_text(SCRIPT.format(python=sys.executable, folder=str(tmp_path)))
    script.chmod(0o755)
    monkeypatch.setattr(processes, "python", lambda: str(script))
    monkeypatch.setattr(processes, "PATIENCE", 120_000)  # nothing is killed because the machine is busy
    process = WorkerProcess()
    process.heard, process.ends = [], []
    process.message.connect(lambda message: process.heard.append(message.text))
    process.ended.connect(lambda *said: process.ends.append(said))
    yield process
    process.kill(wait=True)


def begun(child, qtbot):
    """Start the child and wait until it has said so."""
    child.send(Stage(0, "which it ignores"))
    qtbot.waitUntil(lambda: bool(child.heard))


def gone(qtbot, process):
    """Wait until a process that was let go has ended and was deleted."""
    from shiboken6 import isValid

    qtbot.waitUntil(lambda: not isValid(process))


def test_a_child_is_started_by_the_first_order_only(child, qtbot):
    assert not child.running and child.pid == 0
    begun(child, qtbot)
    pid = child.pid
    assert child.running and pid > 0 and child.heard == ["-P -m tfstab.gui.jobs.worker"]
    child.send(Control(1, "two"))
    qtbot.waitUntil(lambda: len(child.heard) == 3)
    child.send(Control(1, "halves"))
    qtbot.waitUntil(lambda: len(child.heard) == 4)
    assert child.heard[1:] == ["first", "second", "in halves"] and child.pid == pid and child.ends == []


@pytest.mark.parametrize("of_command", [False, True])
def test_a_module_that_was_changed_gets_a_new_child(child, qtbot, tmp_path, of_command):
    """In the one that has imported it, the old content would be used without a word."""
    file = tmp_path / "wet.py"
    imports = {"imports": [str(file), "json", "~nobody-here/a.py"]}
    order = RunOrder(1, "sweep", "m", "d", "o", options=imports)
    if of_command:
        order = CommandOrder(1, "assess", "o", imports)
    file.write_text("drops = 1")
    child.send(order)
    first = child.pid
    child.send(order)
    child.send(RunOrder(1, "sweep", "m", "d", "o"))
    assert child.pid == first
    file.write_text("drops = 22")
    child.send(RunOrder(1, "sweep", "m", "d", "o"))
    assert child.pid == first, "it needs none of it"
    child.send(order)
    second = child.pid
    assert second != first
    child.send(order)
    assert child.pid == second and child.ends == []


def test_what_a_child_prints_is_in_the_details_of_its_end(child, qtbot):
    begun(child, qtbot)
    child.send(Control(1, "junk"))
    child.send(Control(1, "two"))
    qtbot.waitUntil(lambda: len(child.heard) == 3)
    child.send(Control(1, "leave"))
    qtbot.waitUntil(lambda: bool(child.ends))
    ((sentence, details),) = child.ends
    assert sentence == "The child process ended with code 3" and not child.running and child.pid == 0
    assert len(details) == processes.KEPT and details.startswith("z") and details.endswith("the last words")
    assert "Epoch \N{REPLACEMENT CHARACTER} 1\n" in details and "a warning\n" in details
    begun_again = len(child.heard)
    child.send(Control(1, "leave"))
    qtbot.waitUntil(lambda: len(child.ends) == 2)
    assert child.ends[1][1] == "the last words", "those of the child before are not repeated"
    assert len(child.heard) == begun_again + 1


def test_a_child_that_is_killed_by_another_is_said_to_be(child, qtbot):
    begun(child, qtbot)
    child.send(Control(1, "crash"))
    qtbot.waitUntil(lambda: bool(child.ends))
    assert child.ends == [("The child process was killed or crashed", "")] and not child.running


def test_a_receiver_that_kills_the_child_hears_no_more_of_it(child, qtbot):
    begun(child, qtbot)
    child.message.connect(lambda message: message.text == "first" and child.kill())
    process = child._process
    child.send(Control(1, "two"))
    gone(qtbot, process)
    assert child.heard[1:] == ["first"] and child.ends == [] and not child.running


def test_a_child_may_finish_before_it_ends(child, qtbot, tmp_path):
    begun(child, qtbot)
    process = child._process
    child.quit()
    assert not child.running
    gone(qtbot, process)
    assert (tmp_path / "quit").exists() and (tmp_path / "end").exists() and child.ends == []
    child.quit()  # there is none
    child.shut_down()
    child.kill(wait=True)


def test_a_child_that_does_not_quit_is_killed(child, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "PATIENCE", 50)
    begun(child, qtbot)
    process = child._process
    child.send(Control(1, "stay"))
    child.quit()
    gone(qtbot, process)
    assert not (tmp_path / "end").exists() and child.ends == []


def test_a_window_that_closes_waits_for_its_child(child, qtbot, tmp_path):
    begun(child, qtbot)
    child.shut_down()
    assert (tmp_path / "end").exists() and not (tmp_path / "quit").exists() and not child.running and child.ends == []


@pytest.mark.parametrize("how", ["shut_down", "kill"])
def test_a_child_that_stays_is_killed_when_the_window_closes(child, qtbot, monkeypatch, tmp_path, how):
    monkeypatch.setattr(processes, "PATIENCE", 400)
    begun(child, qtbot)
    process = child._process
    child.send(Control(1, "stay"))
    qtbot.wait(50)
    child.shut_down() if how == "shut_down" else child.kill(wait=True)
    assert process.state() == process.ProcessState.NotRunning and not (tmp_path / "end").exists()


def test_a_child_that_cannot_be_started_is_said(child, qtbot, monkeypatch):
    monkeypatch.setattr(processes, "python", lambda: "/no/such/python")
    child.send(Control(1, "two"))
    qtbot.waitUntil(lambda: bool(child.ends))
    ((sentence, details),) = child.ends
    assert sentence.startswith("The child process did not start (") and details == "" and not child.running


def test_the_interpreter_has_standard_input(monkeypatch):
    assert processes.python() == sys.executable
    for system, here, expected in (
        ("nt", r"C:\Pythonw.exe", r"C:\python.exe"),
        ("nt", r"C:\python.exe", r"C:\python.exe"),
        ("posix", "/bin/pythonw.exe", "/bin/pythonw.exe"),
    ):
        monkeypatch.setattr(processes, "os", SimpleNamespace(name=system))
        monkeypatch.setattr(processes, "sys", SimpleNamespace(executable=here))
        assert processes.python() == expected

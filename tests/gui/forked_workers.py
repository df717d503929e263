"""The viewer's child processes as forks of one process that has imported TensorFlow, which takes each new one seconds.

What a fork runs is the same: `main` of the worker. `forked_workers.py SOCKET serve` is that process, which all test
processes share and which ends with the last of them. `forked_workers.py SOCKET` is what the viewer starts: it hands its
standard streams to a fork, ends as it does, and takes it along if it is killed. test_worker.py and the first test of
test_jobs.py have children as users do. `forked_workers.py SOCKET SCRIPT ARGUMENTS` runs a script in a fork instead.
"""

import atexit
import functools
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

GREETING = b"!"
PATIENCE = 120  # seconds for the import on a slow machine


@functools.cache
def command(folder):
    """The arguments of the interpreter that start a child; `folder` is the same in all test processes."""
    from filelock import FileLock

    path = str(folder / "forks")
    with FileLock(f"{path}.lock"):
        kept = _greeted(path) or _started(path)
    atexit.register(kept.close)
    return ["-I", "-S", __file__, path]


def _started(path):
    """A connection to a process that forks, started now."""
    subprocess.Popen([sys.executable, "-P", __file__, path, "serve"], start_new_session=True)
    end = time.monotonic() + PATIENCE
    while (kept := _greeted(path)) is None:
        assert time.monotonic() < end, "the process that forks children did not start"
        time.sleep(0.05)
    return kept


def _greeted(path):
    """A connection, or None if nobody answers."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(path)
        if connection.recv(1) == GREETING:
            return connection
    except OSError:
        pass
    connection.close()
    return None


def ask(path, script):
    """Hand the streams of this process to a fork, and return the code with which it ends.

    script: the path of a script and its arguments, or [] for a worker.
    """
    connection = _greeted(path)
    order = json.dumps([str(Path.cwd()), dict(os.environ), script]).encode()
    socket.send_fds(connection, [len(order).to_bytes(4, "big")], [0, 1, 2])
    connection.sendall(order)
    os.closerange(0, 3)
    return connection.recv(1)[0]


def serve(path):
    """Fork a child for each order, until nobody is connected any more."""
    from tfstab.classifier import backend
    from tfstab.gui.jobs.worker import main

    backend.leave_out_optional()
    backend.keras()
    Path(path).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    connected, forks = {listening}, {}
    while True:
        ready, _, _ = select.select([*connected], [], [], 0.02 if forks else PATIENCE)
        for one in ready:
            if one is listening:
                asking, _ = listening.accept()
                asking.sendall(GREETING)
                connected.add(asking)
                continue
            length, streams, _, _ = socket.recv_fds(one, 4, 3)
            if length:
                forks[one] = _fork(main, one, int.from_bytes(length, "big"), streams)
                continue
            connected.remove(one)
            one.close()
            if (process := forks.pop(one, None)) is not None:  # it was killed
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
        for one, process in list(forks.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                del forks[one]
                one.sendall(bytes([os.waitstatus_to_exitcode(status) & 255]))
        if connected == {listening}:
            Path(path).unlink()
            return


def _fork(work, connection, length, streams):
    """Start a child with these streams, in the folder and with the environment that are sent; return its number."""
    order = b""
    while len(order) < length:
        order += connection.recv(length - len(order))
    folder, environment, script = json.loads(order)
    process = os.fork()
    if not process:
        for stream, given in enumerate(streams):
            os.dup2(given, stream)
        os.closerange(3, 256)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        _run(script) if script else work()
    for given in streams:
        os.close(given)
    return process


def _run(script):
    """Run a script, and end this process."""
    code, sys.argv = 1, script
    try:
        runpy.run_path(script[0], run_name="__main__")
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    if sys.argv[2:] == ["serve"]:
        serve(sys.argv[1])
    else:
        os._exit(ask(sys.argv[1], sys.argv[2:]))

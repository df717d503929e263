"""What a command says of an address where no cluster answers as it should, and of workers that do not fit."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from processes import refused, tfstab_here
from tfstab import Classifier, Dataset, SweepConfig, run_sweep
from tfstab.errors import InputError, RunError
from tfstab.execution import connection, deadlines, executor
from tfstab.runs.environment import versions

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

SWEEP = SweepConfig(sigmas=(10,), copies=2)


@contextlib.contextmanager
def port(answer):
    """The address of a port that accepts connections, sends `answer` and stays silent; one of None hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepted = []

        def serve():
            with contextlib.suppress(OSError):  # closed
                while True:
                    accepted.append(listening.accept()[0])
                    if answer is None:
                        accepted.pop().close()
                    else:
                        accepted[-1].sendall(answer)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        serving.join(5)
        for connection in accepted:
            connection.close()


def refused_by(address):
    with pytest.raises(RunError) as said, executor(None, address):
        pass
    return str(said.value)


def frame(content, declared=None):
    return struct.pack("Q", len(content) if declared is None else declared) + content


STRANGERS = {
    "silent": (b"", "does not answer"),
    "hangs up": (None, "does not answer"),
    "http": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is no Dask scheduler"),
    "begins a message and stops": (frame(b"x", 100), "does not answer"),
    "declares an exabyte": (frame(b"", 1 << 60), "is no Dask scheduler"),
    "garbage": (frame(bytes(range(256))), "is no Dask scheduler"),
    "a message of no parts": (frame(struct.pack("Q", 0)), "is no Dask scheduler"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_port_of_something_else_is_said_in_time(name, monkeypatch, capfd):
    monkeypatch.setattr(deadlines, "CONNECT", 0.3)
    answer, expected = STRANGERS[name]
    with port(answer) as address:
        said = refused_by(address)
    assert address in said and expected in said and said.endswith(".")
    assert "Traceback" not in capfd.readouterr().err


def test_the_command_ends_where_a_port_is_silent(monkeypatch, tmp_path):
    monkeypatch.setattr(deadlines, "CONNECT", 0.3)
    with port(b"") as address:
        said = refused(tfstab_here("sweep", "--limit", 2, "--cluster", address, "--out", tmp_path / "run"))
    assert "does not answer" in said and not (tmp_path / "run").exists()


def test_an_address_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr(deadlines, "CONNECT", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    assert f"{address} does not answer" in refused_by(address)
    with pytest.raises(InputError, match="tcp://HOST:8786"), executor(None, "nowhere"):
        pass


@pytest.fixture(scope="module")
def scheduler():
    """A cluster without workers."""
    with distributed.LocalCluster(
        n_workers=0, dashboard_address="127.0.0.1:0", processes=False, protocol="tcp"
    ) as cluster:
        yield cluster


def start(command, ready, **environment):
    """A process that has written a line with `ready`."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment)
    for line in process.stderr:
        if ready in line:
            break
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return process, line.split()[-1]


@contextlib.contextmanager
def worker(scheduler, **environment):
    """A worker in a process of its own, as one is started by hand on another machine."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--no-nanny", "--no-dashboard"]
    process, _ = start(command, "Registered to:", **environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def test_a_client_that_is_closed_is_asked_in_vain(scheduler):
    """A client that is made for the work is closed after it, one that was given is not; neither is Dask's default."""
    with connection.connected(scheduler.scheduler_address) as client:
        assert client.sync(connection.workers_of, client) == {}
        with connection.connected(client) as given, pytest.raises(ValueError, match="No clients found"):
            distributed.default_client()
        assert given is client and client.status == "running"
    assert client.status == "closed"
    with pytest.raises(OSError, match="closed"):
        asyncio.run(connection.workers_of(client))


def test_a_cluster_without_workers_is_said(scheduler, monkeypatch):
    monkeypatch.setattr(deadlines, "FIRST_WORKER", 0.2)
    assert "has no workers" in refused_by(scheduler.scheduler_address)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([TimeoutError(), TimeoutError()], "none of the 2 workers of tcp://s:0 answered within 60 seconds"),
        ([TimeoutError(), ImportError("no tfstab")], r"a worker of tcp://s:0 cannot run tfstab \(no tfstab\)"),
        ([versions(), versions() | {"numpy": "0"}], "the cluster's worker tcp://b:2 has numpy 0 and not"),
        ([versions(), TimeoutError()], None), ([versions(), versions()], None),
    ],
)  # fmt: skip
def test_what_workers_answer_decides_whether_they_are_taken(answers, said):
    known = {"tcp://a:1": {"nthreads": 1}, "tcp://b:2": {"nthreads": 2}}
    told = iter([known, dict(zip(known, answers, strict=True))])
    client = SimpleNamespace(scheduler=SimpleNamespace(address="tcp://s:0"), sync=lambda *_, **__: next(told))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        if said is None:
            assert connection.check_workers(client) == known
        else:
            with pytest.raises(RunError, match=said):
                connection.check_workers(client)
    late = [f"tcp://{'ab'[k]}:{k + 1}" for k, answer in enumerate(answers) if isinstance(answer, TimeoutError)]
    late = [] if len(late) == 2 else late
    assert [str(one.message) for one in warned if issubclass(one.category, UserWarning)] == [
        f"the cluster's worker {one} did not answer within 60 seconds: the run starts with the others." for one in late
    ]


def test_a_scheduler_of_another_version_is_said(scheduler, monkeypatch):
    """Its answers are those of Dask's protocol; another version of Dask is not installed here."""
    monkeypatch.setattr(deadlines, "FIRST_WORKER", 0.2)
    there = {"packages": {"dask": dask.__version__, "distributed": "2024.1.0"}}
    monkeypatch.setitem(scheduler.scheduler.handlers, "versions", lambda: there)
    monkeypatch.setattr("distributed.versions.error_message", lambda *_: {"warning": "a table of versions"})
    with pytest.warns(UserWarning) as warned:
        refused_by(scheduler.scheduler_address)
    (said,) = [str(one.message) for one in warned]  # without Dask's table
    assert re.search(r"has distributed 2024\.1\.0 and not .*: if the run fails, install the same", said)
    wrong = {"warning": "", "error": "a table\nof versions"}
    monkeypatch.setattr("distributed.versions.error_message", lambda *_: wrong)
    assert "incompatible versions (a table of versions)" in refused_by(scheduler.scheduler_address)


def test_a_worker_that_is_silent_or_has_other_versions_is_refused_before_any_work(scheduler, tmp_path, monkeypatch):
    other = tmp_path / "packages" / "tensorflow-2.0.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.0.0\n")
    with worker(scheduler.scheduler_address, PYTHONPATH=str(other.parent)) as process:
        with monkeypatch.context() as patch:
            patch.setattr(deadlines, "FIRST_ANSWER", 0.5)
            process.send_signal(signal.SIGSTOP)
            assert "none of the 1 workers" in refused_by(scheduler.scheduler_address)
            process.send_signal(signal.SIGCONT)
        assert re.search(r"tensorflow 2\.0\.0 and not", refused_by(scheduler.scheduler_address))


CLUSTER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=1, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0")
    print("at", cluster.scheduler_address, file=sys.stderr, flush=True)
    time.sleep(60)
"""


def test_a_cluster_that_dies_amid_a_run_is_said(black_or_white):
    process, address = start([sys.executable, "-c", CLUSTER], "at tcp://")

    def shards():
        yield "first", 1
        process.kill()
        yield "second", 2

    try:
        with executor(black_or_white, address) as there, pytest.raises(RunError, match="the cluster was lost"):
            next(there.run(divmod, shards()))
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def black_or_white():
    """A classifier by the brightness of its images, which needs no TensorFlow."""

    def scores(images):
        share = images.mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - share, share], axis=1)

    return Classifier.from_function(scores, (2, 2, 1), 2, fingerprint="black or white")


def test_a_worker_with_another_instruction_set_is_reported_and_needs_no_tensorflow(scheduler, black_or_white, tmp_path):
    found = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found")
    if not found:
        pytest.skip("NumPy has no instruction set here that it could do without")
    images = Dataset.from_arrays("some", "test", np.zeros((2, 2, 2, 1), np.uint8), [0, 1])
    address = scheduler.scheduler_address
    with (
        worker(address, NPY_DISABLE_CPU_FEATURES=" ".join(found)),
        pytest.warns(UserWarning, match="another instruction set .* agree within rounding"),
    ):
        assert run_sweep(black_or_white, images, SWEEP, tmp_path, cluster=address).complete
        with distributed.Client(address, set_as_default=False) as client:
            assert list(client.run(lambda: "tensorflow" in sys.modules).values()) == [False]

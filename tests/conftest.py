"""What all tests share: quiet TensorFlow, no network but this machine's own, the bundled network and its digits."""

import builtins
import contextlib
import gc
import ipaddress
import os
import socket
import subprocess
import sys
from pathlib import Path

# Modules stay, so looking for garbage among their objects takes time and finds nothing.
gc.disable()
gc.set_threshold(100_000)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# As in an activated environment, in which commands are printed without a path.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
# Processes that share the cores of a machine would otherwise spend a tenth of their time on threads that wait.
if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    cores = max(1, (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, str(cores))

# No test lasts until the power fails, and what is written would be waited for a fourteenth of the time. Which files are
# synced, and in which order, is tested where calls of this function are noted.
os.fsync = lambda descriptor: None

import frozen
import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings

import processes  # noqa: F401 - so that all tests build the command line once
import tfstab
import tfstab.gui
import tfstab.resources
import warm_child  # noqa: F401 - so that all tests check models' files by forks
from tfstab import SweepConfig, load_classifier, load_dataset, run_sweep
from tfstab.degradations import registry
from tfstab.search import engines

# The environment of another checkout has that checkout's viewer and resources, which would be tested without a word.
CHECKOUT = Path(__file__).resolve().parents[1]
for package in (tfstab, tfstab.gui, tfstab.resources):
    if Path(package.__file__).resolve().parents[1] != CHECKOUT:
        pytest.exit(
            f"{package.__name__} is {package.__file__}, which is not of this checkout: each checkout or worktree needs "
            "an environment of its own, which `make test` sets up.",
            returncode=3,
        )

# The first call of a compiled model takes seconds, so a time limit an example would say nothing.
settings.register_profile("tfstab", deadline=None, max_examples=50)
settings.load_profile("tfstab")


def _only_this_machine(event, arguments):
    """Fail loudly where a test would talk to another machine. Not an OSError: a download would handle that one."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        if arguments[0].type == socket.SOCK_DGRAM:  # how Dask asks for its own address; nothing is sent
            return
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in (None, "", "localhost", socket.gethostname()) and not _is_loopback(host):
        raise RuntimeError(f"a test wanted to talk to {host}; tests talk to 127.0.0.1 alone")


def _is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(_only_this_machine)


plain_import = builtins.__import__


def pytest_terminal_summary(terminalreporter):
    """List the recordings that `make frozen` has changed."""
    for file in (changed := dict.fromkeys(frozen.REWRITTEN)):
        terminalreporter.write_line(f"recording updated: {file.resolve().relative_to(CHECKOUT)}")
    if frozen.RECORD in os.environ:
        terminalreporter.write_line(
            f"Recordings that have changed: {len(changed)}. Read their `git diff`, and commit what you meant."
        )


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Import as Python does. PySide6, which pytest-qt has loaded, reads the source of each module imported later.

    In a new checkout, one of several processes collects first: pytest compiles the tests for twelve seconds, and the
    other processes read what it has compiled.
    """
    builtins.__import__ = plain_import
    tests = CHECKOUT / "tests"
    with contextlib.ExitStack() as alone:
        if "PYTEST_XDIST_WORKER" in os.environ and not sys.dont_write_bytecode:
            alone.enter_context(FileLock(tests / "__pycache__" / "collecting.lock"))
            if next(tests.glob("*/__pycache__/test_*"), None) is not None:
                alone.close()
        return (yield)


def pytest_collection_finish():
    """Collect garbage from now on, but not among what has been imported."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Let no test see a degradation or an engine that another one has registered."""
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(engines, "_registered", {})


@pytest.fixture(autouse=True, scope="session")
def data_home(tmp_path_factory):
    """The user's data folder, in which commands keep where models are: one of the tests' own."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data-home"))


@pytest.fixture
def data_dir(request):
    """The folder with the official files, `$TFSTAB_DATA`; skips where it lacks the files that the marker names.

    `@pytest.mark.real_data("mnist.npz")`
    """
    if not os.environ.get("TFSTAB_DATA"):
        pytest.skip("TFSTAB_DATA names no folder with the official data files")
    folder = Path(os.environ["TFSTAB_DATA"]).expanduser()
    marker = request.node.get_closest_marker("real_data")
    for name in marker.args if marker else ():
        if not (folder / name).is_file():
            pytest.skip(f"TFSTAB_DATA has no {name}")
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB; skips where none can be mounted."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(mounted)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted without root")
    yield mounted
    gc.collect()  # an error that was caught may still hold a file that was open there
    # Another thread or process may have the place open for a moment longer; lazily, it goes when the last one is done.
    subprocess.run(["umount", "--lazy", mounted], check=True)


@pytest.fixture(scope="session")
def mnist_lenet():
    """The bundled network for MNIST, in batches that few images fill: most tests score a few."""
    return load_classifier("mnist-lenet").with_batch_size(64)


@pytest.fixture(scope="session")
def digits():
    """The 5,000 digits that need no download; none of them trained `mnist_lenet`."""
    return load_dataset("mnist-5k")


@pytest.fixture(scope="session")
def digit_scores(mnist_lenet, digits):
    """The network's scores of all digits."""
    return mnist_lenet.scores(digits.images)


@pytest.fixture(scope="session")
def few_digits(digit_scores, digits):
    """Eleven digits, one of which the network gets wrong when clean."""
    wrong = np.flatnonzero(digit_scores.argmax(1) != digits.labels)[0]
    return digits.select(np.sort(np.append(digits.take(10).indices, wrong)))


@pytest.fixture(scope="session")
def small_sweep(mnist_lenet, few_digits, tmp_path_factory):
    """A sweep of these, with noise from harmless to ruinous; its sigmas are not in order."""
    config = SweepConfig(sigmas=(40, 10, 120, 80), copies=20)
    return run_sweep(mnist_lenet, few_digits, config, tmp_path_factory.mktemp("small") / "sweep")

"""Whatever is in a file of any kind: it is taken, or refused in one sentence, soon, in little memory, and nothing else
happens. `make fuzz` tries 10,000 cases, `make test` a few of each kind, except trainings, and all that were ever found.

The smallest case of each finding is kept in build/fuzz/KIND; moved to tests/fuzz/seeds/KIND it is tried in every run
of the tests.
"""

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path

import pytest
from fuzz import doors, values
from fuzz.files import Files, read_seed, save_seed, write_files
from fuzz.formats import FORMATS, Format
from hypothesis import HealthCheck, given, settings

from guard import Forbidden, nothing_outside
from tfstab.errors import TfstabError

CASES = int(os.environ.get("TFSTAB_FUZZ_CASES", "0"))  # of all kinds together; 0 for a few of each
FEW = 8  # of each kind, times its share
MOST_SECONDS = 5  # of CPU time for a case, beyond that of the good files: a folder of a training is trained on
LONGEST_WAIT = 200  # seconds, where the cores are busy with much else
MOST_MEMORY = 500 << 20  # bytes above what the process had
LONGEST_SENTENCE = 2000  # characters
SEEDS = Path(__file__).with_name("seeds")
FOUND = Path(__file__).parents[2] / "build" / "fuzz"
_PROGRAM = re.compile(r"/(tfstab|gui)/(?!.*tests/)[\w/]*\.py$")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and pipes are Linux'")


class Hung(BaseException):
    """Raised into a case that waits."""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """good(kind) -> the good files of a kind, made once."""
    made: dict[str, Files] = {}

    def of(kind: str) -> Files:
        if kind not in made:
            made[kind] = FORMATS[kind].good(tmp_path_factory.mktemp("good"))
        return made[kind]

    return of


def _peak() -> int:
    """The most memory that this process has had since `_forget_peak`, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def _forget_peak() -> None:
    with contextlib.suppress(OSError):  # where the kernel lacks it, the peak is that of all cases
        Path("/proc/self/clear_refs").write_text("5")


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextlib.contextmanager
def _interrupted_after(seconds: float):
    def interrupt(*_):
        raise Hung(f"it takes more than {seconds} seconds")

    before = signal.signal(signal.SIGUSR2, interrupt)
    timer = threading.Timer(seconds, signal.pthread_kill, (threading.main_thread().ident, signal.SIGUSR2))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.signal(signal.SIGUSR2, before)


class Counts:
    """What the cases of a kind have come to."""

    def __init__(self, name: str) -> None:
        self.name, self.cases, self.taken, self.refused, self.seconds, self.memory = name, 0, 0, 0, 0.0, 0
        self.found: dict[str, tuple[Files, str]] = {}

    @property
    def figures(self) -> tuple[str, int, int, int, float, float]:
        return self.name, self.cases, self.taken, self.refused, self.seconds, self.memory / 1e6

    def find(self, kind: Format, folder: Path, files: Files) -> None:
        """Open a case, and keep it where it is the smallest that ends as it does."""
        try:
            self.open(kind, folder, files)
        except (Exception, Hung, Forbidden) as error:
            place = _place(error)
            smallest = self.found.get(place)
            if smallest is None or _size(files) < _size(smallest[0]):
                self.found[place] = files, f"{place}: {error}"[:500]

    def open(self, kind: Format, folder: Path, files: Files) -> None:
        """Write a case into a folder and go through its door. Raises for all that no stranger's file may do."""
        shutil.rmtree(folder, ignore_errors=True)
        write_files(folder, files)
        outputs = [folder / output for output in kind.outputs]
        self.cases += 1
        _forget_peak()
        had, begun, refused = _peak(), _cpu_seconds(), False
        with warnings.catch_warnings(), _interrupted_after(LONGEST_WAIT), nothing_outside(*outputs):
            warnings.simplefilter("ignore")
            try:
                doors.quietly(kind.door, folder)
            except TfstabError as error:
                assert kind.may_raise and "\n" not in str(error) and len(str(error)) <= LONGEST_SENTENCE, repr(error)
                str(error).encode()  # a terminal can print it
                refused = True
        self.refused += refused
        self.taken += not refused
        seconds, memory = _cpu_seconds() - begun, _peak() - had
        if self.cases == 1:  # the good files, with which libraries are started
            self.most_seconds = MOST_SECONDS + seconds
            return
        assert seconds < self.most_seconds, f"it takes {seconds:.1f} seconds of CPU time"
        assert memory < MOST_MEMORY, f"it takes {memory / 1e6:,.0f} MB"
        self.seconds, self.memory = max(self.seconds, seconds), max(self.memory, memory)


def _place(error: BaseException) -> str:
    """Where in the program an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f"{Path(f.filename).name}:{f.lineno}" for f in frames if _PROGRAM.search(f.filename)]
    return f"{type(error).__name__} {own[-1] if own else ''}"


def _size(files: Files) -> int:
    return sum(len(content) if isinstance(content, bytes) else 1 for content in files.values())


def _cases(kind: Format) -> int:
    share = kind.share / sum(other.share for other in FORMATS.values())
    return max(1, round(CASES * share if CASES else FEW * kind.share))


@pytest.mark.timeout(0 if CASES else 300)
@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if CASES or not kind.slow])
def test_it_is_taken_or_refused(name, good, tmp_path, record_property):
    kind, files, counts = FORMATS[name], good(name), Counts(name)
    counts.open(kind, tmp_path / "warm", files)  # which starts libraries, and must be taken
    assert counts.taken == 1

    # `make test` tries the same cases every time, so that it fails for changes of the program alone.
    @settings(max_examples=_cases(kind), derandomize=not CASES, suppress_health_check=list(HealthCheck))
    @given(files=kind.strategy(files))
    def try_(files: Files) -> None:
        counts.find(kind, tmp_path / "case", files)

    try_()
    record_property("fuzz", counts.figures)
    for number, (files, what) in enumerate(counts.found.values(), 1):
        save_seed(FOUND / name / f"{number}.json", files, good(name), what)
    assert not counts.found, f"kept in {FOUND / name}: " + "; ".join(what for _, what in counts.found.values())


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}: {path.stem}")
def test_what_was_found_once(seed, good, tmp_path):
    name = seed.parent.name
    counts = Counts(name)
    counts.open(FORMATS[name], tmp_path / "warm", good(name))
    counts.open(FORMATS[name], tmp_path / "case", read_seed(seed, good(name)))


def test_texts_and_lists_that_are_repeated_again_fit_into_memory():
    node = {"note": "a note", "tags": ["odd"]}
    for key in ("note", "tags", "note", "tags", "note"):
        values._repeat(lambda strategy: strategy.elements[-1], node, key, [])
    assert 1_000_000 < len(values.as_json(node)) < 20_000_000


def test_what_is_swapped_comes_to_hold_itself_nowhere():
    mark = {"note": "a note"}
    twice = [mark, mark]
    values._swap(lambda strategy: (mark, "note"), twice, 0, [(mark, "note")])
    assert json.loads(values.as_json(twice)) == ["a note", {"note": {"note": "a note"}}]

"""Change the source in one place, run the tests that reach it, and see whether any fails: how strong are the tests?

Run by `make mutants`, which says how; prints the survivors with their changes, and the score by package.
equivalent.txt: mutants that change nothing that could be seen, each followed by the reason; they are left out.
"""

import argparse
import collections
import itertools
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mutation.mutants import Mutant, mutants_of, sample
from mutation.reached import Reached
from mutation.runner import Runner

ROOT = Path(__file__).parents[2]
NOT_COPIED = {"build", "dist", "runs", "tfstab-demo", "tfstab.egg-info"}
PROCESSES = 2
_SECONDS = itertools.count(1_000_000_000)  # long ago, so no true time of a change


def main() -> None:
    """Measure what is to be measured, then run the mutants."""
    options = _options()
    chosen, files = [tuple(text.split(",")) for text in (options.paths, options.tests)]
    paths = sorted(path for folder in ("tfstab", "gui") for path in (ROOT / folder).rglob("*.py"))
    names = [str(path.relative_to(ROOT)) for path in paths if path.name != "__main__.py"]
    tests = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))
    tests = [test for test in tests if test.startswith(files) and not test.startswith("tests/mutation/")]
    reached = Reached(ROOT, ROOT / "build/mutants/reached.json")
    with tempfile.TemporaryDirectory(prefix="tfstab-mutants-") as folder:
        if any(test.startswith("tests/gui/") for test in tests):
            _make_runs(Path(folder))
        runners = [Runner(_copy(Path(folder) / str(k))) for k in range(PROCESSES)]
        _measure(reached, [test for test in tests if reached.lacks(test)], runners)
        known = _equivalent()
        mutants = [m for name in names if name.startswith(chosen) for m in mutants_of(name, (ROOT / name).read_bytes())]
        numbers = random.Random(options.seed)
        drawn = [m for m in sample(mutants, options.sample, iter(numbers.random, None)) if m.name not in known]
        numbers.shuffle(drawn)
        print(f"{len(drawn)} of {len(mutants)} mutants", flush=True)
        score = _Score(len(drawn))

        def one(mutant: Mutant, runner: Runner) -> None:
            score.count(mutant, *_fate(mutant, runner, reached, tests, options.budget))

        _share(drawn, runners, one)
        score.tell()
        for runner in runners:
            runner.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutation")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--paths", default="tfstab/,gui/", help="what files to mutate begin with")
    parser.add_argument("--tests", default="tests/", help="what test files to use begin with")
    parser.add_argument("--budget", type=float, default=120, help="seconds of tests for one mutant, the nearest first")
    return parser.parse_args()


def _make_runs(folder: Path) -> None:
    """Make the runs that the viewer's tests look at, once and before anything is changed."""
    script = ROOT / "tests/gui/make_runs.py"
    subprocess.run([sys.executable, script, folder / "made-runs"], check=True, stdout=subprocess.DEVNULL)
    os.environ["TFSTAB_MADE_RUNS"] = str(folder)


def _copy(folder: Path) -> Path:
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.is_dir() and path.name not in NOT_COPIED and not path.name.startswith("."):
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file():
            shutil.copy2(path, folder)
    return folder


def _share(items: Iterable[Any], runners: list[Runner], work: Callable[[Any, Runner], None]) -> None:
    """Call work(item, runner) for each, as many at a time as there are runners."""
    free: queue.Queue[Runner] = queue.Queue()
    for runner in runners:
        free.put(runner)

    def one(item: Any) -> None:
        runner = free.get()
        try:
            work(item, runner)
        finally:
            free.put(runner)

    with ThreadPoolExecutor(len(runners)) as threads:
        list(threads.map(one, items))


def _measure(reached: Reached, tests: list[str], runners: list[Runner]) -> None:
    lock = threading.Lock()

    def one(test: str, runner: Runner) -> None:
        failed = reached.measure(test, runner)
        with lock:
            told = f"not used, {failed}" if failed else f"{reached.tests[test]['seconds']:.1f} s"
            print(f"{test}: {told}", flush=True)
            reached.save()

    _share(tests, runners, one)


def _fate(mutant: Mutant, runner: Runner, reached: Reached, tests: list[str], budget: float) -> tuple[str, int]:
    """What kills it, "" if nothing does; and how many test files were run."""
    file = runner.folder / mutant.path
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_bytes(mutant.mutated)
    # Compiled files are told apart by the second of change, and two mutants may come within one.
    os.utime(file, (0, next(_SECONDS)))
    count = 0
    try:
        for count, test in enumerate(reached.tests_of(mutant, tests, budget), 1):
            if failed := runner.run(test, 120 + 20 * reached.tests[test]["seconds"])["failed"]:
                return failed, count
        return "", count
    finally:
        file.write_bytes(mutant.source)
        os.utime(file, ns=times)


def _equivalent() -> set[str]:
    lines = Path(__file__).with_name("equivalent.txt").read_text("utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", " "))}


class _Score:
    """Killed and survived, by package; the survivors are told at once."""

    def __init__(self, total: int) -> None:
        self._total, self._lock = total, threading.Lock()
        self._killed: dict[str, list[bool]] = collections.defaultdict(list)

    def count(self, mutant: Mutant, failed: str, files: int) -> None:
        """Take one to the count."""
        parts = Path(mutant.path).parts
        package = "/".join(parts[: 2 if len(parts) > 2 else 1])
        with self._lock:
            self._killed[package].append(bool(failed))
            done = sum(map(len, self._killed.values()))
            print(f"{done}/{self._total} {'killed' if failed else 'SURVIVED'} {mutant.name}", flush=True)
            print(f"    {failed}" if failed else f"    {files} test files passed\n{mutant.diff}\n", flush=True)

    def tell(self) -> None:
        """Print the table."""
        every = list(itertools.chain.from_iterable(self._killed.values()))
        for package, killed in [*sorted(self._killed.items()), ("all", every)]:
            print(f"{package:24} {sum(killed):4} of {len(killed):4} killed, {sum(killed) / max(1, len(killed)):4.0%}")


main()

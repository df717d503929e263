"""All faults and crash states of the four jobs, by `make faults`; a sample of them by the tests.

    python tests/faults/campaign.py [JOB ...] [--most N] [--patched]

Each case runs in a fork of a process that has imported all that the job imports: the job is disturbed, then run again
undisturbed.
Afterwards all files must be those of a run that was never disturbed, but for log.jsonl, which holds times.
"""

import argparse
import collections
import contextlib
import importlib
import itertools
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crash_states import Disk, crash_states, write_tree
from fault_jobs import CARELESS, JOBS, Job
from fault_library import (
    BUILDS,
    FAULTS,
    Action,
    Fault,
    Kind,
    Operation,
    build,
    environment,
    fault_at,
    read_journal,
    recorded,
)
from tfstab.errors import TfstabError

LOG = "log.jsonl"
LONGEST = 120  # seconds; a job that takes longer hangs
Case = tuple[str, str, Callable[[Path], None]]  # its name, its kind, and what disturbs the job in a folder


@dataclass(frozen=True)
class Outcome:
    """How a job ended. ended: "done", "said" with its sentence, "killed", or "broken" with a traceback."""

    ended: str
    said: str = ""


def in_fork(work: Callable[[], Any]) -> Outcome:
    """Do the work in a fork of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(LONGEST)
        os.close(reading)
        try:
            work()
            outcome = Outcome("done")
        except TfstabError as error:
            outcome = Outcome("said", str(error))
        except BaseException:
            outcome = Outcome("broken", " / ".join(traceback.format_exc().splitlines()[-3:]))
        os.write(writing, pickle.dumps(outcome))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer:
        return pickle.loads(answer)
    return Outcome("killed" if os.waitstatus_to_exitcode(status) == -signal.SIGKILL else "broken", f"status {status}")


def content(folder: Path) -> dict[str, bytes | None]:
    """All files below a folder, and the folders, None."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


class Campaign:
    """The cases of one job. most: how many, of all kinds alike; None: all. share: (k, n), every n-th from k on."""

    def __init__(self, job: Job, place: Path, most: int | None, share: tuple[int, int]) -> None:
        self.job, self.place, self.most, self.share = job, place, most, share
        self._imported = place / "modules"
        self.counts: collections.Counter[str] = collections.Counter()
        self.failures: list[str] = []

    def run(self) -> None:
        self.job.first()
        for name in self.job.imports:
            importlib.import_module(name)
        if self.job.name == "report":
            (self.place / "searched").mkdir()
            assert in_fork(lambda: JOBS["search"].run(self.place / "searched")).ended == "done"
        operations = self._undisturbed()
        self._import_all()
        first, step = self.share
        for name, kind, disturb in self._drawn(self._cases(operations))[first::step]:
            self._case(name, kind, disturb)

    def _import_all(self) -> None:
        """Import everything that the job imported, or each fork would spend most of its time on importing it."""
        for name in self._imported.read_text().splitlines():
            with contextlib.suppress(ModuleNotFoundError):  # TensorFlow has names of modules that do not exist
                importlib.import_module(name)

    def _cases(self, operations: list[Operation]) -> Iterator[Case]:
        for number, operation in enumerate(one for one in operations if one.kind != Kind.FOUND):
            for fault in FAULTS:
                if fault.fits(operation.kind):
                    kind = f"{fault.name} {operation.kind.name.lower()}"
                    disturb = partial(self._disturb, operation=number, fault=fault)
                    yield f"{kind}, operation {number}, {operation.path.name}", kind, disturb
        for when, tree in crash_states(operations, self.place / "case"):
            yield f"power cut {when}", "power cut", partial(write_tree, tree)

    def _drawn(self, cases: Iterable[Case]) -> list[Case]:
        """All, or as many as wanted: one of each kind, then a second one, and so on."""
        kinds: dict[str, list[Case]] = collections.defaultdict(list)
        for case in cases:
            kinds[case[1]].append(case)
        choice = random.Random(14)
        for alike in kinds.values():
            choice.shuffle(alike)
        # Power cuts are of many kinds, which have one name.
        kinds |= {f"power cut {k}": kinds["power cut"][k::8] for k in range(8)}
        del kinds["power cut"]
        order = list(kinds.values())
        choice.shuffle(order)
        rounds = itertools.zip_longest(*order)
        return [case for turn in rounds for case in turn if case is not None][: self.most]

    def _undisturbed(self) -> list[Operation]:
        journal, folder = self.place / "journal", self._empty()

        def work() -> None:
            with recorded(folder, journal):
                self.job.run(folder)
            self._imported.write_text("\n".join(sys.modules))

        outcome = in_fork(work)
        assert outcome.ended == "done", outcome.said
        self.whole = content(folder)
        operations = read_journal(journal)
        disk = Disk(folder)
        for operation in operations:
            disk.do(operation)
        for names in (True, False):
            tree = disk.after_a_power_cut(names, "synced")
            lost = [name for name, data in self.whole.items() if not name.endswith(LOG) and tree.get(name, "") != data]
            if lost:
                self.failures.append(f"{self.job.name}: a power cut after the end loses {lost}")
        return operations

    def _empty(self) -> Path:
        folder = self.place / "case"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _case(self, name: str, kind: str, disturb: Callable[[Path], None]) -> None:
        """Disturb the job, run it again, and compare."""
        folder = self._empty()
        self.counts[kind] += 1
        try:
            disturb(folder)
            log = folder / "run" / LOG
            before = log.read_bytes() if log.exists() else b""
            outcome = in_fork(lambda: self.job.run(folder))
            assert outcome.ended == "done", f"it did not go on: {outcome.said}"
            there = content(folder)
            for path in there.keys() | self.whole.keys():
                assert path in there, f"{path} is missing"
                assert path in self.whole, f"{path} is left over"
                assert path.endswith(LOG) or there[path] == self.whole[path], f"{path} differs"
            if log.exists():
                assert log.read_bytes().startswith(before), "log.jsonl was changed"
                for line in log.read_bytes().removeprefix(before).split(b"\n"):
                    assert not line or json.loads(line), "a line of log.jsonl is torn"
        except (AssertionError, ValueError) as error:
            self.failures.append(f"{self.job.name}, {name}: {error}")

    def _disturb(self, folder: Path, operation: int, fault: Fault) -> None:
        def work() -> None:
            with fault_at(folder, operation, fault):
                self.job.run(folder)

        outcome = in_fork(work)
        if fault.action == Action.KILL:
            assert outcome.ended == "killed", f"it was not killed but {outcome}"
            return
        assert outcome.ended in ("done", "said"), f"a traceback: {outcome.said}"
        if fault.action == Action.SHORT:
            assert outcome.ended == "done", f"a short write was not continued: {outcome.said}"
            return
        if outcome.ended == "said":
            assert "\n" not in outcome.said and outcome.said.endswith("."), f"no sentence: {outcome.said}"
            assert str(folder) in outcome.said, f"it does not name what failed: {outcome.said}"
        left = [name for name in content(folder) if Path(name).name.startswith(".") and name not in self.whole]
        assert not left, f"left behind: {left}"


def campaign(
    job: str, most: int | None = None, share: tuple[int, int] = (0, 1), preload: bool = BUILDS
) -> dict[str, Any]:
    """Run a job's cases in a process of their own: counts by kind, failures, processor seconds.

    preload: whether a library that is built and preloaded disturbs the job; else functions of os are replaced.
    """
    with tempfile.TemporaryDirectory() as folder:
        orders = json.dumps({"job": job, "place": folder, "most": most, "share": share})
        command = [sys.executable, __file__, "--here", orders]
        library = build(Path(folder)) if preload else None
        done = subprocess.run(command, env=environment(library), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def _here(job: str, place: str, most: int | None, share: tuple[int, int]) -> None:
    work = Path(place).resolve() / "work"
    work.mkdir()
    cases = Campaign((JOBS | {CARELESS.name: CARELESS})[job], work, most, share)
    cases.run()
    seconds = sum(os.times()[:4])
    print(json.dumps({"counts": cases.counts, "failures": cases.failures, "seconds": round(seconds, 1)}))


def main() -> None:
    parser = argparse.ArgumentParser(description="Disturb every file operation of small jobs, and resume them.")
    parser.add_argument("jobs", nargs="*", help=f"of {', '.join(JOBS)}; by default all")
    parser.add_argument("--most", type=int, help="how many cases of each job at most; by default all")
    parser.add_argument("--patched", action="store_true", help="replace functions of os, as without a C compiler")
    chosen = parser.parse_args()
    preload = BUILDS and not chosen.patched
    print("A preloaded library disturbs all operations." if preload else "Functions of os and io are replaced.")
    total, failed, cores = 0, 0, os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        for job in chosen.jobs or list(JOBS):
            shares = pool.map(lambda k, job=job: campaign(job, chosen.most, (k, cores), preload), range(cores))
            counts, failures, seconds = collections.Counter[str](), [], 0.0
            for share in shares:
                counts.update(share["counts"])
                failures += share["failures"]
                seconds += share["seconds"]
            print(f"{job}: {counts.total()} cases, {len(failures)} failures, {seconds:.0f} s of processor time")
            for kind, number in sorted(counts.items()):
                print(f"    {kind:24} {number}")
            print(*(f"    FAILED {failure}\n" for failure in failures), sep="", end="", flush=True)
            total, failed = total + counts.total(), failed + len(failures)
    print(f"{total} cases, {failed} failures")
    sys.exit(bool(failed))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        _here(**json.loads(sys.argv[2]))
    else:
        main()

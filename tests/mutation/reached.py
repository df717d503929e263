"""Which lines of the source each test file reaches, measured once with coverage and kept in build/mutants."""

import difflib
import hashlib
import json
from functools import cache
from pathlib import Path

from coverage import CoverageData

from mutation.mutants import Mutant
from mutation.runner import Runner

# What it looks at is computed as modules are imported, mostly before a test begins.
CONSTANTS = "tests/test_constants.py"


class Reached:
    """A line of today's source is looked up in the source of the day on which it was measured."""

    def __init__(self, root: Path, file: Path) -> None:
        self._root, self._file = root, file
        kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
        self.sources: dict[str, str] = kept.get("sources", {})
        self.tests: dict[str, dict] = kept.get("tests", {})

    def lacks(self, test: str) -> bool:
        """Whether a test file has to be measured, for the first time or because it has changed."""
        return self.tests.get(test, {}).get("hash") != _hash((self._root / test).read_bytes())

    def measure(self, test: str, runner: Runner) -> str:
        """Run a test file to see what it reaches. What failed; such a file is of no use here."""
        for file in runner.folder.glob("reached*"):
            file.unlink()
        outcome = runner.run(test, 1800, measured=True)
        if outcome["failed"]:
            self.tests.pop(test, None)  # what an earlier form of it has reached
            return outcome["failed"]
        lines: dict[str, set[int]] = {}
        for file in runner.folder.glob("reached*"):
            data = CoverageData(file)
            data.read()
            for measured in data.measured_files():
                path = str(Path(measured).relative_to(runner.folder))
                lines.setdefault(path, set()).update(data.lines(measured))
        reached = {}
        for path, numbers in lines.items():
            text = (runner.folder / path).read_text("utf-8")
            self.sources[_hash(text.encode())] = text
            reached[path] = [_hash(text.encode()), sorted(numbers)]
        told = {"hash": _hash((runner.folder / test).read_bytes()), "seconds": outcome["seconds"], "reached": reached}
        self.tests[test] = told
        return ""

    def save(self) -> None:
        """Keep it, without the sources that nothing refers to any more."""
        used = {digest for told in self.tests.values() for digest, _ in told["reached"].values()}
        self.sources = {digest: text for digest, text in self.sources.items() if digest in used}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps({"sources": self.sources, "tests": self.tests}), "utf-8")
        new.replace(self._file)

    def tests_of(self, mutant: Mutant, tests: list[str], budget: float) -> list[str]:
        """The test files that reach a mutant (of those near it, if none does): the nearest first, then the fastest.

        Last, and whatever it takes, the recorded constants.

        budget: how many seconds they may take in all; the first runs in any case.
        """
        known = [test for test in tests if test in self.tests and test != CONSTANTS]
        known.sort(key=lambda test: (_distance(mutant.path, test), self.tests[test]["seconds"]))
        chosen, spent = [], 0.0
        near = [test for test in known if _distance(mutant.path, test) < 2]
        for test in [test for test in known if self._reaches(test, mutant)] or near:
            seconds = self.tests[test]["seconds"]
            if not chosen or spent + seconds <= budget:
                chosen.append(test)
                spent += seconds
        return [*chosen, *({CONSTANTS} & set(tests) & set(self.tests))]

    def _reaches(self, test: str, mutant: Mutant) -> bool:
        digest, lines = self.tests[test]["reached"].get(mutant.path, ("", []))
        if not lines:
            return False
        were = _were(self.sources[digest], mutant.source.decode())
        return not set(lines).isdisjoint(old for line in mutant.lines for old in were.get(line, ()))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _distance(path: str, test: str) -> int:
    """0: named for the same module, 1: in the folder of the same package, 2: elsewhere."""
    package = "gui" if path.startswith("gui/") else Path(path).parts[1]
    if not test.startswith(f"tests/{package}/"):
        return 2
    return 0 if Path(path).stem in Path(test).stem else 1


@cache
def _were(old: str, new: str) -> dict[int, range]:
    """For each line of the new text the lines of the old one that it was; around it for a line that is new."""
    lines = {}
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for kind, old_start, old_stop, new_start, new_stop in matcher.get_opcodes():
        for k in range(new_start, new_stop):
            if kind == "equal":
                lines[k + 1] = range(old_start + k - new_start + 1, old_start + k - new_start + 2)
            else:
                lines[k + 1] = range(old_start + (kind == "replace"), old_stop + (kind != "replace") + 1)
    return lines

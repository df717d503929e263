"""Descriptions kept as text files beside the tests, and compared line by line; `make frozen` records them again."""

import difflib
import os
from pathlib import Path

RECORD = "TFSTAB_RECORD_FROZEN"


def check(file: Path, lines: list[str]) -> None:
    """Compare the lines with those of the file, or write them there if that was asked for."""
    if RECORD in os.environ:
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join(lines) + "\n", "utf-8")
    kept = file.read_text("utf-8").splitlines()
    changes = list(difflib.unified_diff(kept, lines, str(file), "now", n=2, lineterm=""))
    assert not changes, "\n".join([*changes[:80], "If this is intended, record it with `make frozen`."])


def number(value: float) -> str:
    """Return a number with six significant digits, which all machines agree on; without a negative zero."""
    return f"{float(value) + 0.0:.6g}"


def rows(values: object) -> str:
    """Return the numbers of an array, nested as in the array."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, list | tuple):
        return "[" + " ".join(map(rows, values)) + "]"
    return number(values) if isinstance(values, int | float) else str(values)

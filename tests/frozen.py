"""Descriptions kept as text files beside the tests, and compared line by line; `make frozen` records them again."""

import difflib
import os
from functools import cached_property
from pathlib import Path

import numpy as np

from tfstab.degradations import Degradation
from tfstab.runs import RunFolder

RECORD = "TFSTAB_RECORD_FROZEN"
REWRITTEN: list[Path] = []  # by `make frozen`, which lists them at its end
MOST = 200  # numbers of an array that are told one by one


def check(file: Path, lines: list[str]) -> None:
    """Compare the lines with those of the file, or write them there if that was asked for."""
    if RECORD in os.environ:
        record(file, "\n".join(lines) + "\n")
    kept = file.read_text("utf-8").splitlines()
    changes = list(difflib.unified_diff(kept, lines, str(file), "now", n=2, lineterm=""))
    assert not changes, "\n".join([*changes[:80], "If this is intended, record it with `make frozen`."])


def record(file: Path, text: str) -> None:
    """Write a recording, unless it is there already."""
    if not file.exists() or file.read_text("utf-8") != text:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        REWRITTEN.append(file)


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


def in_words(name: str, value: object) -> list[str]:
    """Return lines about a value: of an array its numbers, of an object its public attributes and properties."""
    if isinstance(value, tuple | list | dict):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return [line for key, one in parts for line in in_words(f"{name}[{key}]", one)]
    if isinstance(value, str | bool | None):
        return [f"{name}: {line}" for line in str(value).splitlines() or [""]]
    if isinstance(value, int | float | np.number):
        return [f"{name}: {number(value)}"]
    if isinstance(value, np.ndarray):
        return [f"{name}: {_numbers(value)}"]
    if isinstance(value, Path | frozenset | RunFolder | Degradation):
        return [f"{name}: {type(value).__name__}"]
    kinds = {key: kind for one in reversed(type(value).__mro__) for key, kind in vars(one).items()}
    public = [key for key, kind in kinds.items() if isinstance(kind, property | cached_property)]
    public = [key for key in sorted({*vars(value), *public}) if key[0] != "_" and key not in ("config", "clean")]
    return [line for key in public for line in in_words(f"{name}.{key}", getattr(value, key))]


def _numbers(array: np.ndarray) -> str:
    """Return the numbers of an array; of a large one its shape and two sums."""
    if array.size <= MOST or array.dtype.kind not in "biuf":
        return rows(array)
    flat = np.nan_to_num(array.ravel(), posinf=1e3, neginf=-1e3)
    return f"{array.shape} sum {number(flat.sum())} {number(flat @ np.sin(np.arange(flat.size)))}"

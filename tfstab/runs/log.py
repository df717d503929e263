"""Reads log.jsonl, which may be torn, damaged or of any size."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfstab import limits


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the readable entries in order, from at most `limits.LARGEST_LOG` bytes; none if there is no file."""
    left = limits.LARGEST_LOG
    with contextlib.suppress(OSError), path.open("rb") as file:  # the log may not have been copied
        while left > 0 and (line := file.readline(limits.LONGEST_LOG_LINE)):
            left -= len(line)
            with contextlib.suppress(ValueError, RecursionError):  # torn by a power cut, or too long
                entry = json.loads(line)
                if isinstance(entry, dict):
                    yield entry

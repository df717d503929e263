"""Reading log.jsonl, which may be torn, damaged or of any size."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfstab import limits


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """The entries that can be read, in their order; no more than a budget's worth of the file, and none without it."""
    left = limits.LARGEST_LOG
    with contextlib.suppress(OSError), path.open("rb") as file:  # a log that was not copied
        while left > 0 and (line := file.readline(limits.LONGEST_LOG_LINE)):
            left -= len(line)
            with contextlib.suppress(ValueError, RecursionError):  # torn by a power cut, or cut as too long
                entry = json.loads(line)
                if isinstance(entry, dict):
                    yield entry

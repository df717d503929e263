"""Small files that may be anybody's, read within a budget. Needs nothing."""

import json
import os
import stat
from pathlib import Path
from typing import Any

# Without these an open pipe would wait for its other end, and Windows would change the ends of lines.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: Path, largest: int) -> bytes:
    """Read an ordinary file of at most `largest` bytes.

    Raises OSError where it cannot be read, ValueError saying what is wrong where it is no ordinary file or larger.
    """
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a file")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it has more than {largest:,} bytes")
    return content


def read_json(path: Path, largest: int, finite: bool = True) -> Any:
    """Read a JSON file of at most `largest` bytes. finite: refuse NaN and infinite numbers.

    Raises OSError where it cannot be read, ValueError saying what is wrong where it is damaged.
    """
    content = read_bytes(path, largest).decode("utf-8")
    try:
        value = json.loads(content)
        # Python reads lone halves of surrogate pairs, but nothing can write them.
        json.dumps(value, ensure_ascii=False, allow_nan=not finite).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value

"""Functions that read small files of unknown origin, up to a maximum size."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

# Without O_NONBLOCK, opening a named pipe would wait for a writer; without O_BINARY, Windows would change line ends.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_bytes(path: Path, largest: int) -> bytes:
    """Read a regular file of limited size.

    Parameters
    ----------
    path : Path
        The file.
    largest : int
        Maximum size in bytes.

    Returns
    -------
    bytes
        The whole content.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It is not a regular file, or it is too large; the message says which.
    """
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        content = file.read(largest + 1) if status.st_size <= largest else None
    if content is None or len(content) > largest:
        raise ValueError(f"it has more than {f'{largest >> 20} MB' if largest >> 20 else f'{largest:,} bytes'}")
    return content


def read_json(path: Path, largest: int, finite: bool = True, most_values: int | None = None) -> Any:
    """Read a JSON file of limited size.

    Parameters
    ----------
    path : Path
        The file.
    largest : int
        Maximum size in bytes.
    finite : bool
        Whether to refuse NaN and infinite numbers.
    most_values : int, optional
        Maximum number of values: a list of empty lists takes thirty times the memory of its text.

    Returns
    -------
    object
        The parsed value.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It is not a regular file, too large, or not valid JSON; the message says which.
    """
    content = read_bytes(path, largest).decode("utf-8")
    if most_values is not None and sum(map(content.count, ",[{")) > most_values:  # before they are parsed
        raise ValueError(f"it holds more than {most_values:,} values")
    try:
        value = json.loads(content)
        # Python accepts lone surrogates in JSON, but they cannot be written to a file again.
        json.dumps(value, ensure_ascii=False, allow_nan=not finite).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def checksum_of(path: Path) -> str:
    """Return the SHA-256 of a file of any size, in hexadecimal digits; raise OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Photographs in formats of telephones that Pillow alone does not read, recognised by their header."""

from pathlib import Path
from typing import BinaryIO

CONVERT = "which is not supported; convert it to JPEG or PNG"  # ends the message on such a file
BRANDS = dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC")
BRANDS |= {b"avif": "AVIF", b"avis": "AVIF"}


def other_format(file: Path | BinaryIO) -> str:
    """Return what is wrong with a file in one of these formats, and what to do; "" for all other files."""
    try:
        if isinstance(file, Path):
            with file.open("rb") as content:
                header = content.read(12)
        else:
            file.seek(0)
            header = file.read(12)
    except (OSError, ValueError):
        return ""
    known = BRANDS.get(header[8:]) if header[4:8] == b"ftyp" else None
    return f"its format is {known}, {CONVERT}" if known else ""

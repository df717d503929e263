"""Files with 16 bits a channel, of which the upper 8 are kept: refused if their values use only the lower ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfstab.datasets.images import FilePart, Look, opened
from tfstab.errors import DataError

LOOKED_AT = 16  # files whose largest value is looked up, spread over all
MAX_SAMPLE_VALUE = 281  # TIFF's tag; PNG's sBIT does not say whether values were scaled to 16 bits
USUAL = 8, 10, 12, 14  # bits that cameras store in 16-bit values


def check_depth(root: Path, files: Sequence[Path | FilePart], looks: Sequence[Look]) -> None:
    """Raise DataError if files have 16 bits, but their values use only the lower 14 or fewer.

    Their upper 8 bits, which are kept, would have few grey levels: 16 if a camera has 12 bits. Left out are files in
    colour, of which Pillow reads the upper 8 bits only, and files that cannot be read.

    Parameters
    ----------
    root : Path
        What the message calls the files.
    files : sequence of Path or FilePart
        The files.
    looks : sequence of Look
        What their headers say.
    """
    deep = [file for file, seen in zip(files, looks, strict=True) if seen.sixteen_bits and seen.grey]
    chosen = [deep[row] for row in np.unique(np.linspace(0, len(deep) - 1, LOOKED_AT, dtype=int))] if deep else []
    values = [value for value in map(_largest, chosen) if value is not None]
    largest = max(values, default=0)
    bits = next((bits for bits in USUAL if largest < 1 << bits), None)
    if bits is None or largest == 0:  # black images say nothing
        return
    raise DataError(
        f"{root} has grey images of 16 bits, of which tfstab keeps the upper 8, but their values seem to use only "
        f"{bits} bits (the largest of {len(values)} files is {largest:,}), so detail would be lost: convert each "
        f"to 8 bits, as with Image.fromarray((np.asarray(Image.open(FILE)) >> {bits - 8}).astype(np.uint8))"
        ".save(NEW_FILE). If the images really are this dark, with 65,535 as white, use >> 8."
    )


def _largest(file: Path | FilePart) -> int | None:
    """Return the largest value in a grey 16-bit file, or that its TIFF tag names; None if it cannot be read."""
    try:
        with opened(file) as image:
            named = getattr(image, "tag_v2", {}).get(MAX_SAMPLE_VALUE, 0)  # dark images have no value near it
            return max(int(np.asarray(image).max()), int(np.max(named)))
    except ValueError:
        return None

"""File names of images, which reports show in place of an image's number."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tfstab import limits
from tfstab.names import composed, printed, shortened_front

Names = NDArray[np.str_]
SURROGATES = (0xD800, 0xDFFF)  # they cannot be written as UTF-8
LAST_CHARACTER = 0x10FFFF


def file_names(files: Iterable[str]) -> Names:
    """Return file names as an array (N,) that every file, terminal and page can show.

    Control characters and bytes that are not UTF-8 are replaced, and the text is composed, so that a name that is typed
    finds a file whose name is decomposed. A very long name keeps its end, which tells more.

    Parameters
    ----------
    files : iterable of str
        Names of the files, relative to their folder or table.
    """
    return np.array([_shown(str(name)) for name in files], np.str_)


def problem_of_names(names: Names, count: int) -> str | None:
    """Return in words what `file_names` would not have made of the names of `count` images, or None.

    Checked by their code points, as an array from a file of a stranger can hold what is no text.
    """
    if len(names) != count:
        return f"it holds {len(names):,} names for {count:,} images"
    longest = names.itemsize // 4
    if longest > limits.IMAGE_NAME:
        return f"a name has {longest:,} characters; expected at most {limits.IMAGE_NAME:,}"
    codes = np.ascontiguousarray(names).view(np.uint32).reshape(count, longest)
    used = codes != 0  # NumPy fills shorter texts with zeros
    control = used & ((codes < 0x20) | ((codes >= 0x7F) & (codes < 0xA0)))
    unwritable = ((codes >= SURROGATES[0]) & (codes <= SURROGATES[1])) | (codes > LAST_CHARACTER)
    gaps = ~used[:, :-1] & used[:, 1:]
    return "a name holds what is no printable text" if (control | unwritable).any() or gaps.any() else None


def _shown(name: str) -> str:
    """Return a file name that can be shown: printable, valid UTF-8, not too long."""
    return shortened_front(composed(printed(name.encode("utf-8", "backslashreplace").decode())), limits.IMAGE_NAME)

"""Image files with the same content: in several classes, so that their labels contradict each other, or in one."""

import contextlib
import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.file_names import file_names
from tfstab.datasets.lazy import named
from tfstab.datasets.remarks import joined
from tfstab.names import printed, shortened_front
from tfstab.warning import warn
from tfstab.wording import counted

# In the remarks on data sets, which runs record.
CONTRADICTING = "files that are in several classes"
COPIES = "files that are copies of others"
NOT_ALL_RIGHT = "so not all of their labels can be right"
SAMPLE = 1 << 12  # bytes in the middle and at the end of a file that are read first
LONGEST_NAME = 60  # characters of a file's name in a sentence


@dataclass(frozen=True)
class Copies:
    """Files with the same content as others.

    Attributes
    ----------
    contradicting : list of list of str
        Names of the files of each content that is in several classes, as they can be shown.
    repeated : list of list of str
        Likewise, of each content that is several times in one class; without those of one group of images.
    """

    contradicting: list[list[str]]
    repeated: list[list[str]]

    @property
    def remarks(self) -> str:
        """The numbers of files, as remarks on the data set: of copies, those beyond the first."""
        counts = {
            CONTRADICTING: sum(map(len, self.contradicting)),
            COPIES: sum(len(names) - 1 for names in self.repeated),
        }
        return joined(*(f"{what}: {count:,}" for what, count in counts.items() if count))

    def words(self, root: Path) -> str:
        """Return a sentence or two on such files in a folder; "" if there are none."""
        where, said = printed(str(root)), []
        if self.contradicting:
            files = counted(sum(map(len, self.contradicting)), "file")
            said.append(
                f"{files} of {where} have the same content as a file of another class "
                f"({_example(self.contradicting)}), {NOT_ALL_RIGHT}: keep each image in one class only."
            )
        if self.repeated:
            copies = sum(len(names) - 1 for names in self.repeated)
            are = "is a copy of another" if copies == 1 else "are copies of others"
            said.append(
                f"{counted(copies, 'file')} of {where} {are} in the same class ({_example(self.repeated)}). Intervals "
                "assume independent images, so remove the copies if there are many."
            )
        return " ".join(said)


def find_copies(
    root: Path, files: Sequence[Path], labels: NDArray[np.int64], groups: NDArray[np.str_] | None
) -> Copies:
    """Return which files have the same content.

    Parameters
    ----------
    root : Path
        The folder relative to which the files are named.
    files : sequence of Path
        The N files.
    labels : ndarray
        Class of each (N,), int64.
    groups : ndarray or None
        Group of each, (N,), str; None if images have no groups.
    """
    found = Copies([], [])
    for rows in equal_files(files):
        own = labels[rows] == labels[rows[0]]
        # The first two names are the example: of two classes if there are several.
        names = file_names(named(files[rows[k]], root) for k in (0, *np.argsort(own[1:], kind="stable") + 1)).tolist()
        if not own.all():
            found.contradicting.append(names)
        elif groups is None or len(set(groups[rows])) > 1:
            found.repeated.append(names)
    return found


def noted_copies(root: Path, files: Sequence[Path], labels: NDArray[np.int64], groups: NDArray[np.str_] | None) -> str:
    """Warn of files with the same content, and return remarks on them; parameters are those of `find_copies`."""
    copies = find_copies(root, files, labels, groups)
    if words := copies.words(root):
        warn(words)
    return copies.remarks


def equal_files(files: Sequence[Path]) -> list[list[int]]:
    """Return the positions of files that have the same content, for each content that is there more than once.

    Only files of the same size are opened, and only those with the same middle and end are read as a whole, so that
    this takes a small part of the time in which all files are read. Files that cannot be read are left out.
    """
    alike = [list(range(len(files)))]
    for value in (_size, _parts, _digest):
        alike = [rows for together in alike for rows in _divided(together, files, value)]
    return alike


def _divided(rows: Iterable[int], files: Sequence[Path], value: Callable[[Path], Hashable]) -> list[list[int]]:
    """Return groups of positions: in each group, two or more files whose value is the same."""
    found = defaultdict(list)
    for row in rows:
        with contextlib.suppress(OSError):
            found[value(files[row])].append(row)
    return [together for together in found.values() if len(together) > 1]


def _size(file: Path) -> int:
    """Return a file's size."""
    return file.stat().st_size


def _parts(file: Path) -> bytes:
    """Return bytes from the middle and the end of a file: its beginning may be the same for all of one camera."""
    with file.open("rb", buffering=0) as opened:
        size = os.fstat(opened.fileno()).st_size
        read = b""
        for place in (size // 2, max(0, size - SAMPLE)):
            opened.seek(place)
            read += opened.read(SAMPLE)
        return hashlib.sha256(read).digest()


def _digest(file: Path) -> bytes:
    """Return a digest of a file's content."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()


def _example(contents: Sequence[Sequence[str]]) -> str:
    """Return the first two names of the first content, and that there are more."""
    names = " and ".join(shortened_front(printed(name), LONGEST_NAME) for name in contents[0][:2])
    return f"{names}, for example" if len(contents) > 1 or len(contents[0]) > 2 else names

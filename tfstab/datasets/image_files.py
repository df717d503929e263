"""The data set made of listed image files: their headers are read first, then their pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets import store
from tfstab.datasets.copies import noted_copies
from tfstab.datasets.damaged_files import damage_advice, refuse_damaged
from tfstab.datasets.dataset import Dataset
from tfstab.datasets.depth import check_depth
from tfstab.datasets.file_names import file_names
from tfstab.datasets.folders import Listing
from tfstab.datasets.images import Look, decode, look
from tfstab.datasets.lazy import FileImages, named
from tfstab.datasets.remarks import joined, remarked, remarks_on
from tfstab.datasets.resize import ONE_SIZE, Resize
from tfstab.errors import DataError

MOST_TRIED = 1 << 27  # pixels of images that are decoded only to name damaged ones in an error, in about 3 s
PER_FILE = 1 << 12  # so many pixels are decoded in the time that it takes to open a file


@dataclass(frozen=True)
class Headers:
    """Image files whose headers have been read.

    Attributes
    ----------
    listing : Listing
        The files and their classes.
    looks : dict
        {row: what its header says} of all files with a readable header.
    wrong : dict
        {row: (file name, what is wrong)} of all others.
    """

    listing: Listing
    looks: dict[int, Look]
    wrong: dict[int, tuple[str, str]]


def read_headers(listing: Listing) -> Headers:
    """Read the headers of image files."""
    looks, wrong = {}, {}
    for row, file in enumerate(listing.files):
        try:
            looks[row] = look(file)
        except ValueError as error:
            wrong[row] = named(file, listing.root), str(error)
    return Headers(listing, looks, wrong)


def load_files(
    headers: Headers, name: str, split: str, resize: Resize | None, damaged: str, lazy: bool = False
) -> Dataset:
    """Make a data set of image files; it has one channel if all of them are grey, else three.

    Parameters
    ----------
    headers : Headers
        The files, their classes and headers.
    name, split : str
        Of the data set.
    resize : Resize or None
        How to resize the images; None if all must have one size.
    damaged : str
        "fail" raises for files that cannot be read; "skip" leaves them out and warns.
    lazy : bool, optional
        Whether no file is decoded before its pixels are needed, so that only files without a readable header are known
        to be damaged; by default, all images that fit into memory are decoded at once.

    Raises
    ------
    DataError
        The sizes differ and no `resize` is given, files are damaged, or 16-bit values use only the lower bits.
    """
    listing, looks, wrong = headers.listing, headers.looks, dict(headers.wrong)
    root, files = listing.root, listing.files
    if not looks:
        refuse_damaged(str(root), list(wrong.values()), len(files), damaged)
    size = next(iter(looks.values())).size
    if resize is None and any(seen.size != size for seen in looks.values()):
        if not lazy and damaged == "fail":
            wrong |= _undecodable(listing, looks)
        raise DataError(_sizes_differ(headers, wrong if damaged == "fail" else {}))
    check_depth(root, [files[row] for row in looks], list(looks.values()))
    grey = all(seen.grey for seen in looks.values())
    rows = np.array(list(looks), np.int64)
    images = FileImages(root, [files[row] for row in rows], size if resize is None else resize.size, grey, resize)
    pixels: NDArray[np.uint8] = images  # type: ignore[assignment]
    if not lazy and (damaged == "skip" or images.nbytes <= store.IN_MEMORY):
        pixels, more = images.readable()
        wrong |= {int(rows[k]): why for k, why in more.items()}
        rows = np.delete(rows, list(more))
    refuse_damaged(str(root), [wrong[row] for row in sorted(wrong)], len(files), damaged, at_least=lazy)
    groups = None if listing.groups is None else listing.groups[rows]
    labels, note = listing.labels[rows], f"images in {root}"
    copies = "" if lazy else noted_copies(root, [files[row] for row in rows], labels, groups)
    of_files = remarks_on(resize, len(wrong), (looks[row] for row in rows))
    remarks = joined(of_files, copies, listing.remarks)
    names = file_names(named(files[row], root) for row in rows)
    return remarked(Dataset(name, split, pixels, labels, listing.class_names, rows, groups, note, names), remarks)


def _sizes_differ(headers: Headers, wrong: dict[int, tuple[str, str]]) -> str:
    """Return the message for images of different sizes, with advice on files that cannot be read."""
    root, files = headers.listing.root, headers.listing.files
    first, seen = next(iter(headers.looks.items()))
    other, height, width = next((row, *one.size) for row, one in headers.looks.items() if one.size != seen.size)
    message = (
        f"{files[other]} is {width} x {height} pixels but {files[first].name} is {seen.size[1]} x {seen.size[0]}: "
        f"{ONE_SIZE}"
    )
    if wrong:  # advised together
        message += f" {damage_advice(str(root), [wrong[row] for row in sorted(wrong)], len(files))}"
    return message


def _undecodable(listing: Listing, looks: dict[int, Look]) -> dict[int, tuple[str, str]]:
    """Return {row: (file name, what is wrong)} of files that have a header but cannot be decoded.

    None are returned if decoding all would take more than a few seconds.
    """
    found: dict[int, tuple[str, str]] = {}
    if sum(PER_FILE + seen.size[0] * seen.size[1] for seen in looks.values()) > MOST_TRIED:
        return found
    for row in looks:
        try:
            decode(listing.files[row], grey=False)
        except ValueError as error:
            found[row] = named(listing.files[row], listing.root), str(error)
    return found

"""Remarks on the images of a data set: how they were read, drawn or labelled.

A data set's note, and that in run.json, says where its images come from and ends with the remarks. They are kept beside
it, too, because the name of a folder in the note may hold the same words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tfstab.datasets.resize import Resize, noted_resize

if TYPE_CHECKING:
    from tfstab.datasets.dataset import Dataset
    from tfstab.datasets.images import Look

# What remarks count; runs record them.
DAMAGED_LEFT_OUT = "damaged files left out"
ALPHA_ON_WHITE = "files with an alpha channel laid on white"
UPPER_BITS = "16-bit files of which the upper 8 bits are kept"
GREY_AMONG_COLOUR = "grey files among those in colour"
TURNED_UPRIGHT = "files turned upright by their EXIF data"
# Said of a folder or file without splits, all of whose images are taken whichever split is asked for.
UNDIVIDED = "not divided into training and test images"


def joined(*parts: object) -> str:
    """Return the parts of a note or of remarks that are not empty, in one text."""
    return ", ".join(str(part) for part in parts if part)


def remarked(dataset: "Dataset", remark: object) -> "Dataset":
    """Return the data set with a further remark, which its note ends with; the same if the remark is empty."""
    if not remark:
        return dataset
    return replace(dataset, note=joined(dataset.note, remark), remarks=joined(dataset.remarks, remark))


def remarks_of(data: Mapping[str, Any]) -> str:
    """Return the remarks on a run's images. data: the entry of run.json, in which older runs have only the note."""
    return str(data.get("remarks", data.get("note", "")))


def with_split(name: str, data: Mapping[str, Any], form: str = "{} ({})") -> str:
    """Return what a run's images are called with their split, or without it if they are not divided.

    Parameters
    ----------
    name : str
        What the images are called.
    data : mapping
        The entry of run.json.
    form : str
        How both are written.

    Examples
    --------
    >>> from tfstab.datasets.remarks import with_split
    >>> with_split("photos", {"split": "test", "remarks": ""})
    'photos (test)'
    """
    split = data["split"]
    return form.format(name, split) if split and UNDIVIDED not in remarks_of(data) else name


def count_in(remarks: str, what: str) -> int:
    """Return how many files remarks count as `what`, such as DAMAGED_LEFT_OUT; 0 if they do not say so."""
    found = re.search(rf"(?:^|, ){re.escape(what)}: (\d[\d,]{{0,12}})(?:, |$)", remarks)
    return int(found[1].replace(",", "")) if found else 0


def remarks_on(resize: Resize | None, left_out: int, looks: Iterable["Look"]) -> str:
    """Return the remarks on images of files.

    They say, if this applies: the new size, how many damaged files are left out, how many files have an alpha channel
    or a transparent colour, how many have 16 bits a channel, how many are turned upright, and how many are grey if
    others are not.
    """
    used = list(looks)
    alpha, grey = sum(seen.alpha for seen in used), sum(seen.grey for seen in used)
    deep = sum(seen.sixteen_bits for seen in used)
    counts = {
        DAMAGED_LEFT_OUT: left_out,
        ALPHA_ON_WHITE: alpha,
        UPPER_BITS: deep,
        TURNED_UPRIGHT: sum(seen.turned for seen in used),
        GREY_AMONG_COLOUR: grey * (grey < len(used)),
    }
    return joined(resize, *(f"{what}: {count:,}" for what, count in counts.items() if count))


def reading_of(remarks: str) -> dict[str, str]:
    """Return how images were read, as the remarks in run.json say: resized, or without damaged files."""
    resize = noted_resize(remarks)
    return ({"resize": resize} if resize else {}) | ({"damaged": "skip"} if DAMAGED_LEFT_OUT in remarks else {})

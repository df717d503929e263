"""Remarks on the images of a data set: how they were read, drawn or labelled.

A data set's note, and that in run.json, says where its images come from and ends with the remarks. They are kept beside
it, too, because the name of a folder in the note may hold the same words.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfstab.datasets.dataset import Dataset


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


def count_in(remarks: str, what: str) -> int:
    """Return how many files remarks count as `what`, such as DAMAGED_LEFT_OUT; 0 if they do not say so."""
    found = re.search(rf"(?:^|, ){re.escape(what)}: (\d[\d,]{{0,12}})(?:, |$)", remarks)
    return int(found[1].replace(",", "")) if found else 0

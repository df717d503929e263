"""Which part of a sweep a saved table or figure shows: in words, in columns and in file names. No Qt in here."""

import re
from typing import TYPE_CHECKING

from tfstab.datasets.images import SUFFIXES
from tfstab.gui.content.predictions import class_label
from tfstab.names import csv_cell

if TYPE_CHECKING:
    from tfstab.gui.content.selection import PointFilter
    from tfstab.runs.clean import CleanImages
    from tfstab.sweep import SweepRun

LONGEST = 200  # letters of a file name; file systems allow 255 bytes with the suffix
SUFFIX = re.compile(rf"({'|'.join(map(re.escape, SUFFIXES))})(?=,|$)")  # of an image file that a title names
RIGHT_ONLY = "only images right when clean"


def in_file_name(*words: str) -> str:
    """Return words as a part of a file name, in which a severity below 0 keeps its sign."""
    text = re.sub(r"(?<!\S)-(?=\d)", "minus ", " ".join(words).lower())
    return re.sub(r"[^a-z0-9.]+", "-", text)[:LONGEST].strip("-")


def image_words(clean: "CleanImages", image: int) -> list[str]:
    """Return the index of an image and, if the image is from a file, the file's name without suffix."""
    file = clean.file(image)
    return [f"image {image}", *([SUFFIX.sub("", file.lower())] if file else [])]


def severity_words(run: "SweepRun", place: int | str | None) -> list[str]:
    """Return a severity, given by its index, in words, or the word for clean images; [] for all severities."""
    if place is None:
        return []
    return [place if isinstance(place, str) else run.degradation.at(f"{run.severities[place]:g}")]


def severity_column(run: "SweepRun", place: int | str | None) -> dict[str, str]:
    """Return title and value of a column with this severity, or that of clean images or of all severities."""
    value = "all" if place is None else place if isinstance(place, str) else f"{run.severities[place]:g}"
    return {csv_cell(run.degradation.parameter): value}


def filter_words(run: "SweepRun", class_index: int | None, chosen: "PointFilter") -> list[str]:
    """Return the class, and each condition that the degraded images shown must meet, in words."""
    names = run.class_names
    words = [] if class_index is None else [f"class {class_label(class_index, names)}"]
    words += severity_words(run, chosen.severity_index)
    if chosen.predicted is not None:
        words.append(f"predicted {class_label(chosen.predicted, names)}")
    if chosen.image is not None:
        words.append(f"image {chosen.image}")
    if (chosen.low, chosen.high) != (0, 1):
        words.append(f"score {chosen.low:g} to {chosen.high:g}")
    return words if chosen.clean_wrong else [*words, RIGHT_ONLY]

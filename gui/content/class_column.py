"""A column of a table of classes: recalls, or false alarms."""

from dataclasses import dataclass
from typing import Generic, TypeVar

CLEAN = "clean"  # name of the first column
ALL = ""  # name of the column of the average over all degradations

C = TypeVar("C")


@dataclass(frozen=True, eq=False)
class ClassColumn(Generic[C]):
    """What is known of all classes, when clean, under one degradation, or on average over all.

    Attributes
    ----------
    name : str
        Name of the degradation, `CLEAN` or `ALL`.
    title : str
        What it is called in a table.
    where : str
        The same after the name of a class: "under fog".
    cells : tuple of C or None
        One for each class; None if there are no images to count.
    """

    name: str
    title: str
    where: str
    cells: tuple[C | None, ...]

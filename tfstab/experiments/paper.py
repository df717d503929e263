"""The values of the paper's Tables 1 to 6."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NETWORKS = ("single", "ensemble", "augmented")


@dataclass(frozen=True)
class PaperTable:
    """One of the paper's tables, or the half of one that is about one data set.

    Attributes
    ----------
    table : int
        Number of the table.
    data : str
        Name of the data set.
    network : str
        "single", "ensemble" (of 5) or "augmented" (trained on 15 noisy copies of each image too).
    noisy : bool
        Whether the images have noise, of 12 sigmas with 150 copies each.
    accuracy : float
        Accuracy in %.
    precision, recall : tuple of float
        Shares, 0..1, for each class from 0 on. (The paper counts the classes of CIFAR-10 and MNIST from 1.)
    """

    table: int
    data: str
    network: str
    noisy: bool
    accuracy: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]


@cache
def paper_tables() -> tuple[PaperTable, ...]:
    """Return all tables, nine of them with the halves, in the paper's order."""
    text = (files("tfstab.resources.paper") / "tables.json").read_text("utf-8")
    entries = json.loads(text)
    return tuple(
        PaperTable(**{**entry, "precision": tuple(entry["precision"]), "recall": tuple(entry["recall"])})
        for entry in entries
    )


def paper_table(data: str, network: str, noisy: bool) -> PaperTable | None:
    """Return one of the paper's tables.

    Parameters
    ----------
    data : str
        Name of the data set.
    network : str
        One of `NETWORKS`.
    noisy : bool
        Whether the images have noise.

    Returns
    -------
    PaperTable or None
        The table; None if the paper has none for this.
    """
    wanted = data, network, noisy
    return next((t for t in paper_tables() if (t.data, t.network, t.noisy) == wanted), None)

"""The values of the paper's Tables 1 to 6, and what the accuracies that it prints below them really are.

The paper calls the accuracy below each table top-1. Below Tables 2 and 6 (GTSRB) it is the mean recall instead, which
differs because the classes have different numbers of images; below Table 4 it is neither. `PaperTable.note` says what
else is inconsistent in a table. tests/experiments/test_paper.py computes all of this.
"""

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
        The accuracy that the paper prints, in %.
    accuracy_is : str
        What this accuracy is: "top-1", "mean recall" or "neither".
    digits : int
        Decimals of the precisions and recalls that the paper prints.
    precision, recall : tuple of float
        Shares, 0..1, for each class from 0 on. (The paper counts the classes of CIFAR-10 and MNIST from 1.)
    note : str
        Sentences on what is inconsistent in the table; "" if nothing was found.
    """

    table: int
    data: str
    network: str
    noisy: bool
    accuracy: float
    accuracy_is: str
    digits: int
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    note: str = ""

    @property
    def mean_recall(self) -> float:
        """Mean of the printed recalls, in %."""
        return 100 * sum(self.recall) / len(self.recall)


def difference(here: float, printed: float, digits: int) -> float:
    """Return by how much a value, rounded in the same way, differs from a printed one.

    Parameters
    ----------
    here : float
        The value; NaN gives NaN.
    printed : float
        The rounded value.
    digits : int
        Its number of decimals.

    Returns
    -------
    float
        The rounded `here` minus `printed`: 0 if the two agree as far as the printed decimals tell.

    Examples
    --------
    >>> from tfstab.experiments.paper import difference
    >>> difference(0.9846, 0.98, digits=2), difference(0.9872, 0.98, digits=2)
    (0.0, 0.01)
    """
    return round(round(here, digits) - printed, digits) + 0.0  # no -0.0


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

"""The paper's Tables 1 to 6 as it prints them."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NETWORKS = ("single", "ensemble", "augmented")


@dataclass(frozen=True)
class PaperTable:
    """One table, or the half of one that is about one data set.

    table: its number. network: "single", "ensemble" of 5, or "augmented", trained on 15 noisy copies too. noisy: over
    12 sigmas and 150 copies, or clean. accuracy: in %. precision, recall: of each class from 0 on, shares; the paper
    counts the classes of CIFAR-10 and MNIST from 1.
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
    """All nine, in the paper's order."""
    text = (files("tfstab.resources.paper") / "tables.json").read_text("utf-8")
    entries = json.loads(text)
    return tuple(
        PaperTable(**{**entry, "precision": tuple(entry["precision"]), "recall": tuple(entry["recall"])})
        for entry in entries
    )


def paper_table(data: str, network: str, noisy: bool) -> PaperTable | None:
    """The paper's table of this; None for what it does not print."""
    wanted = data, network, noisy
    return next((t for t in paper_tables() if (t.data, t.network, t.noisy) == wanted), None)

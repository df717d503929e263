"""Sentences on one picture: what alters its prediction."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.tried import Tried, families_of
from tfstab.wording import counted

MILDEST = 6  # changes that a sentence names
UNSEEN = "None of these changes adds details, so they do not show whether the picture is blurred or has too few pixels."

At = tuple[Tried, NDArray[np.bool_]]  # a change, and at which severities it does something


def altered(sure: Sequence[At], unsure: Sequence[At], alter: str) -> str:
    """Say how many changes alter the prediction for a picture, and which the mildest of them are.

    Parameters
    ----------
    sure, unsure : sequence of (Tried, ndarray of bool)
        At which severities they do, and at which they may do so by chance.
    alter : str
        What they do, in the plural: "make it wrong".
    """
    number, several = sum(len(one.severities) for one, _ in sure), sum(int(at.sum()) for _, at in sure)
    tried = f"{number} changes that were tried ({families_of([one for one, _ in sure])})"
    alters = alter.replace("make", "makes").replace("alter", "alters")
    doubtful = sum(int(at.sum()) for _, at in unsure)
    chance = "most copies are predicted as another class, but too few to exclude chance"
    may = f"may {alter}: {chance}."
    if not several:
        return f"Of the {tried}, {doubtful} {may}" if doubtful else f"None of the {tried} {alters}."
    told = f"Of the {tried}, {several} {alters if several == 1 else alter}{_mildest(sure)}."
    return f"{told} {doubtful} more {may}" if doubtful else told


def _mildest(sure: Sequence[At]) -> str:
    """Return the changes that do something at the lowest place in their row of severities, and how many others do."""
    first = [(int(at.argmax()), one) for one, at in sure if at.any()]
    least = min(place for place, _ in first)
    named = [f"{one.title}, {one.family.at(f'{one.severities[least]:g}')}" for place, one in first if place == least]
    more = len(named) - MILDEST
    shown = "; ".join([*named[:MILDEST], *([f"and {counted(more, 'other')} as mild"] if more > 0 else [])])
    return f": {shown}" if sum(int(at.sum()) for _, at in sure) == len(named) else f". The mildest of them: {shown}"

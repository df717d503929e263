"""Where a network does not do clearly better than always answering the same class, which accuracy kept hides."""

from collections.abc import Sequence

import numpy as np

from tfstab.assessment.attracting import taken_for
from tfstab.assessment.figures import FamilyFigures
from tfstab.assessment.finding import Finding
from tfstab.assessment.words import name, severity
from tfstab.metrics.estimate import estimate_each
from tfstab.metrics.shares import rounded
from tfstab.names import quoted
from tfstab.wording import capital, listed

NAMED = 4  # families that are named in the sentence
NEARLY_ALL = 0.9  # of the degraded images of other classes, at each of these severities


def lost_from(family: FamilyFigures) -> int | None:
    """Return from which severity on the accuracy is not clearly better than that of always answering the same class.

    Parameters
    ----------
    family : FamilyFigures
        The figures of a family.

    Returns
    -------
    int or None
        Index of the mildest of these severities: there and at all stronger ones the accuracy's 95 % interval reaches
        down to the share of the commonest class. None if at the strongest severity it does not, if severities lie on
        both sides of the neutral one, or if the clean images do not show that the network is better either.
    """
    if not family.run.config.one_sided:
        return None
    shares = np.column_stack([family.share_right, family.clean_right])
    _, lowest, _ = estimate_each(shares, np.ones(len(shares)))
    if not lowest[-1] > family.chance:
        return None
    found = None
    for index in family.run.config.mildest_first[::-1]:
        if lowest[index] > family.chance:
            break
        found = int(index)
    return found


def chance_finding(families: Sequence[FamilyFigures]) -> Finding | None:
    """Return under which families, and from which severity on, a network may as well answer always the same class."""
    lost = [(f, index) for f in families if (index := lost_from(f)) is not None]
    if not lost:
        return None
    named = [_where(f, index) for f, index in lost[:NAMED]]
    rest = len(lost) - NAMED
    if rest > 0:
        named.append(f"under {rest} other degradations" if rest > 1 else "under one other degradation")
    low, high = (rounded(end(f.chance for f, _ in lost)) for end in (min, max))
    share = low if low == high else f"{low}–{high}"
    text = (
        f"{capital(listed(named, most=NAMED + 1))}, its accuracy is not clearly better than that of always answering "
        f"the same class ({share} %).{_answers(lost)}"
    )
    return Finding("chance", "bad", text, tuple(f.name for f, _ in lost))


def _answers(lost: Sequence[tuple[FamilyFigures, int]]) -> str:
    """Return which class nearly all images of other classes are taken for there, and under which families, or "".

    lost: families, and the index of the severity from which on they leave the network no better than guessing.
    """
    taken: dict[str, list[str]] = {}
    for family, index in lost:
        order = family.run.config.mildest_first
        shares = taken_for(family)[order[order.tolist().index(index) :]].min(axis=0)
        if np.nanmax(shares, initial=0) >= NEARLY_ALL:
            taken.setdefault(family.run.class_names[int(np.nanargmax(shares))], []).append(family.title)
    most = sorted(taken.items(), key=lambda item: -len(item[1]))[:NAMED]
    what = [
        f"for {quoted(name(which))}" + (f" under {listed(families, most=NAMED)}" if len(lost) > 1 else "")
        for which, families in most
    ]
    return (
        f" At least {100 * NEARLY_ALL:g} % of the images of other classes are then taken {', and '.join(what)}."
        if what
        else ""
    )


def _where(family: FamilyFigures, index: int) -> str:
    """Return in words under which family, and from which severity on."""
    where = severity(family.run.degradation, family.run.severities[index])
    alone = index == family.run.config.mildest_first[-1]
    return f"{'at' if alone else 'from'} {where}{'' if alone else ' on'} under {family.title}"

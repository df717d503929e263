"""What the degraded copies of one image are taken for, at each severity of a sweep."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.runner_up import runner_up

if TYPE_CHECKING:
    from tfstab.sweep import SweepRun

MOST = 3  # wrong classes that are told apart
OTHERS = "other classes"


@dataclass(frozen=True, eq=False)
class Copies:
    """The classes that the copies of an image are taken for.

    Attributes
    ----------
    parameter : str
        Name of the severity, such as "sigma".
    severities : tuple of str
        The severities that have copies, from mild to strong.
    names : tuple of str
        The true class, then up to three wrong ones with the most copies, then "other classes" if there are more.
    shares : ndarray of float64 (S, C)
        Share of the copies at each severity that are taken for each of them.
    says : str
        Where most copies are misclassified, and as which class.
    """

    parameter: str
    severities: tuple[str, ...]
    names: tuple[str, ...]
    shares: NDArray[np.float64]
    says: str


def copies_of(run: "SweepRun", image: int) -> Copies | None:
    """Read what the copies of an image are taken for; None if there are none yet."""
    measures, row = run.measures_of(image), run.clean.row(image)
    actual, classes = int(run.clean.class_index[row]), len(run.class_names)
    counts = np.zeros((len(run.severities), classes))
    for index, severity in enumerate(run.severities):
        _, predicted, count = measures.entries(severity)
        np.add.at(counts[index], predicted, count)
    order = [int(k) for k in run.config.mildest_first if counts[k].any()]
    if not order:
        return None
    shares = counts[order] / counts[order].sum(axis=1, keepdims=True)
    totals = shares.sum(axis=0)
    totals[actual] = -1
    wrong = [int(k) for k in np.argsort(-totals, kind="stable") if totals[k] > 0]
    columns = [shares[:, actual], *(shares[:, k] for k in wrong[:MOST])]
    names = [run.class_names[actual], *(run.class_names[k] for k in wrong[:MOST])]
    if len(wrong) > MOST:
        columns.append(shares[:, wrong[MOST:]].sum(axis=1))
        names.append(OTHERS)
    severities = tuple(f"{run.severities[k]:g}" for k in order)
    single = bool((counts[order].sum(axis=1) == 1).all())
    says = _says(run, row, shares, severities, wrong, "The copy is" if single else "Most copies are")
    return Copies(run.degradation.parameter, severities, tuple(names), np.stack(columns, axis=1), says)


def _says(
    run: "SweepRun", row: int, shares: NDArray[np.float64], severities: tuple[str, ...], wrong: list[int], most_are: str
) -> str:
    """Return where most copies are misclassified and as which class, and which class was second when clean.

    most_are: how a sentence about most copies of a severity begins.
    """
    actual, names = int(run.clean.class_index[row]), run.class_names
    clean = run.clean.scores[row]
    lost = np.flatnonzero(shares[:, actual] < 0.5)
    if int(clean.argmax()) != actual:
        return _says_of_wrong(len(lost), len(shares), [names[k] for k in wrong], most_are)
    if not wrong:
        return "All copies are right."
    second = int(runner_up(clean))
    first = (
        wrong[0] if not len(lost) else int(np.argmax(np.where(np.arange(len(names)) == actual, -1, shares[lost[0]])))
    )
    if len(lost):
        mildest = run.degradation.at(severities[lost[0]])
        if len(lost) == len(shares) - lost[0]:
            where = f"{most_are} misclassified from {mildest} on, first as {names[first]}"
        else:  # chance decides about few copies
            where = (
                f"{most_are} misclassified at {len(lost)} of {len(shares)} severities, first at {mildest} as "
                f"{names[first]}"
            )
    else:
        most = "Most" if (shares[:, actual] > 0.5).all() else "At least half of the"
        where = f"{most} copies stay right at every severity; the others are mostly taken for {names[first]}"
    return (
        f"{where}, the second class when clean."
        if first == second
        else f"{where}; {names[second]} was second when clean."
    )


def _says_of_wrong(lost: int, severities: int, wrong: list[str], most_are: str) -> str:
    """Return at how many severities most copies of an image that is wrong when clean are wrong too, and as what.

    wrong: names of the wrong classes that copies are taken for, the most frequent first.
    """
    if not wrong:
        return "All copies are right, unlike the clean image."
    if not lost:
        return f"At least half of the copies are right at every severity; the others are mostly taken for {wrong[0]}."
    at = "every severity" if lost == severities else f"{lost} of {severities} severities"
    return f"{most_are} misclassified at {at}, too, {'mostly ' * (len(wrong) > 1)}as {wrong[0]}."

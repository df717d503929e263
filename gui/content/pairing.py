"""Two networks on the same images: paired differences with intervals; every function may run in a worker thread.

A difference is the network in view minus the other one, so it is positive where the network in view is better. The
other network is therefore the first of a comparison, and the network in view the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tfstab.errors import InputError, TfstabError
from tfstab.metrics.paired import Difference, McNemar
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.experiments.comparison import SweepComparison
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun


@dataclass(frozen=True)
class PairRow:
    """The network in view and another one, compared in one respect.

    Attributes
    ----------
    title : str
        In which respect.
    accuracy : Difference or None
        The accuracies of the other network (`first`) and of the network in view (`second`), and their difference, on
        the images that both have; None if they cannot be compared.
    problem : str
        Why they cannot be compared, or "".
    """

    title: str
    accuracy: Difference | None
    problem: str = ""


@dataclass(frozen=True)
class Pairing:
    """The network in view and another one on the same images.

    Attributes
    ----------
    model : str
        What the other network is called: its own name, or that of its run.
    rows : list of PairRow
        What is compared.
    overall : Difference or None
        Mean accuracy over everything that is degraded; None if nothing can be compared.
    mcnemar : McNemar or None
        McNemar's exact test on the clean images that both have.
    """

    model: str
    rows: list[PairRow]
    overall: Difference | None = None
    mcnemar: McNemar | None = None


def pair_of_assessments(own: "Figures", other: "Figures", name: str) -> Pairing:
    """Compare the network in view with another one, called `name`, under each family, image by image."""
    from tfstab.experiments.folders_compared import compare_sweeps, largest, overall

    pairs = compare_sweeps(*({family.name: family.run for family in side.families} for side in (other, own)))
    lacking = InputError(f"{name} was not swept under it.")
    rows = [_family_row(family.title, pairs.get(family.name, lacking)) for family in own.families]
    found = [pair for pair in pairs.values() if not isinstance(pair, InputError)]
    if not found:
        return Pairing(name, rows)
    clean, mean = largest(found), overall(found)
    first_rows = [PairRow("mean of all", mean), PairRow("clean images", clean.clean)]
    return Pairing(name, [*first_rows, *rows], mean, clean.mcnemar)


def _family_row(title: str, pair: "SweepComparison | InputError") -> PairRow:
    return PairRow(title, None, str(pair)) if isinstance(pair, InputError) else PairRow(title, pair.accuracy())


def pair_of_sweeps(own: "SweepRun", other: "SweepRun", name: str, clean_correct: bool = False) -> Pairing:
    """Compare the sweep in view with another one at each severity and in each class, image by image.

    Parameters
    ----------
    own, other : SweepRun
        The sweeps.
    name : str
        Name of the other one.
    clean_correct : bool
        Include only images that both networks get right when clean.

    Returns
    -------
    Pairing
        Its only row says why, if the sweeps cannot be compared.
    """
    from tfstab.experiments.comparison import SweepComparison

    family = own.degradation
    try:
        pair = SweepComparison(other, own)
    except InputError as error:
        return Pairing(name, [PairRow(family.together, None, str(error))])
    overall = pair.accuracy(clean_correct=clean_correct)
    severities = [s for s in np.array(own.severities)[own.config.mildest_first].tolist() if s in pair.severities]
    rows = [PairRow(family.together, overall), PairRow("clean images", pair.clean)]
    rows += [PairRow(f"{family.parameter} {s:g}", pair.accuracy(s, clean_correct)) for s in severities]
    if not clean_correct:
        rows += [PairRow(f"class {pair.class_names[k]}", pair.recall(k)) for k in np.unique(pair.labels).tolist()]
    return Pairing(name, rows, overall, pair.mcnemar)


def points(d: Difference) -> str:
    """Return a difference of shares in points with its interval: "+6.2 (+4.1 to +8.3)"."""
    value, low, high = (round(100 * share, 1) + 0.0 for share in (d.value, d.low, d.high))  # + 0.0: no "-0.0"
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def better(d: Difference, model: str, own: str) -> str:
    """Return the name of the better network if the images decide. d: the accuracy of `own` minus that of `model`."""
    return "undecided" if d.sign == 0 else own if d.sign > 0 else model


def sentence(pairing: Pairing, own: str) -> str:
    """Say how the network in view compares with another one, over all degradations and on clean images."""
    if pairing.overall is None or pairing.mcnemar is None:
        return f"{pairing.model} and {own} cannot be compared: {pairing.rows[0].problem if pairing.rows else 'no runs'}"
    test = pairing.mcnemar
    return (
        f"{own} minus {pairing.model}: {points(pairing.overall)} points over all degraded copies of "
        f"the {counted(pairing.overall.count)} that both have. Clean images: only {own} is right on "
        f"{test.only_second:,}, only {pairing.model} on {test.only_first:,}; McNemar's exact p = {test.p_value:.2g}."
    )


def sentences_of_searches(own: "SearchRun", others: "Sequence[SearchRun]") -> str:
    """Return what the comparisons of a search with others say, a paragraph for each; or why there is none."""
    from tfstab.experiments.comparison import SearchComparison

    said = []
    for other in others:
        try:
            said.append(" ".join(SearchComparison(other, own).summary().splitlines()))
        except TfstabError as error:
            said.append(str(error))
    return "\n".join(said)

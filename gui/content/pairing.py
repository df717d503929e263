"""Two networks on the same images: paired differences with intervals; every function may run in a worker thread.

A difference is the network in view minus the other one, so it is positive where the network in view is better. The
other network is therefore the first of a comparison, and the network in view the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tfstab.errors import InputError, TfstabError
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.figures import Figures
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.recall_changes import RecallChange
    from tfstab.search import SearchRun
    from tfstab.sweep import SweepRun

MOST_RECALLS = 200  # rows of the table


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
        Why they cannot be compared, and what to do about it, or "".
    reason : str
        Why they cannot be compared, or "".
    sign : int
        1 if the network in view is better, -1 if the other one is, 0 if that is not decided; for all families,
        severities or classes at once.
    """

    title: str
    accuracy: Difference | None
    problem: str = ""
    reason: str = ""
    sign: int = 0


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
    on_clean : CleanComparison or None
        Both networks on all clean images that both have, whether or not they have been degraded.
    recalls : tuple of RecallChange
        Of two assessments, the recall of each class under each degradation. Recalls in which the network in view is
        certainly worse come first; the others follow, its lowest first.
    """

    model: str
    rows: list[PairRow]
    overall: Difference | None = None
    on_clean: "CleanComparison | None" = None
    recalls: "tuple[RecallChange, ...]" = ()


def pair_of_assessments(own: "Figures", other: "Figures", name: str) -> Pairing:
    """Compare the network in view with another one, called `name`, under each family, image by image."""
    from tfstab.experiments.folders_compared import compare_sweeps, largest, overall, recalls_of
    from tfstab.report.recall_change_tables import falls_first

    pairs = compare_sweeps(*({family.name: family.run for family in side.families} for side in (other, own)))
    lacking = f"{name} was not measured under this degradation"
    rows = []
    for family in own.families:
        pair, theirs = pairs.get(family.name), other.family(family.name)
        if pair is None or theirs is None:
            rows.append(PairRow(family.title, None, f"{lacking}.", lacking))
        elif isinstance(pair, InputError):
            rows.append(_refused(family.title, pair, {family.run: "this one", theirs.run: name}))
        else:
            rows.append(PairRow(family.title, pair.accuracy()))
    rows = _decided(rows)
    found = [pair for pair in pairs.values() if not isinstance(pair, InputError)]
    if not found:
        return Pairing(name, rows)
    clean, mean = largest(found), overall(found)
    first_rows = [*_decided([PairRow("mean of all", mean)]), *_decided([PairRow("clean images", clean.clean)])]
    return Pairing(name, [*first_rows, *rows], mean, clean.on_clean, tuple(falls_first(recalls_of(found))))


def pairing_of_recalls(pairing: Pairing) -> Pairing:
    """Return the recalls of two assessments as what is compared, at most MOST_RECALLS of them."""
    rows = [PairRow(c.which, c.paired, sign=c.sign) for c in pairing.recalls[:MOST_RECALLS]]
    return Pairing(pairing.model, rows)


def _decided(rows: list[PairRow]) -> list[PairRow]:
    """Decide for all these rows at once which network is better."""
    signs = iter(decided([row.accuracy for row in rows if row.accuracy is not None]))
    return [row if row.accuracy is None else replace(row, sign=next(signs)) for row in rows]


def _refused(title: str, error: InputError, names: "dict[SweepRun, str]") -> PairRow:
    """Return the row of two sweeps that cannot be compared, with their names in place of their folders."""
    problem = str(error)
    runs = sorted(names, key=lambda run: len(str(run.path)), reverse=True)  # one path may begin with the other
    for sign, run in enumerate(runs):  # one sign for each, since a path or a name may contain ": "
        problem = problem.replace(str(run.path), chr(sign))
    reason = problem.partition(": ")[0].removesuffix(".")
    signs = {sign: names[run] for sign, run in enumerate(runs)}
    return PairRow(title, None, problem.translate(signs), reason.translate(signs))


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
        return Pairing(name, [_refused(family.together, error, {own: "this one", other: name})])
    overall = pair.accuracy(clean_correct=clean_correct)
    severities = [s for s in np.array(own.severities)[own.config.mildest_first].tolist() if s in pair.severities]
    rows = [*_decided([PairRow(family.together, overall)]), *_decided([PairRow("clean images", pair.clean)])]
    rows += _decided([PairRow(family.at(f"{s:g}"), pair.accuracy(s, clean_correct)) for s in severities])
    if not clean_correct:
        present = np.unique(pair.labels).tolist()
        rows += _decided([PairRow(f"class {pair.class_names[k]}", pair.recall(k)) for k in present])
    return Pairing(name, rows, overall, pair.on_clean)


def points(d: Difference) -> str:
    """Return a difference of shares in points with its interval: "+6.2 (+4.1 to +8.3)"."""
    value, low, high = (round(100 * share, 1) + 0.0 for share in (d.value, d.low, d.high))  # + 0.0: no "-0.0"
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def better(row: PairRow, model: str, own: str) -> str:
    """Return which network is better, `own` (the one in view) or `model`, or that it is not decided."""
    return "not decided" if row.sign == 0 else own if row.sign > 0 else model


NUMBERS = ("", "network", "accuracy (%)", "other network", "its accuracy (%)", "difference (points)", "from", "to",
           "images", "better", "problem")  # fmt: skip


def numbers_of(own: str, pairings: Sequence[Pairing]) -> list[tuple[str | float, ...]]:
    """Return the rows of several comparisons with each number in its own column, one of `NUMBERS`."""
    lines: list[tuple[str | float, ...]] = []
    for pairing in pairings:
        for row in pairing.rows:
            d = row.accuracy
            if d is None:
                lines.append((row.title, own, "", pairing.model, "", "", "", "", "", "", row.problem))
            else:
                accuracy, *rest = (100 * share for share in (d.second, d.first, d.value, d.low, d.high))
                name = better(row, pairing.model, own)
                lines.append((row.title, own, accuracy, pairing.model, *rest, d.count, name, ""))
    return lines


def sentence(pairing: Pairing, own: str) -> str:
    """Say how the network in view compares with another one, over all degradations and on clean images."""
    from tfstab.experiments.comparison_text import chosen_notes, class_sentences, disagreement

    if pairing.overall is None or pairing.on_clean is None:
        return f"{pairing.model} and {own} cannot be compared: {pairing.rows[0].problem if pairing.rows else 'no runs'}"
    clean, test = pairing.on_clean, pairing.on_clean.mcnemar
    told = (
        f"{own} minus {pairing.model}: {points(pairing.overall)} points over all degraded copies of "
        f"the {counted(pairing.overall.count)} that both have. Of {counted(len(clean.images), 'clean image')}, only "
        f"{own} is right on {test.only_second:,}, only {pairing.model} on {test.only_first:,}; McNemar's exact p = "
        f"{test.p_value:.2g}{disagreement(clean)}."
    )
    names = pairing.model, own
    return " ".join([told, *chosen_notes(clean, *names), *class_sentences(clean, *names)])


def recall_lines(pairing: Pairing, own: str) -> list[str]:
    """Return what the recalls of two assessments say, in sentences, and what the table of them has; [] without."""
    from tfstab.experiments.recall_changes import recall_sentences
    from tfstab.metrics.weak_groups import FEWEST

    if not pairing.recalls:
        return []
    lowest_first = sorted(pairing.recalls, key=lambda c: (c.paired.second, c.paired.first))
    count = len(pairing.recalls)
    first = f"The first {MOST_RECALLS} are shown. " if count > MOST_RECALLS else ""
    return [
        *recall_sentences(lowest_first, pairing.model, own),
        f"Recall by class and degradation: the share of a class's degraded images that are right, averaged over the "
        f"severities. Recalls that are certainly lower for {own} come first, then its other recalls, the lowest first. "
        f"{first}Classes with fewer than {FEWEST} degraded images are left out.",
    ]


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

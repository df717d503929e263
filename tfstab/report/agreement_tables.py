"""How a reproduction compares with the stored results, as tables, sentences and JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tfstab.experiments.agreement import (
    Agreement,
    ClaimAgreement,
    ClassAgreement,
    Relation,
    agreements,
    claim_agreements,
    class_agreements,
)
from tfstab.experiments.claim import NAMES, UNTESTED, Claim
from tfstab.experiments.claims import claims
from tfstab.experiments.collected import data_results
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.results import SHARES, TITLES, Figure
from tfstab.experiments.stored import Results, stored_results
from tfstab.report.page import Section
from tfstab.report.paper_tables import CLEAN, NOISY, UNCLIPPED
from tfstab.report.tables import Table

SHOWN = 5  # largest number of figures that a sentence names
_AGREES = (
    "Agrees: the 95 % interval of the difference contains 0, or that of the quotient 1. Even if nothing differs, about "
    "1 in 20 figures does not agree by chance.",
    "Conditions are the same if networks, test set and settings are the same. Then the result with fewer images or "
    "copies is a sample of the other, which the interval accounts for. Otherwise the two are treated as independent.",
)
_ENDS = ("from", "to", "agrees", "conditions")
_TESTS = {"clean": CLEAN, "noisy": NOISY, "unclipped": UNCLIPPED}
# The run behind each test.
_RUNS = {
    "noisy": "noise sweep",
    "unclipped": "noise sweep without clipping",
    "search": "genetic search",
    "layers": "margins and gain",
    "noise": "minimum noise along the boundary",
}


class Comparison:
    """A reproduction of several data sets beside the stored results.

    Parameters
    ----------
    reproductions : mapping of str to Reproduction
        Reproductions by data set.
    found : list of Claim
        Their claims.
    stored : Results or None
        The stored results; None if there are none.

    Attributes
    ----------
    found : list of Claim
        The claims of the reproduction.
    figures : list of Agreement
        All figures that both have.
    classes : list of ClassAgreement
        Precision and recall of all classes.
    claims : list of ClaimAgreement
        The verdicts that both have.
    """

    def __init__(self, reproductions: Mapping[str, Reproduction], found: list[Claim], stored: Results | None) -> None:
        """Compare them."""
        self.found, self.stored = found, stored
        self.figures: list[Agreement] = []
        self.classes: list[ClassAgreement] = []
        self.claims: list[ClaimAgreement] = [] if stored is None else claim_agreements(found, stored.claims)
        for name, r in reproductions.items():
            if stored is not None and name in stored.data:
                here = data_results(r)
                self.figures += agreements(here, stored.data[name])
                self.classes += class_agreements(here, stored.data[name])

    @property
    def lines(self) -> list[str]:
        """The comparison in a few sentences, the stored results first."""
        if self.stored is None:
            return ["There are no stored results to compare with."]
        if not self.figures:
            return ["Nothing in this reproduction can be compared with the stored results yet."]
        names = list(dict.fromkeys(a.data for a in self.figures))
        return [_origin(self.stored, names), *self._related(), *self._figures(), *self._verdicts()]

    def _related(self) -> list[str]:
        """Return what differs in images, networks and settings, if anything."""
        lines = []
        for data in dict.fromkeys(a.data for a in self.figures):
            of = [a for a in self.figures if a.data == data and len(a.here.kinds) == 1]
            kinds = {a.here.kinds[0] for a in of if a.relation is Relation.NETWORKS}
            tests = {_RUNS[a.here.test] for a in of if a.relation is Relation.SETTINGS}
            if any(a.relation is Relation.IMAGES for a in of):
                lines.append(f"{NAMES[data]}: the images differ from those of the stored results.")
            if kinds:
                lines.append(f"{NAMES[data]}: networks that differ from the stored ones: {', '.join(sorted(kinds))}.")
            if tests:
                lines.append(
                    f"{NAMES[data]}: runs with other settings than the stored ones: {', '.join(sorted(tests))}."
                )
        return lines

    def _figures(self) -> list[str]:
        """Return sentences that count the figures that agree and name the figures that differ."""
        decided = [a for a in self.figures if a.differs is not None]
        others = [a for a in decided if a.differs]
        lines = [
            f"{len(decided) - len(others)} of {len(decided)} figures agree with the stored ones: the 95 % interval of "
            "their difference contains 0. Even if nothing differs, about 1 in 20 does not agree by chance."
        ]
        if others:
            left = f", and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
            lines.append(f"These differ: {'; '.join(_told(a) for a in others[:SHOWN])}{left}.")
        cells, different = (sum(getattr(c, name) for c in self.classes) for name in ("cells", "different"))
        if cells:
            lines.append(f"{cells - different:,} of {cells:,} values of the classes' precision and recall agree.")
        return lines

    def _verdicts(self) -> list[str]:
        """Return sentences that count equal verdicts and list the claims with contradictory ones."""
        if not self.claims:
            return []
        tested = [c for c in self.claims if UNTESTED not in (c.here.verdict, c.stored.verdict)]
        same, left = sum(c.here.verdict == c.stored.verdict for c in tested), len(self.claims) - len(tested)
        untested = f" Another {left} are not tested here, or not in the stored results." if left else ""
        return [
            f"{same} of {len(tested)} verdicts on the paper's claims are the same.{untested}",
            *(
                f'{NAMES.get(c.here.data, c.here.data)}: "{c.here.said}": {c.here.verdict} here, but '
                f"{c.stored.verdict} in the stored results."
                for c in self.claims
                if c.contradicts
            ),
        ]

    def accuracy_table(self, overall: bool = False) -> Table:
        """Return the accuracies of both with their differences; overall: without those at single sigmas."""
        shown = [a for a in self.figures if a.here.measure in SHARES and not (overall and a.here.sigma is not None)]
        rows = [
            (NAMES[a.data], a.here.network, test_name(a.here), TITLES[a.here.measure], *_numbers(a, 100), *_words(a))
            for a in shown
        ]
        columns = ("data", "network", "test", "measure", "here", "stored", "difference", *_ENDS)
        notes = ("Accuracies in %, here less stored in percentage points.", *_AGREES)
        return Table("Accuracy beside the stored results", columns, rows, notes)

    def other_table(self, overall: bool = False) -> Table:
        """Return all other figures of both with their quotients; overall: without those of an ensemble's members."""
        shown = [a for a in self.figures if a.here.measure not in SHARES and not (overall and "," in a.here.network)]
        rows = [(NAMES[a.data], a.here.network, TITLES[a.here.measure], *_numbers(a, 1), *_words(a)) for a in shown]
        columns = ("data", "network", "measure", "here", "stored", "quotient", *_ENDS)
        digits = dict.fromkeys(("here", "stored"), 3)
        return Table("Minimum noise, margins and gain beside the stored results", columns, rows, _AGREES, digits)

    def class_table(self) -> Table:
        """Return, for each network and test, how many values of precision and recall differ."""
        rows = [
            (NAMES[c.data], c.network, _TESTS[c.test], c.cells, c.different, 100 * c.largest, c.relation.value)
            for c in self.classes
        ]
        columns = ("data", "network", "test", "values", "differ", "largest difference, points", "conditions")
        return Table("Precision and recall of the classes, beside the stored ones", columns, rows)

    def claim_table(self) -> Table:
        """Return the verdicts of both."""
        rows = [
            (NAMES.get(c.here.data, c.here.data), c.here.said, c.here.verdict, c.stored.verdict, _agreeing(c))
            for c in self.claims
        ]
        return Table("Verdicts", ("data", "the paper says", "here", "stored", "agree"), rows)

    def section(self) -> Section:
        """Return the section of a page."""
        parts = [
            self.accuracy_table(overall=True),
            self.other_table(overall=True),
            self.class_table(),
            self.claim_table(),
        ]
        return Section("Beside the stored results", self.lines, [part for part in parts if part.rows])

    def record(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return {
            "summary": self.lines,
            "accuracy": self.accuracy_table().records(),
            "other": self.other_table().records(),
            "classes": [asdict(c) | {"relation": c.relation.value} for c in self.classes],
            "claims": self.claim_table().records(),
        }


def compare_with_stored(reproductions: Mapping[str, Reproduction]) -> Comparison:
    """Compare reproductions, by data set, with the results that come with tfstab: figures, classes and verdicts."""
    return Comparison(reproductions, claims(reproductions), stored_results())


def test_name(figure: Figure) -> str:
    """Return the test of a figure in words, such as "noisy, sigma 10"."""
    name = _TESTS.get(figure.test, figure.test)
    return name if figure.sigma is None else f"{name}, sigma {figure.sigma:g}"


def _numbers(a: Agreement, factor: int) -> list[float]:
    """Return both values, what compares them, and the ends of its interval, multiplied by a factor."""
    return [factor * x for x in (a.here.value, a.stored.value, a.change, a.low, a.high)]


def _words(a: Agreement) -> tuple[str, str]:
    """Return whether two figures agree, and how they are related, in words."""
    return "too few images" if a.differs is None else "no" if a.differs else "yes", a.relation.value


def _told(a: Agreement) -> str:
    """Return a figure that differs in words."""
    what, shares = f"{NAMES[a.data]}, {a.here.network}", a.here.measure in SHARES
    numbers = " instead of ".join(f"{x:.2%}" if shares else f"{x:.3g}" for x in (a.here.value, a.stored.value))
    return f"{what}{f', {test_name(a.here)}' if shares else ''}, {TITLES[a.here.measure]}: {numbers}"


def _agreeing(c: ClaimAgreement) -> str:
    """Return whether two verdicts agree, in words."""
    if c.here.verdict == c.stored.verdict:
        return "yes"
    return "no" if c.contradicts else "decided in only one"


def _origin(stored: Results, names: Sequence[str]) -> str:
    """Return a sentence on what the stored results are."""
    texts = []
    for name in names:
        one = stored.data[name]
        commit = f", collected at commit {one.commit[:12]}" if one.commit else ""
        texts.append(f"{NAMES[name]} at scale {one.scale}{commit}")
    return f"Compared with the results that come with tfstab: {'; '.join(texts)}."

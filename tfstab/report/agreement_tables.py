"""How a reproduction compares with the stored results, as tables, sentences and JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tfstab.experiments.agreement import (
    Agreement,
    ClaimAgreement,
    ClassAgreement,
    agreements,
    claim_agreements,
    class_agreements,
)
from tfstab.experiments.claim import NAMES, Claim
from tfstab.experiments.collected import data_results
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.results import SHARES, TITLES, Figure
from tfstab.experiments.stored import Results, stored_results
from tfstab.report.page import Section
from tfstab.report.tables import Table

_NOTES = (
    "Here less stored for accuracies, in percentage points; here divided by stored for all others. A difference is "
    "real only if its 95 % interval leaves out 0, or 1 for quotients; by chance that happens to about 1 figure in 20.",
    "Same networks and test set: the one with fewer images or copies is a sample of the other, and both share their "
    "chance errors. Other networks, other images: the two count as independent.",
)


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
    figures : list of Agreement
        All figures that both have.
    classes : list of ClassAgreement
        Precision and recall of all classes.
    claims : list of ClaimAgreement
        The verdicts that both have.
    """

    def __init__(self, reproductions: Mapping[str, Reproduction], found: list[Claim], stored: Results | None) -> None:
        """Compare them."""
        self.stored = stored
        self.figures: list[Agreement] = []
        self.classes: list[ClassAgreement] = []
        self.claims: list[ClaimAgreement] = [] if stored is None else claim_agreements(found, stored)
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
        return [_origin(self.stored, sorted({a.data for a in self.figures})), *self._verdicts()]

    def _verdicts(self) -> list[str]:
        """Return how many figures, classes and verdicts agree."""
        decided = [a for a in self.figures if a.differs is not None]
        agree = sum(not a.differs for a in decided)
        lines = [f"{agree} of {len(decided)} figures agree with them within their 95 % intervals."]
        cells = sum(c.cells for c in self.classes)
        if cells:
            different = sum(c.different for c in self.classes)
            lines.append(f"Of {cells:,} values of precision and recall {different:,} differ.")
        if self.claims:
            same = sum(c.here.verdict == c.stored.verdict for c in self.claims)
            opposite = [c for c in self.claims if c.contradicts]
            lines.append(f"{same} of {len(self.claims)} verdicts on the paper's claims are the same.")
            lines += [
                f'{NAMES.get(c.here.data, c.here.data)}: "{c.here.said}" is "{c.here.verdict}" here and '
                f'"{c.stored.verdict}" in the stored results.'
                for c in opposite
            ]
        return lines

    def figure_table(self, overall: bool = False) -> Table:
        """Return the figures of both with their differences; overall: without those of single sigmas and members."""
        shown = [a for a in self.figures if not overall or (a.here.sigma is None and ", member" not in a.here.network)]
        columns = ("data", "network", "test", "measure", "here", "stored", "difference", "from", "to", "agrees", "of")
        return Table("Beside the stored results", columns, [_row(a) for a in shown], _NOTES)

    def class_table(self) -> Table:
        """Return, for each network and test, how many values of precision and recall differ."""
        rows = [
            (NAMES[c.data], c.network, c.test, c.cells, c.different, 100 * c.largest, c.relation.value)
            for c in self.classes
        ]
        columns = ("data", "network", "test", "values", "differ", "largest difference, points", "of")
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
        parts = [self.figure_table(), self.class_table(), self.claim_table()]
        return Section("Beside the stored results", self.lines, [part for part in parts if part.rows])

    def record(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        figures = self.figure_table().records()
        for row, a in zip(figures, self.figures, strict=True):
            row["sigma"] = a.here.sigma
        return {
            "summary": self.lines,
            "figures": figures,
            "classes": [asdict(c) | {"relation": c.relation.value} for c in self.classes],
            "claims": self.claim_table().records(),
        }


def compare_with_stored(reproductions: Mapping[str, Reproduction], found: list[Claim]) -> Comparison:
    """Compare reproductions with the results that come with tfstab.

    Parameters
    ----------
    reproductions : mapping of str to Reproduction
        Reproductions by data set.
    found : list of Claim
        Their claims.

    Returns
    -------
    Comparison
        The comparison.
    """
    return Comparison(reproductions, found, stored_results())


def test_name(figure: Figure) -> str:
    """Return the test of a figure in words, such as "noisy, sigma 10"."""
    words = {"unclipped": "noisy, not clipped", "layers": "clean", "noise": "clean", "search": "clean"}
    name = words.get(figure.test, figure.test)
    return name if figure.sigma is None else f"{name}, sigma {figure.sigma:g}"


def _row(a: Agreement) -> tuple[Any, ...]:
    """Return a row of the table of figures: shares in % and their differences in points."""
    factor = 100.0 if a.here.measure in SHARES else 1.0
    numbers = (a.here.value, a.stored.value, a.change, a.low, a.high)
    verdict = "too few images" if a.differs is None else "no" if a.differs else "yes"
    return (
        NAMES[a.data],
        a.here.network,
        test_name(a.here),
        TITLES[a.here.measure],
        *(factor * x for x in numbers),
        verdict,
        a.relation.value,
    )


def _agreeing(c: ClaimAgreement) -> str:
    """Return whether two verdicts agree, in words."""
    if c.here.verdict == c.stored.verdict:
        return "yes"
    return "no" if c.contradicts else "decided in one only"


def _origin(stored: Results, names: Sequence[str]) -> str:
    """Return a sentence on what the stored results are."""
    texts = [f"{NAMES[name]} at scale {stored.data[name].scale}" for name in names]
    commit = f", collected at commit {stored.commit[:12]}" if stored.commit else ""
    return f"The stored results come with tfstab: {', '.join(texts)}{commit}."

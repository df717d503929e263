"""The verdict on a network, in sentences that claim no more than their intervals support.

A number comes with its 95 % interval. A claim about several families or classes ("the most harm", "little harm",
"weaker than the others") holds for all of them together with 95 % confidence: see `tfstab.assessment.ranking`. Where
intervals do not decide, the verdict says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from tfstab.assessment.chance import chance_finding
from tfstab.assessment.class_findings import class_findings, worst_family_finding
from tfstab.assessment.clean_findings import (
    clean_class_finding,
    clean_finding,
    guessing,
    input_finding,
)
from tfstab.assessment.family_findings import (
    broken_finding,
    family_finding,
    gaussian_finding,
    spared_finding,
    worst_finding,
)
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding, Level
from tfstab.assessment.harmed_findings import (
    HarmedClass,
    elsewhere_finding,
    harmed_elsewhere,
    harmed_finding,
    harmed_under,
)
from tfstab.assessment.missing import damaged_finding, few_finding, unmeasured_finding
from tfstab.assessment.mostly_taken import taken_finding
from tfstab.assessment.noise_findings import noise_finding
from tfstab.assessment.other_threshold import threshold_finding
from tfstab.assessment.precision_findings import precision_finding
from tfstab.assessment.ranking import Standing, standings
from tfstab.assessment.rarer_findings import rarer_finding
from tfstab.assessment.recall_findings import fall_finding
from tfstab.assessment.recalls import ClassRecall
from tfstab.assessment.reference import Reference, reference_figures, reference_finding
from tfstab.assessment.small_images import small_finding
from tfstab.assessment.undecided import undecided_findings
from tfstab.datasets.groups import IF_ALIKE, groups_note
from tfstab.runs.info import without_classes

__all__ = ["Finding", "Verdict", "how_sure", "verdict"]

RANGES = (
    "Ranges in brackets are 95 % intervals. They come from the differences between the images that were tested, those "
    "of a degradation from the images tested under it."
)
STATEMENTS = (
    "A statement on several degradations or classes (most harm, little harm, less than half, weaker) holds for all of "
    "them at once with 95 % confidence."
)

LEAD = 4  # parts of a lead that names the weakest class: what does little harm, and then Gaussian noise, are left out
MOST = 5  # parts of any lead: of more, Gaussian noise is left out, and then what does little harm
LOSERS = 2  # classes of like size whose falls of recall a lead has room for; those of more are a finding alone
# Kinds of findings that share the first paragraph of a lead: what was measured, and the harm that degradation does.
TOGETHER = ("damaged", "unmeasured", "few", "clean", "recall", "worst", "broken", "chance")
IN_TABLE = ("family",)  # kinds of findings that a table of the degradations says
OVERALL = ("clean", "reference")  # kinds of findings that come first below the lead: how good the network is as a whole
DETAILS = "In detail:"
# Kinds of findings that a network which may be guessing gets, too.
WHATEVER_IS_RIGHT = ("inputs", "damaged", "unmeasured", "clean", "threshold", "family")


@dataclass(frozen=True)
class Verdict:
    """What the figures of a network support.

    Attributes
    ----------
    paragraphs : tuple of str
        The lead, the worst news first: what degradation does to all classes, then a paragraph for each other finding.
    findings : list of Finding
        All that was found, the worst news first; what the images leave open is last.
    """

    paragraphs: tuple[str, ...]
    findings: list[Finding]

    @property
    def lead(self) -> str:
        """The paragraphs as one text."""
        return " ".join(self.paragraphs)

    @property
    def text(self) -> str:
        """The lead, and below it a line for each of the details.

        Each paragraph of the lead but the first is a line, too. Wrong inputs come before the lead, as they concern all
        of it.
        """
        first = [finding.text for finding in self.of_kind("inputs")]
        lead = [f"- {paragraph}" for paragraph in self.paragraphs[1:]]
        details = [f"- {finding.text}" for finding in self.details]
        blocks = [*first, *self.paragraphs[:1], "\n".join(lead), "\n".join([DETAILS, *details]) if details else ""]
        return "\n\n".join(filter(None, blocks))

    @property
    def details(self) -> list[Finding]:
        """The findings that neither the lead nor a table of the degradations says already.

        How many clean images are right, and how the network compares with others, come first.
        """
        elsewhere = ("inputs", *IN_TABLE)
        shown = [f for f in self.findings if f.kind not in elsewhere and f.text not in self.lead]
        return sorted(shown, key=lambda finding: finding.kind not in OVERALL)

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    @property
    def level(self) -> Level:
        """The level of the first finding that the lead tells; "unsure" if it tells none."""
        return next((finding.level for finding in self.findings if finding.text in self.lead), "unsure")

    def without(self, kind: str) -> "Verdict":
        """Return the verdict without the findings of a kind, also in the lead, which consists of texts of findings."""
        paragraphs = self.paragraphs
        for finding in self.of_kind(kind):
            cut = (one.replace(finding.text, "", 1).replace("  ", " ").strip() for one in paragraphs)
            paragraphs = tuple(filter(None, cut))
        return Verdict(paragraphs, [finding for finding in self.findings if finding.kind != kind])

    def of_kind(self, *kinds: str) -> list[Finding]:
        """Return the findings of these kinds, in their order."""
        return [finding for finding in self.findings if finding.kind in kinds]


def how_sure(remarks: str) -> str:
    """Return sentences on the intervals and the confidence behind a verdict.

    Parameters
    ----------
    remarks : str
        What a run records of the images that were measured, such as that several are of the same group; may be "".

    Examples
    --------
    >>> from tfstab.assessment import how_sure
    >>> how_sure("").partition(".")[0]
    'Ranges in brackets are 95 % intervals'
    """
    return " ".join([RANGES, groups_note(remarks) or f"{IF_ALIKE}.", STATEMENTS])


def verdict(
    figures: Figures,
    reference: Sequence[Reference] | None = None,
    input_note: str | None = None,
    unmeasured: Sequence[str] = (),
    unsearched: str = "",
    seconds: float = 0.0,
    damaged: Sequence[str] = (),
) -> Verdict:
    """Say in sentences what the figures of a network support.

    Parameters
    ----------
    figures : Figures
        The numbers.
    reference : sequence of Reference, optional
        Networks to compare it with; by default the bundled ones.
    input_note : str, optional
        What the check of the inputs said, if anything. It is the first finding, as it concerns all the others.
    unmeasured : sequence of str, optional
        Names of families not yet measured when the assessment ended; the lead begins with them.
    unsearched : str
        Why no minimum noise was searched for, a finding of its own; "" for none.
    seconds : float
        How long it took to measure all this; 0 if that is not known.
    damaged : sequence of str, optional
        Names of results that are left out because they are damaged, such as "fog"; the lead begins with them.

    Returns
    -------
    Verdict
        Plain text.
    """
    references = reference_figures() if reference is None else tuple(reference)
    stand = standings(figures.families)
    clean = clean_finding(figures)
    first = clean.level == "bad" or without_classes(figures.info)
    worst, spared = worst_finding(stand), spared_finding(stand)
    broken = broken_finding(stand, worst)
    chance = None if guessing(figures) else chance_finding(figures.families)
    recall = None if guessing(figures) else recall_finding(stand)
    begins = _recalls_come_first(stand)
    classes = class_findings(figures, recall is not None)
    gaussian = gaussian_finding(figures, stand)
    noise = noise_finding(figures)
    told = [name for f in classes if f.kind == "class" for name in f.about]  # "classes" says nothing of clean images
    of_clean = clean_class_finding(figures, told)
    mostly_wrong = of_clean if of_clean and of_clean.level == "bad" else None
    weakest = None if mostly_wrong or guessing(figures) else clean_class_finding(figures)
    if weakest and of_clean and of_clean.about == weakest.about:
        of_clean = None
    of_worst = None if guessing(figures) else worst_family_finding(figures)
    falls = _falls(stand)
    certain = [] if without_classes(figures.info) else harmed_under(figures.families)
    harmed = harmed_elsewhere(figures, certain, {(fall.family.name, fall.index) for fall in falls})
    elsewhere = elsewhere_finding(harmed)
    lost = damaged_finding(damaged)
    left_out = unmeasured_finding(len(figures.families), unmeasured)
    few = few_finding(figures, seconds)
    lead: list[Finding | None] = [clean, mostly_wrong or weakest, None if stand else noise]
    if stand and not guessing(figures):
        lead = [
            clean if first else None,
            recall if begins else None,
            worst,
            broken,
            chance if chance and worst and set(chance.about) & set(worst.about) else None,
            of_worst,
            None if begins else _deepest(recall, falls, elsewhere, harmed),
            mostly_wrong or weakest,
            spared if worst and worst.level != "good" and not weakest else None,
        ]
        if weakest is None or sum(part is not None for part in lead) < LEAD:
            lead.append(gaussian)
        lead = _shortened(lead, [gaussian, spared])
    found = [
        input_finding(input_note),
        lost,
        left_out,
        few,
        clean if first else None,
        recall if begins else None,
        worst,
        broken,
        chance,
        None if begins else recall,
        small_finding(stand),
        gaussian,
        noise or (Finding("noise", "unsure", unsearched) if unsearched else None),
        of_clean,
        precision_finding(figures),
        threshold_finding(figures.threshold, figures.info, figures.classes),
        *classes,
        taken_finding(figures.families),
        harmed_finding(figures),
        of_worst,
        elsewhere,
        *(family_finding(standing) for standing in stand),
        spared,
        None if first else clean,
        None if guessing(figures) else reference_finding(figures, references),
        rarer_finding(figures, certain),
        *undecided_findings(stand, figures),
    ]
    if guessing(figures):  # whatever else the figures say would be about guesses
        found = [f for f in found if f and f.kind in WHATEVER_IS_RIGHT]
    lead = [lost, left_out, None if guessing(figures) else few, *lead]
    return Verdict(_paragraphs([f for f in lead if f]), [f for f in found if f])


def _paragraphs(lead: Sequence[Finding]) -> tuple[str, ...]:
    """Return the findings of a lead as its paragraphs."""
    first = list(takewhile(lambda finding: finding.kind in TOGETHER, lead))
    return tuple(filter(None, [" ".join(f.text for f in first), *(f.text for f in lead[len(first) :])]))


def _shortened(lead: Sequence[Finding | None], first: Sequence[Finding | None]) -> list[Finding | None]:
    """Return a lead without these parts, dropped in this order until it has at most MOST parts."""
    parts = [part for part in lead if part is not None]
    for part in first:
        if len(parts) > MOST and part in parts:
            parts.remove(part)
    return [*parts]


def recall_finding(stand: Sequence[Standing]) -> Finding | None:
    """Return which classes lose recall though the accuracy does not show it; None if none does."""
    return fall_finding(_falls(stand))


def deepest_fall(figures: Figures) -> ClassRecall | None:
    """Return the deepest fall of a recall if the verdict begins with these; None if it does not."""
    stand = standings(figures.families)
    falls = _falls(stand) if _recalls_come_first(stand) else []
    return min(falls, key=lambda fall: fall.recall.value, default=None)


def _deepest(
    recall: Finding | None, falls: Sequence[ClassRecall], elsewhere: Finding | None, harmed: Sequence[HarmedClass]
) -> Finding | None:
    """Return what a lead says of single classes under degradations other than the worst; None for nothing.

    It has room for one finding: on falls of recall that the accuracy does not show, or on classes that lose far more
    than the others. It is the one with the largest certain loss of recall.
    """
    if recall is None or len({fall.index for fall in falls}) > LOSERS:
        return elsewhere
    if elsewhere is None or min(fall.most_kept for fall in falls) <= harmed[0].most_kept:
        return recall
    return elsewhere


def _recalls_come_first(stand: Sequence[Standing]) -> bool:
    """Return whether falls of recall are worse news than the accuracy: where one class is common."""
    return any(standing.family.one_common for standing in stand)


def _falls(stand: Sequence[Standing]) -> list[ClassRecall]:
    """Return where recalls fall."""
    return [fall for standing in stand for fall in standing.falls]

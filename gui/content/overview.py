"""What the overview of a sweep shows: headline numbers, verdict, curves, weakest classes, leading confusions.

Every function may run in a worker thread.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tfstab.assessment import words
from tfstab.assessment.classes import clean_classes
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.losses import instead_of_half
from tfstab.assessment.others_taken import others_taken
from tfstab.assessment.recalls import headline_class
from tfstab.assessment.verdict import verdict
from tfstab.assessment.words import number, severity, severity_range
from tfstab.datasets.dataset import BY_DEFINITION
from tfstab.gui.content.class_bars import ClassBars, bars_of_sweep, judged_classes
from tfstab.gui.content.class_losses import placed
from tfstab.gui.content.comparison import Compared, Curve, curve
from tfstab.gui.content.confusion import which_leads
from tfstab.gui.content.examples import Pair, Weak, pairs_of_sweep, weakest_of_sweep
from tfstab.gui.content.other_images import told_apart
from tfstab.gui.content.pairing import pair_of_sweeps
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import accuracy_of
from tfstab.metrics.shares import interval, share
from tfstab.names import quoted
from tfstab.runs.info import without_classes
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.classes import CleanClass
    from tfstab.sweep import SweepRun
    from tfstab.sweep.measures import SweepMeasures

GAUSSIAN = "gaussian_noise"
INTERVAL = " In brackets: the 95 % interval."


@dataclass(frozen=True)
class Number:
    """A headline number.

    Attributes
    ----------
    name : str
        What it links to: "clean", "accuracy", "kept", "recall" or "half" of a sweep.
    text : str
        The number with its unit, such as "82.3 %".
    caption : str
        What it is, and its 95 % interval.
    term : str
        The term of the glossary that explains it, or "".
    tip : str
        What it is, in a sentence; by default the term's explanation.
    beside : tuple of str
        The same of each compared run, such as "75.4 % in other".
    images : str
        Of which images it is, and what a click shows if these are not all of them, in sentences.
    """

    name: str
    text: str
    caption: str
    term: str = ""
    tip: str = ""
    beside: tuple[str, ...] = ()
    images: str = ""

    @property
    def explanation(self) -> str:
        """What it is, and what compared runs have, for a tool tip."""
        from tfstab.glossary import terms

        text = self.tip or terms().get(self.term, "")
        if text and not self.tip and "(" in self.caption:
            text += INTERVAL
        return "\n".join([f"{text} {self.images}".strip(), *self.beside]).strip()


@dataclass(frozen=True, eq=False)
class Overview:
    """What every overview begins with.

    Attributes
    ----------
    verdict : tuple of str
        A few sentences, in paragraphs.
    level : str
        "bad", "mid", "good", or "unsure".
    numbers : tuple of Number
        Headline numbers.
    """

    verdict: tuple[str, ...]
    level: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, eq=False)
class SweepOverview(Overview):
    """What the overview of a sweep shows.

    Attributes
    ----------
    curves : tuple of Curve
        Accuracy by severity of this run and of the compared ones.
    classes : ClassBars
        The weakest classes.
    pairs : tuple of Pair
        Leading confusions.
    leading : str
        Whether the first of them is certainly the most frequent, in a sentence.
    weakest : tuple of Weak
        The weakest images that are right when clean.
    unlike : tuple of str
        A sentence on each compared run that is of other images.
    """

    curves: tuple[Curve, ...]
    classes: ClassBars
    pairs: tuple[Pair, ...]
    leading: str
    weakest: tuple[Weak, ...]
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Swept:
    """A sweep taking part in an overview: its name, and the run, which has at least one image and does not grow."""

    name: str
    run: "SweepRun"

    @property
    def measures(self) -> "SweepMeasures":
        """Its measures."""
        return self.run.measures

    @property
    def compared(self) -> Compared:
        """The same for a comparison."""
        return Compared(self.name, self.run.class_names, self.measures, self.run.clean)

    @property
    def figures(self) -> FamilyFigures:
        """Its figures in an assessment."""
        return FamilyFigures.of(self.run)


def overview_of_sweep(own: Swept, others: Sequence[Swept] = ()) -> SweepOverview:
    """Return what the overview of a sweep shows.

    Parameters
    ----------
    own : Swept
        The sweep.
    others : sequence of Swept
        Those that it is compared with.

    Raises
    ------
    RunError
        A part of the run is damaged.
    """
    named, unlike = told_apart(
        own.name,
        own.measures.images,
        [(of.name, of, of.measures.images) for of in others],
        lambda name, of: pair_of_sweeps(own.run, of.run, name),
    )
    others = [replace(of, name=name) for name, of in named]
    figures = Figures.of([own.run])
    judged = verdict(figures)
    shares = own.measures.confusion_shares()
    pairs = tuple(pairs_of_sweep(own.run, own.measures, shares))
    taken = {} if without_classes(own.run.info) else others_taken(figures.families)[0]
    return SweepOverview(
        judged.paragraphs,
        judged.level,
        beside(numbers_of_sweep(own), [(other.name, numbers_of_sweep(other)) for other in others]),
        tuple(curve(swept.compared) for swept in (own, *others)),
        bars_of_sweep(own.run, own.measures, judged_classes(figures), [other.compared for other in others], taken),
        pairs,
        which_leads(shares, pairs),
        tuple(weakest_of_sweep(own.run, own.measures)),
        unlike,
    )


def headline_of_sweep(measures: "SweepMeasures") -> str:
    """Return the accuracy over all severities for the list of runs; "" if nothing has been swept yet."""
    if not len(measures):
        return ""
    return f"{share(_overall(measures))} over {measures.config.degradation.together}"


def numbers_of_sweep(swept: Swept) -> tuple[Number, ...]:
    """Return clean accuracy, accuracy over all severities, accuracy kept, and where a tenth and half of it are lost.

    Where accuracy kept hides how many images of a rare class are lost, its recall takes the place.
    """
    m, figures, family, clean = swept.measures, swept.figures, swept.run.degradation, swept.run.clean
    classes = (
        []
        if without_classes(swept.run.info)
        else clean_classes(clean.class_index, clean.predicted, swept.run.class_names)
    )
    of = f"Of {counted(len(m))}."
    recall = recall_number(classes, [figures])
    shown = misclassified_shown(swept.run, len(m))
    return (
        replace(clean_number(accuracy_of(m.clean_correct), swept.run.info, len(m)), images=shown),
        replace(share_number("accuracy", _overall(m), f"over {family.together}", "accuracy"), images=of),
        recall or replace(share_number("kept", figures.kept, "accuracy kept", "accuracy kept"), images=of),
        *half_number(figures),
    )


def misclassified_shown(run: "SweepRun", counted_images: int) -> str:
    """Return a tool tip on which images a click shows; "" if they are of just the clean images that were counted."""
    clean = len(run.clean.indices)
    return "" if clean == counted_images else f"Click to see the misclassified ones of {counted(clean)}."


def recall_number(classes: "Sequence[CleanClass]", families: Sequence[FamilyFigures]) -> Number | None:
    """Return the recall of a rare class as a headline number, if it takes the place of the accuracy kept."""
    rare = headline_class(classes, families)
    if rare is None:
        return None
    which = f"of the {counted(len(rare.right), 'clean image')} of class {quoted(words.name(rare.name))} are right"
    return share_number("recall", rare.accuracy, which, "recall")


def clean_number(accuracy: Estimate, info: Mapping[str, Any], images: int) -> Number:
    """Return the clean accuracy of so many images as a headline number. info: of the run."""
    if without_classes(info):
        return Number("clean", share(accuracy), f"clean accuracy, {BY_DEFINITION}", "clean accuracy")
    return share_number("clean", accuracy, f"clean accuracy of {counted(images)}", "clean accuracy")


def share_number(name: str, e: Estimate, caption: str, term: str) -> Number:
    """Return a share as a headline number in percent, with its interval; a dash if it cannot be computed."""
    said = f"{caption} ({interval(e)})" if math.isfinite(e.value) else caption
    return Number(name, share(e), said, term)


def ends_of(e: Estimate) -> str:
    """Return the ends of an interval, such as "12–∞"."""
    return "–".join(number(end) if math.isfinite(end) else "∞" for end in (e.low, e.high))


def beside(
    own: Sequence[Number],
    others: Sequence[tuple[str, Sequence[Number]]],
    notes: Sequence[Mapping[str, str]] = (),
) -> tuple[Number, ...]:
    """Add the numbers of compared runs to those of a run.

    A number that says something else than that of the run is shown with its caption: for example, the accuracy kept
    by a network beside the severity at which this one loses half of it.

    Parameters
    ----------
    own : sequence of Number
        The numbers of the run.
    others : sequence of (str, sequence of Number)
        Name and numbers of each compared run.
    notes : sequence of dict of str to str
        For each of these, what to know of some of its numbers, in a few words; by default nothing.
    """
    said: dict[str, list[str]] = {}
    mine = {each.name: each for each in own}
    for (name, numbers), of in zip(others, notes or [{}] * len(others), strict=True):
        for each in (theirs for theirs in numbers if theirs.name in mine):
            alike = each.name != "half" or _without_interval(each.caption) == _without_interval(mine[each.name].caption)
            text = f"{each.text} in {name}" if alike else f"in {name}, {each.text} {each.caption}"
            said.setdefault(each.name, []).append(f"{text} ({of[each.name]})" if of.get(each.name) else text)
    return tuple(replace(each, beside=tuple(said.get(each.name, ()))) for each in own)


def _without_interval(caption: str) -> str:
    return caption.partition(" (")[0]


def _overall(m: "SweepMeasures") -> Estimate:
    """Return the accuracy over all severities."""
    return Estimate(m.class_metrics().accuracy, *map(float, m.intervals.overall))


def _tenth_lost(figures: FamilyFigures) -> str:
    """Return where a tenth of the accuracy is lost, to follow a caption; "" if it is not, or if accuracy hides it.

    "; a tenth of it is lost at 24 (18–27)"
    """
    if not math.isfinite(figures.severity10.value) or figures.hides_recall:
        return ""
    return f"; a tenth of it is lost {placed(figures.run.config, figures.severity10)}"


def half_number(figures: FamilyFigures, *, named: bool = False) -> tuple[Number, ...]:
    """Return the severity that halves the accuracy, with that at which a tenth of it is lost in the caption.

    Nothing if severities lie on both sides of the neutral one. If half of the accuracy is not lost, the number is how
    much is kept.

    named: whether to name the family, where the page is about several.
    """
    family, e, of = figures.run.degradation, figures.severity50, f"Of {counted(len(figures.run.measures))}."
    if math.isnan(e.value):
        return ()
    term = "sigma50" if family.name == GAUSSIAN else "severity50"
    if instead := instead_of_half(figures, named=named):
        text, caption = instead
        kept = "accuracy kept" if text.endswith("%") else term
        term = "guessing" if figures.guessing_keeps_half else kept
        return (Number("half", text, f"{caption}{_tenth_lost(figures)}", term, images=of),)
    which = f"of {family.title} " if named else ""
    text = severity(family, e.value, measured=True)
    ends = f" ({between})" if (between := severity_range(e)) else ""
    caption = f"{which}halves its accuracy{ends}{_tenth_lost(figures)}"
    return (Number("half", text, caption, term, images=of),)

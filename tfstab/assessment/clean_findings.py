"""Sentences on the clean images: whether the inputs seem right, the accuracy, and classes that are weak when clean."""

from collections.abc import Sequence

from tfstab.assessment.classes import CleanClass
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding, Level
from tfstab.assessment.ranking import weak_when_clean
from tfstab.assessment.words import name
from tfstab.classifier.grey_level_note import FEW_LEVELS
from tfstab.classifier.input_note import as_reported
from tfstab.experiments.class_text import MOSTLY, rare_in_training
from tfstab.metrics import Estimate
from tfstab.metrics.chance import constant_answer, guessing_warning, is_near_constant, may_be_guessing
from tfstab.metrics.shares import inside, percent, rounded
from tfstab.names import all_quoted, quoted
from tfstab.runs.files import assessment_around, is_assessment, is_side
from tfstab.runs.info import without_classes
from tfstab.search import SearchRun
from tfstab.wording import counted, listed

LOW = 0.6  # of the clean images: if fewer are right, even a network that keeps all of this accuracy is often wrong
OFTEN = 5  # images that are taken for one class: fewer are not worth a sentence


def guessing(figures: Figures) -> bool:
    """Whether the accuracy of clean images may be that of guessing."""
    return not without_classes(figures.info) and may_be_guessing(figures.clean, len(figures.classes))


def is_low(figures: Figures) -> bool:
    """Whether the accuracy of clean images is so low, or so near to chance, that keeping it says little."""
    return figures.clean.value < LOW or near_chance(figures)


def near_chance(figures: Figures) -> bool:
    """Whether always answering the same class would be right nearly as often; not asked of images of one class."""
    return is_near_constant(figures.clean, [len(one.right) for one in figures.clean_classes])


def input_finding(note: str | None) -> Finding | None:
    """Return the finding that the model seems to get wrong inputs or classes; None if there is no such note."""
    if not note:
        return None
    return Finding("inputs", "mid" if note.startswith(FEW_LEVELS) else "bad", as_reported(note))


def clean_finding(figures: Figures) -> Finding:
    """Return how many clean images are right."""
    if without_classes(figures.info):
        text = (
            f"{counted(figures.images)} without classes: what the network predicts for a clean image counts as right, "
            "so all figures say how often degradation changes the prediction."
        )
        return Finding("clean", "mid", text)
    if not figures.families and figures.search is not None and _chosen_as_right(figures.search):
        searched = counted(len(figures.search.clean.correct))
        text = (
            f"This search has {searched}. An assessment searches only images that are right when clean, so they say "
            "nothing about the network's accuracy."
        )
        return Finding("clean", "mid", text)
    some = figures.available is not None and figures.available > figures.images
    all_of_them = f" (of {figures.available:,} given)" if some else ""
    text = f"Of {counted(figures.images, 'clean image')}{all_of_them}, {percent(figures.clean)} are right."
    if len(figures.classes) > 1 and len(figures.weakest_classes) == 1:
        text += f" All are of class {quoted(name(figures.weakest_classes[0].name))}."
    if guessing(figures):
        warning = guessing_warning(figures.clean, len(figures.classes), "test more images")
        return Finding("clean", "bad", f"{text} {warning}")
    if is_low(figures):
        if figures.clean.value < LOW:
            text = text.replace(", ", ", only ", 1)
        if figures.clean.value < LOW and figures.families:
            wrong = rounded(1 - figures.clean.value)
            text += f" A network that kept all of this accuracy would still misclassify {wrong} % of the images."
        if near_chance(figures):
            found = [(one.name, int(one.right.sum()), len(one.right)) for one in figures.clean_classes]
            text += f" {constant_answer(figures.clean, found)}"
        return Finding("clean", "bad", text)
    return Finding("clean", "good" if figures.clean.low > 0.9 else "mid", text)


def _chosen_as_right(search: SearchRun) -> bool:
    """Return whether a search is part of an assessment, which searches only images that are right when clean."""
    around = assessment_around(search.path)
    return bool(search.clean.correct.all()) and (is_assessment(around) or is_side(around))


def clean_class_finding(figures: Figures, told: Sequence[str] = ()) -> Finding | None:
    """Return which classes are right less often than the others when clean, and for what the first of them is taken.

    None if none is, or if other findings state the weakness of all of these. told: names of the classes whose weakness
    other findings state; there is no finding on these alone, unless they are mostly wrong.
    """
    if without_classes(figures.info):
        return None
    weak = sorted(weak_when_clean(figures.clean_classes), key=lambda found: found[0].accuracy.high)  # the surest first
    untold = [found for found in weak if found[0].name not in told or found[0].accuracy.high < MOSTLY]
    if not untold:
        return None
    one, others_right = untold[0]
    said = [_right_and_wrong(figures, one, others_right)]
    rest = [other for other, _ in weak if other is not one]
    if rest:
        names = all_quoted(name(other.name) for other in rest)
        more = [f"{each} ({k.right.sum():,} of {len(k.right):,})" for each, k in zip(names, rest, strict=True)]
        said.append(f"Right less often than the others when clean, too: {listed(more)}.")
    level: Level = "mid"
    if one.accuracy.high < MOSTLY:
        level = "bad"
        mostly_wrong = [each.name for each, _ in weak if each.accuracy.high < MOSTLY]
        said.append(rare_in_training([f"class {title}" for title in all_quoted(map(name, mostly_wrong))]))
    return Finding("clean classes", level, " ".join(said), (one.name,))


def _right_and_wrong(figures: Figures, one: CleanClass, rest: Estimate) -> str:
    """Return how many clean images of a class are right, and for what class many of the wrong ones are taken."""
    said = right_when_clean(one, rest)
    taken, times = one.mistaken_for
    if len(figures.classes) > 2 and times >= OFTEN:  # between two classes there is no choice
        wrong = f"{times:,} of the {len(one.right):,} are taken for {quoted(name(figures.classes[taken]))}"
        said = f"{said.removesuffix('.')}; {wrong}."
    return said


def right_when_clean(one: CleanClass, rest: Estimate) -> str:
    """Return how many clean images of a class are right, and what share of the others."""
    right = int(one.right.sum())
    return (
        f"When clean, {right:,} of the {counted(len(one.right))} of class {quoted(name(one.name))} "
        f"{'is' if right == 1 else 'are'} right ({inside(one.accuracy)}), compared with {percent(rest)} of the others."
    )

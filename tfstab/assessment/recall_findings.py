"""Sentences on classes that lose recall, or may lose it, under degradations where the accuracy does not show this."""

from collections.abc import Sequence

from tfstab.assessment.finding import Finding
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.ranking import Standing
from tfstab.assessment.recalls import ClassRecall
from tfstab.assessment.words import name
from tfstab.metrics.shares import inside, percent, rounded
from tfstab.names import all_quoted
from tfstab.wording import capital, counted, listed

NAMED_FAMILIES, NAMED_CLASSES = 5, 3  # that are named in the sentence
# Said where an interval in brackets lies on one side of a limit, but the question is still not decided.
WIDER = "Many questions are answered at once, so this takes wider intervals than those in brackets."


def doubtful_findings(doubtful: Sequence[ClassRecall]) -> list[Finding]:
    """Return a finding for each class that may lose recall: under which families this is not decided."""
    told = by_class(doubtful)
    found: list[Finding] = []
    explained = False  # why an interval that excludes the limit does not decide it
    for mine in told[:NAMED_CLASSES]:
        first, *rest = mine
        where = [f"{first.family.title} (recall {inside(first.recall)})"]
        where += [f"{one.family.title} ({inside(one.recall)})" for one in rest]
        text = (
            f"Not decided: whether class {first.name} ({_clean(mine)}) really loses more than a tenth of its "
            f"recall, as measured under {listed(where, most=NAMED_FAMILIES)}."
        )
        if not explained and any(_seems_decided(one) for one in mine):
            text += f" {WIDER}"
            explained = True
        found.append(Finding("undecided", "unsure", text, tuple(one.family.name for one in mine)))
    if others := [one for mine in told[NAMED_CLASSES:] for one in mine]:
        count = counted(len(told) - NAMED_CLASSES, "other class", "other classes")
        families = tuple(dict.fromkeys(one.family.name for one in others))
        found.append(Finding("undecided", "unsure", f"Nor is it decided for {count}.", families))
    return found


def _seems_decided(one: ClassRecall) -> bool:
    """Return whether a 95 % interval lies below the limit: that of the recall, or that of the share of it kept.

    The finding shows only the first one, but `elsewhere_finding` shows the other.
    """
    return one.recall.high < HARMLESS * one.clean or one.most_kept < HARMLESS


def open_sentence(recalls: Sequence[ClassRecall]) -> str:
    """Return which classes have too few images to exclude a loss of recall, and where, after a space; "" if none has.

    It is said only where one class is common: the others may have few, and yet matter most. Of
    many small classes of like size, it would be true nearly always.

    recalls: of families under which no class loses recall as measured.
    """
    told = by_class([one for one in recalls if one.family.one_common and one.clean and not one.keeps])
    if not told:
        return ""
    names = all_quoted(name(mine[0].class_name) for mine in told)
    images, places = [_images(mine) for mine in told], [_where(mine) for mine in told]
    where = "" if len(told[0]) == len({one.family.title for one in recalls}) else f" under {places[0]}"
    if len(set(places)) > 1:
        images = [f"{count} under {place}" for count, place in zip(images, places, strict=True)]
        where = " under these degradations"
    which = listed([f"{one} ({more})" for one, more in zip(names, images, strict=True)], most=NAMED_CLASSES)
    classes, their = ("class", "its") if len(told) == 1 else ("classes", "their")
    too_few = f"The images of {classes} {which} are too few"
    return f" {too_few} to exclude a loss of more than a tenth of {their} recall{where}."


def by_class(recalls: Sequence[ClassRecall]) -> list[list[ClassRecall]]:
    """Return the recalls grouped by class, the class with the lowest one first."""
    told: dict[int, list[ClassRecall]] = {}
    for one in sorted(recalls, key=lambda one: one.recall.value):
        told.setdefault(one.index, []).append(one)
    return list(told.values())


def _where(mine: Sequence[ClassRecall]) -> str:
    """Return under which families these recalls of a class are."""
    return listed(sorted(one.family.title for one in mine), most=NAMED_FAMILIES)


def _images(mine: Sequence[ClassRecall]) -> str:
    """Return how many images a class has under several families."""
    low, high = min(one.images for one in mine), max(one.images for one in mine)
    return f"{high:,}" if low == high else f"{low:,} to {high:,}"


def _clean(mine: Sequence[ClassRecall]) -> str:
    """Return how many images a class has under several families, and which share of them is right when clean."""
    least, most = (rounded(end(one.clean for one in mine)) for end in (min, max))
    images = "1 image" if _images(mine) == "1" else f"{_images(mine)} images"
    return f"{images}, of which {least if least == most else f'{least}–{most}'} % are right when clean"


def falls_clause(falls: Sequence[ClassRecall]) -> str:
    """Return which recalls fall under one family, to follow "but": "the recall of class b falls to 22 % (10–39)"."""
    told = sorted(falls, key=lambda one: one.recall.value)
    if len(told) == 1:
        return f"the recall of class {told[0].name} falls to {percent(told[0].recall)}"
    names = all_quoted(name(one.class_name) for one in told)
    which = [f"{said} (to {inside(one.recall)})" for said, one in zip(names, told, strict=True)]
    return f"the recalls of classes {listed(which, most=NAMED_CLASSES)} fall"


def certain_falls(doubtful: Sequence[Standing]) -> str:
    """Return which recalls certainly fall where the loss of accuracy is not decided, in sentences; "" if none does.

    The class with the largest certain loss is named; of the other families, it is only said that recalls fall. Nothing
    is said if all falls are findings of their own, those of `fall_finding`.

    doubtful: families of which it is not decided whether they cost more than a tenth, or half, of the accuracy.
    """
    falls = [one for s in doubtful for one in s.open_falls]
    if not falls:
        return ""
    deepest = min(falls, key=lambda one: one.most_kept)
    fall = f"from {rounded(deepest.clean)} % when clean to {inside(deepest.recall)}"
    text = f" But the recall of class {deepest.name} certainly falls under {deepest.family.title} ({fall})"
    if more := sum(one.family is deepest.family for one in falls) - 1:
        that = "does that" if more == 1 else "do those"
        text += f", as {that} of {counted(more, 'other class', 'other classes')}"
    elsewhere = [s.family.title for s in doubtful if (s.falls or s.open_falls) and s.family is not deepest.family]
    if elsewhere:
        text += f". Recalls also certainly fall under {listed(elsewhere, most=NAMED_FAMILIES)}"
    return f"{text}."


def fall_finding(falls: Sequence[ClassRecall]) -> Finding | None:
    """Return which classes lose recall under which families, the lowest recall first; None if none does.

    falls: the falls of recall that the accuracy does not show.
    """
    told = by_class(falls)
    if not told:
        return None
    cheap, sentences = {title for mine in told[:NAMED_CLASSES] for title in _cheap(mine)}, list[str]()
    for mine in told[:NAMED_CLASSES]:
        opens = cheap if _cheap(mine) else set()  # the first such sentence says it of all of them
        sentences.append(_fall_sentence(mine, opens, first=not sentences))
        cheap -= opens
    if len(told) > NAMED_CLASSES:
        rest = len(told) - NAMED_CLASSES
        sentences.append(f"The recall of {counted(rest, 'other class', 'other classes')} falls, too.")
    return Finding("recall", "bad", " ".join(sentences), tuple(mine[0].class_name for mine in told))


def _cheap(mine: Sequence[ClassRecall]) -> set[str]:
    """Return under which families the recall of a class falls, if all of them cost little accuracy; else none."""
    # Where the accuracy shows a loss, falls are not among these: a recall may be lower under another degradation.
    return {one.family.title for one in mine} if all(one.family.kept.value > HARMLESS for one in mine) else set()


def _cost_little(families: set[str]) -> str:
    costs = "costs" if len(families) == 1 else "cost"
    return f"{capital(listed(sorted(families), most=8))} {costs} less than a tenth of the accuracy as measured"


def _fall_sentence(mine: Sequence[ClassRecall], cheap: set[str], first: bool) -> str:
    """Return how far the recall of a class falls, under the family that costs it most and under others.

    cheap: families of which this sentence says that they cost little. first: whether it is the first of the sentences.
    """
    deepest, *others = mine
    title = deepest.family.title
    start, under = (f"{_cost_little(cheap)}, but the", "it" if cheap == {title} else title) if cheap else ("The", title)
    averaged = ", averaged over the severities" if first else ""
    fall = f"from {rounded(deepest.clean)} % when clean to {percent(deepest.recall)} under {under}{averaged}"
    sentence = f"{start} recall of class {deepest.name} falls {fall} ({counted(deepest.images)})"
    if others:
        also = [f"to {percent(one.recall)} under {one.family.title}" for one in others]
        sentence += f", and {listed(also, most=NAMED_FAMILIES)}"
    return f"{sentence}."

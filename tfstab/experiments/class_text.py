"""In which classes one of two networks is right more often on clean images, in sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.experiments.also_taken import merits
from tfstab.experiments.clean_comparison import likely_change
from tfstab.metrics.intervals import wilson_interval
from tfstab.metrics.shares import rounded
from tfstab.names import all_quoted, quoted, shortened
from tfstab.wording import counted, listed

if TYPE_CHECKING:
    from tfstab.experiments.clean_comparison import ClassChange, CleanComparison

MOSTLY = 0.5  # a class of which, beyond doubt, fewer clean images than this share are right is mostly wrong
NAMED = 10  # most classes that a sentence lists; many, because the words that follow may refer to any of them


def class_sentences(clean: "CleanComparison", a: str, b: str) -> list[str]:
    """Return a sentence for each of two networks that is better in some classes, and whether this says little."""
    lines, shift = [], shift_sentences(clean, a, b)
    for sign, better, other in ((1, b, a), (-1, a, b)):
        changed = [change for change in clean.changed_classes if change.sign == sign]
        if changed:
            names = all_quoted(shortened(change.name, 60) for change in changed)
            rights = [_right(change, sign) for change in changed]
            classes = listed([f"{name} ({right})" for name, right in zip(names, rights, strict=True)], most=NAMED)
            little = "" if shift else merits(changed, a, b, sign, clean=True)
            lines.append(
                f"On clean images, {better} is right more often than {other} in "
                f"{'class' if len(changed) == 1 else 'the classes'} {classes}. This is decided for all "
                f"{counted(len(clean.recalls), 'class', 'classes')} at once, with 95 % confidence.{little}"
            )
    return [*lines, *shift]


def mostly_wrong_sentences(clean: "CleanComparison") -> list[str]:
    """Return of which classes both networks certainly misclassify most clean images, in a sentence; [] if of none.

    If these are fewer than half of the classes, a second sentence says what may help.
    """
    found = []
    for change in clean.class_changes:
        count = change.recall.count
        rights = [round(share * count) for share in (change.recall.first, change.recall.second)]
        if all(wilson_interval(right, count)[1] < MOSTLY for right in rights):
            of_these = f"{rights[0]:,} and {rights[1]:,} of {count:,} are right"
            found.append((sum(rights) / count, change.which, of_these))
    if not found:
        return []
    found.sort()
    said = f"Both networks misclassify most clean images of {listed([f'{which} ({of})' for _, which, of in found])}."
    if len(found) < len(clean.class_names) / 2:  # more cannot all be rare among the training images
        said += f" {rare_in_training([which for _, which, _ in found])}"
    return [said]


def rare_in_training(classes: Sequence[str]) -> str:
    """Return what may help these classes, of which most clean images are misclassified, in a sentence."""
    are, it, its, weight = "is", "it", "its", "a weight on its score, which needs"
    if len(classes) > 1:
        are, it, its, weight = "are", "them", "their", "weights on their scores, which need"
    return (
        f"If {listed(classes, most=NAMED)} {are} rare among the training images, more training images of {it} may "
        f"raise {its} recall; so may {weight} no training. The guide shows how: `tfstab guide rare-classes`."
    )


def shift_sentences(clean: "CleanComparison", a: str, b: str) -> list[str]:
    """Return that one network predicts one of two classes more often, which explains both differences in recall.

    [] unless there are two classes, and it is certainly better in one of them and worse in the other.
    """
    changes = sorted(clean.changed_classes, key=lambda change: change.sign)
    if [change.sign for change in changes] != [-1, 1] or len(clean.class_names) != 2:
        return []
    lower, higher = changes
    first, second = (f"{rounded(float((taken == higher.index).mean()))} %" for taken in clean.predicted)
    return [
        f"{b} predicts {higher.which} more often than {a} (for {second} of the clean images instead of {first}), which "
        f"raises the recall of {higher.which} and lowers that of {lower.which}. With another decision threshold "
        "(--threshold, in Python threshold=), the two networks may differ less."
    ]


def undecided_classes(clean: "CleanComparison", a: str, b: str) -> list[str]:
    """Return, for each network that is better in no class beyond doubt, the class where it may be.

    That is the class of `likely_change`.
    """
    lines = []
    for sign, better, other in ((1, b, a), (-1, a, b)):
        change = likely_change(clean.class_changes, sign)
        if change is None:
            continue
        right, little = _right(change, sign), merits([change], a, b, sign, clean=True)
        ends = sorted(abs(end) for end in (change.recall.low, change.recall.high))
        lines.append(
            f"Not decided: whether {better} is right more often than {other} on clean images of class "
            f"{quoted(shortened(change.name, 60))} ({right}). The 95 % interval of its difference "
            f"alone, {rounded(ends[0], 1)} to {rounded(ends[1], 1)} points, excludes 0, but "
            f"{counted(len(clean.recalls), 'class', 'classes')} are compared at once.{little}"
        )
    return lines


def _right(change: "ClassChange", sign: int) -> str:
    """Return how many images of a class the better network and the other one get right: "20 against 1 of 40 images"."""
    recall = change.recall
    first, second = (round(share * recall.count) for share in (recall.first, recall.second))
    better, other = (second, first) if sign > 0 else (first, second)
    return f"{better:,} against {other:,} of {counted(recall.count)}"

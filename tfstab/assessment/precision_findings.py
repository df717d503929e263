"""A sentence on classes of low precision: fewer than half of the clean images that are taken for them are of them."""

import numpy as np

from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.words import name
from tfstab.metrics import Estimate, wilson_interval
from tfstab.metrics.shares import inside
from tfstab.metrics.signs import sign_test
from tfstab.metrics.weak_groups import ERROR
from tfstab.names import all_quoted, quoted
from tfstab.runs.info import without_classes
from tfstab.wording import listed

DEPENDS = "Precision depends on how many images of each class were tested."


def precision_finding(figures: Figures) -> Finding | None:
    """Return the classes whose precision on clean images is certainly below one half; None if there are none.

    It is decided by sign tests, for all classes at once. The recall of a rare class may be high although its
    precision is low.
    """
    classes = figures.clean_classes
    if without_classes(figures.info) or len(classes) < 2:
        return None
    predicted = np.concatenate([one.predicted for one in classes])
    found = []
    for one in classes:
        right, taken = int(one.right.sum()), int((predicted == one.index).sum())
        if taken and sign_test(right, taken) < ERROR / len(classes):
            found.append((right / taken, right, taken, one.name))
    if not found:
        return None
    found.sort()
    _, right, taken, first = found[0]
    share = inside(Estimate(right / taken, *wilson_interval(right, taken)))
    said = (
        f"Of the {taken:,} clean images that are taken for class {quoted(name(first))}, only {right:,} "
        f"{'is' if right == 1 else 'are'} of it (precision {share})."
    )
    rest = found[1:]
    if rest:
        names = all_quoted(name(each) for *_, each in rest)
        more = [f"{each} ({k:,} of {n:,})" for each, (_, k, n, _) in zip(names, rest, strict=True)]
        said += f" Precision is certainly below 50 % for these classes, too: {listed(more)}."
    return Finding("precision", "mid", f"{said} {DEPENDS}", tuple(each for *_, each in found))

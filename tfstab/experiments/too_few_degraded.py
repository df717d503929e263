"""Which recalls under degradations have too few images to be compared, and what to do about it, in sentences."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import all_quoted, shortened
from tfstab.wording import LISTED, counted, listed

if TYPE_CHECKING:
    from tfstab.experiments.recall_changes import Compared, RecallChange
    from tfstab.metrics.paired import Paired

NAMED = 3  # items in the lists of degradations; "14 others" is one of them
FEW = 0.5  # of the images under the degradation that has most: if a mean rests on fewer, it is said why


def uncompared_note(changes: "Sequence[RecallChange]", accuracies: "Mapping[str, Paired]", more: str) -> str:
    """Return under which degradations no recall could be compared, although the lowest may be there; "" if under none.

    Nothing is said if there are no recalls at all.

    Parameters
    ----------
    changes : sequence of RecallChange
        The recalls that could be compared.
    accuracies : mapping of str to Paired
        The accuracies under each degradation, by its title.
    more : str
        What to do about it, in a sentence.
    """
    reached = {change.family for change in changes}
    under = [title for title in accuracies if title in reached]
    others = sorted((title for title in accuracies if title not in reached), key=lambda t: accuracies[t].second)
    if not under or not others:
        return ""
    return (
        f"Recalls could be compared under only {len(under)} of the {len(accuracies)} degradations "
        f"({listed(under, most=LISTED)}). Under {listed(others, most=NAMED)}, too few images of each class were "
        f"degraded; recalls may be lower there. {more}"
    )


def few_note(accuracies: "Mapping[str, Paired]", count: int, more: str) -> str:
    """Return why a mean over all degradations rests on few images, if only few were degraded under some; else "".

    Parameters
    ----------
    accuracies : mapping of str to Paired
        The accuracies under each degradation, by its title.
    count : int
        On how many images the mean rests.
    more : str
        What to do about it, in a sentence.
    """
    counts = {title: accuracy.count for title, accuracy in accuracies.items()}
    most = max(counts.values(), default=0)
    few = sorted((title for title in counts if counts[title] < FEW * most), key=lambda title: counts[title])
    if not few or count >= FEW * most:
        return ""
    under = listed([f"{title} ({counts[title]:,})" for title in few], most=NAMED)
    return (
        f"This mean rests on only {counted(count)}, because few images were degraded for both networks under {under}, "
        f"compared with up to {most:,} under the rest. {more}"
    )


def too_few_sentences(
    compared: "Sequence[Compared]",
    labels: NDArray[np.int64],
    name_of: Callable[[int], str],
    more: str,
    all_degraded: str = "",
) -> list[str]:
    """Return which classes have too few degraded images for their recalls to be compared; [] if none has.

    compared, name_of: as in `recall_changes`. labels: classes of the clean images. more: what to do about it, with %s
    in place of the classes. all_degraded: the same if all clean images of these classes were degraded; by default
    `more`.
    """
    most = {int(index): 0 for index in np.unique(labels)}  # under the degradation that has most images of the class
    for one in compared:
        for index, count in zip(*np.unique(one.labels, return_counts=True), strict=True):
            most[int(index)] = max(most[int(index)], int(count))
    few = sorted((index for index in most if most[index] < FEWEST), key=lambda index: most[index])
    if not few or len(few) == len(most):  # of none, nothing is said of recalls
        return []
    titles = all_quoted(shortened(name_of(index), 60) for index in few)
    of_each = [f"{most[index]:,} of class {title}" for index, title in zip(few, titles, strict=True)]
    of_each[0] = of_each[0].replace(" ", " image " if most[few[0]] == 1 else " images ", 1)
    if all_degraded and all(most[index] == (labels == index).sum() for index in few):
        more = all_degraded
    was, these = "were", "these classes"
    if len(few) == 1:
        was, these = "was" if most[few[0]] == 1 else "were", "this class"
    return [
        f"Only {listed(of_each, most=LISTED)} {was} degraded. Recalls of fewer than {FEWEST} images are not "
        f"compared, so it is not known how the two networks' recalls of {these} differ under degradation. "
        f"{more.replace('%s', these)}"
    ]

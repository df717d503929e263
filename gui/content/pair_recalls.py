"""Recalls of classes with two networks, on clean images and under each degradation, as rows of a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.gui.content.pairing import Pairing, PairRow
from tfstab.gui.content.taken_too import HOW_MANY, TakenToo
from tfstab.names import all_named

if TYPE_CHECKING:
    from tfstab.experiments.clean_comparison import ClassChange
    from tfstab.experiments.recall_changes import RecallChange
    from tfstab.metrics.paired import Difference

MOST_RECALLS = 200  # rows of recalls under degradation
SORTING = "Click the title of a column to sort by it. The first column brings the recalls of each class together."


def pairing_of_recalls(pairing: Pairing) -> Pairing:
    """Return the recalls of two assessments as rows of a table: on clean images, then under each degradation.

    At most MOST_RECALLS rows are of degraded images.
    """
    rows = [_row(f"{c.which} on clean images", c.name, c, c.recall) for c in _on_clean(pairing)]
    rows += [_row(c.which, c.class_name, c, c.paired) for c in pairing.recalls[:MOST_RECALLS]]
    return Pairing(pairing.model, rows, hardened=pairing.hardened)


def recall_lines(pairing: Pairing, own: str, beside: Sequence[str] = ()) -> list[str]:
    """Return sentences on the recalls of two assessments and on the table of them; [] if there are no recalls.

    own: name of the network in view. beside: names of networks in other sentences on the same page; all are in quotes
    if one of them needs them.
    """
    from tfstab.experiments.also_taken import LITTLE
    from tfstab.experiments.recall_changes import recall_sentences
    from tfstab.metrics.weak_groups import FEWEST

    if not pairing.recalls:
        return []
    lowest_first = sorted(pairing.recalls, key=lambda c: (c.paired.second, c.paired.first))
    count, on_clean = len(pairing.recalls), _on_clean(pairing)
    shown = f"The first {MOST_RECALLS} are shown. " if count > MOST_RECALLS else ""
    first, second = all_named(*pairing.names(own), *beside)[:2]
    little = any(c.says_little for c in on_clean) or any(c.says_little for c in pairing.recalls[:MOST_RECALLS])
    unmarked = f" (first those without {LITTLE})" if any(c.sign < 0 and c.says_little for c in pairing.recalls) else ""
    return [
        *recall_sentences(lowest_first, first, second, uncompared=pairing.uncompared),
        f"Recall by class and degradation: the share of a class's degraded images that are right, averaged over the "
        f"severities. Of these, recalls that are certainly lower for {second} come first{unmarked}, then its other "
        f"recalls, the lowest first. {shown}Classes with fewer than {FEWEST} degraded images are left out.",
        " ".join([*_of_clean(pairing), SORTING, *[HOW_MANY] * little]),
    ]


def _on_clean(pairing: Pairing) -> "list[ClassChange]":
    """Return the classes whose recalls on clean images are shown: none if there is only one class."""
    if pairing.on_clean is None or not pairing.recalls or len(pairing.on_clean.class_changes) < 2:
        return []
    return pairing.on_clean.first_changes()


def _of_clean(pairing: Pairing) -> list[str]:
    """Return sentences on the rows of clean images; [] if there are none."""
    shown = _on_clean(pairing)
    if pairing.on_clean is None or not shown:
        return []
    count = len(pairing.on_clean.class_changes)
    said = [f"The rows at the top are of clean images; they are decided for all {count:,} classes at once."]
    if len(shown) < count:
        said.append(
            f"Only {len(shown)} of these classes are shown: first those for which a difference is decided, then those "
            "with the largest differences."
        )
    return said


def _row(title: str, of: str, change: "ClassChange | RecallChange", recall: "Difference") -> PairRow:
    """Return the row of a recall. of: name of the class."""
    return PairRow(title, recall, sign=change.sign, taken=TakenToo(of, change.taken, change.says_little))

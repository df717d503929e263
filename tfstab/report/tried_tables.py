"""Tables of the degradations tried on one image: where its prediction changes, or where it becomes right."""

from collections.abc import Sequence

from tfstab.explanation.image_facts import right_copies
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.tried import Tried
from tfstab.metrics.shares import rounded
from tfstab.report.tables import Table
from tfstab.wording import capital


def right_table(tried: Sequence[Tried], true_class: int, class_names: Sequence[str]) -> Table:
    """Return `right_copies` as a table."""
    return Table(*right_copies(tried, true_class, class_names))


def changes_table(tried: Sequence[Tried], predicted: int, class_names: Sequence[str]) -> Table:
    """Return under which degradations the prediction for an image changes, those that change it most often first.

    Parameters
    ----------
    tried : sequence of Tried
        The degradations.
    predicted : int
        The class predicted for the image itself.
    class_names : sequence of str
        Names of the classes.
    """
    rows = []
    for one in sorted(tried, key=lambda one: one.share(predicted)):
        changed = one.predicted != predicted
        first, kept = int(changed.argmax()), f"{rounded(one.share(predicted))} %"
        at, to = (
            (one.family.at(f"{one.severities[first]:g}"), class_names[int(one.predicted[first])])
            if changed.any()
            else ("–", "–")
        )
        rows.append((one.title, at, to, kept))
    still = f"copies still {class_names[predicted]}"
    columns = ("degradation", "changes at", "to", still)
    note = (
        "Changes at: the mildest severity tried at which most copies are predicted as another class; –: none. "
        f"{capital(still)}: the share of copies predicted as this, averaged over the severities."
    )
    return Table("Where the prediction changes", columns, rows, (note,))


def picture_table(found: PictureFindings) -> Table:
    """Return where the prediction for a picture becomes right if it is wrong, else where it changes.

    If the picture was compared with a run, also which share of other images is taken for its class by the same changes.
    """
    if found.true_class is None or found.right:
        return changes_table(found.tried, found.predicted, found.class_names)
    table = right_table(found.tried, found.true_class, found.class_names)
    if all(one.others is None for one in found.tried):
        return table
    others = {one.title: _others(one, found.true_class) for one in found.tried}
    rows = [(*row, others[str(row[0])]) for row in table.rows]
    name = found.class_names[found.true_class]
    note = f"Other images as {name}: share of the run's images of other classes that the same changes turn into {name}."
    return Table(table.title, (*table.columns, f"other images as {name}"), rows, (*table.notes, note))


def _others(one: Tried, k: int) -> str:
    """Return the share of images of other classes that a change turns into class k where it makes a picture right."""
    known = [] if one.others is None else one.others[one.right(k)].tolist()
    low, high = (f"{100 * share:.0f}" for share in (min(known), max(known))) if known else ("", "")
    return f"{low} %" if low == high and known else f"{low} to {high} %" if known else "–"

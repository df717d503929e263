"""Tables of the recall of each class under each degradation, of two networks."""

from collections.abc import Sequence
from typing import Any

from tfstab.experiments.also_taken import LITTLE, MARKED
from tfstab.experiments.recall_changes import RecallChange, taken_record
from tfstab.metrics.multiple import BETTER
from tfstab.metrics.shares import signed, signed_ends
from tfstab.metrics.weak_groups import FEWEST
from tfstab.report.harden_tables import OUTCOME
from tfstab.report.tables import Table
from tfstab.runs.files import COMPARISON

TITLE = "Recall by class and degradation"
COMPARED = ("first", "second", "difference", "from", "to")  # columns of numbers of two networks
SHOWN, LOWEST = 10, 2  # rows of a table: the largest falls, then the lowest, which have at least two


def before_after_recalls(changes: Sequence[RecallChange]) -> Table | None:
    """Return the recalls that fall and the lowest ones, before and after a remedy; None if there are none."""
    if not changes:
        return None
    rows = []
    shown = falls_first(changes, SHOWN)
    for c in shown:
        p = c.paired
        figures = p.count, 100 * p.first, 100 * p.second, signed(p.value), signed_ends(p.low, p.high)
        outcome = f"{OUTCOME[c.sign]} {LITTLE}" if c.says_little else OUTCOME[c.sign]
        rows.append((c.class_name, c.family, *figures, outcome))
    columns = ("class", "degradation", "images", "before", "after", "change", "95 % interval", "outcome")
    notes = [
        _note(changes, len(rows), "falls", "after the remedy", COMPARISON) + " The change is in percentage points."
    ]
    return Table(TITLE, columns, rows, [*notes, *_marked(shown)], {"before": 1, "after": 1})


def compared_recalls(changes: Sequence[RecallChange], most: int = SHOWN) -> Table | None:
    """Return the recalls that are lower with the second of two networks, and its lowest; None if there are none.

    most: number of rows.
    """
    if not changes:
        return None
    shown = falls_first(changes, most)
    rows = []
    for c in shown:
        better = f"{BETTER[c.sign]} {LITTLE}" if c.says_little else BETTER[c.sign]
        rows.append((c.class_name, c.family, c.paired.count, *(100 * x for x in _values(c)), better))
    columns = ("class", "degradation", "images", *COMPARED, "better")
    note = _note(changes, len(rows), "falls from the first network to the second", "of the second", "`--json`")
    return Table(TITLE, columns, rows, [note, *_marked(shown)])


def recall_records(changes: Sequence[RecallChange]) -> list[dict[str, Any]]:
    """Return all recalls of two networks as values that JSON can hold, in the order of `compared_recalls`."""
    return [
        {
            "class": c.class_name,
            "degradation": c.family,
            "images": c.paired.count,
            **dict(zip(COMPARED, _values(c), strict=True)),
            "better": BETTER[c.sign],
            **taken_record(c, "first", "second"),
        }
        for c in falls_first(changes)
    ]


def _values(change: RecallChange) -> tuple[float, ...]:
    """Return both recalls, their difference, and its interval."""
    p = change.paired
    return p.first, p.second, p.value, p.low, p.high


def _marked(shown: Sequence[RecallChange]) -> list[str]:
    """Return what the asterisk means; [] if no row has one."""
    return [f"{MARKED}."] if any(c.says_little for c in shown) else []


def falls_first(changes: Sequence[RecallChange], most: int | None = None) -> list[RecallChange]:
    """Return the recalls in the order of the tables: certain falls, likely falls, and the others, the lowest first.

    A fall is likely if its own 95 % interval excludes 0. Of the certain falls, those that say little come last. Each
    group of falls begins with the largest.

    most: how many recalls are returned at most; None for all.
    """
    falls = _largest_falls(changes, most)
    return [*falls, *(c for c in changes if c not in falls)][:most]


def _certain(certain: Sequence[RecallChange], number: int, marked: bool, falls: str) -> str:
    """Return how many of the certain falls are shown, and in what order. marked: whether an asterisk is shown."""
    if marked:
        some = f"{number} of {len(certain):,} certain" if number < len(certain) else "certain"
        return f"{some} {falls} (first those without {LITTLE})"
    little = sum(c.says_little for c in certain)  # these come last, so all of them are left out
    there = len(certain) - little
    some = f"the {number} largest of {there:,} certain {falls}" if number < there else f"certain {falls}"
    return f"{some} (not counting {little:,} that {'says' if little == 1 else 'say'} little)" if little else some


def _largest_falls(changes: Sequence[RecallChange], most: int | None) -> list[RecallChange]:
    """Return the certain and the likely falls, in the order of `falls_first`.

    most: how many rows the table has, of which LOWEST are kept for the lowest recalls; None for all falls.
    """
    likely = (c for c in changes if not c.sign and c.paired.sign < 0 and not c.says_little)
    falls = [c for c in changes if c.sign < 0]
    falls = sorted([*falls, *likely], key=lambda c: (c.sign == 0, c.says_little, c.paired.value))
    return falls if most is None else falls[: max(1, most - LOWEST)]


def _note(changes: Sequence[RecallChange], rows: int, falls: str, lowest: str, all_in: str) -> str:
    """Return which rows are shown, what the numbers are, and what decides.

    falls, lowest: what the falls are called, and of which network the lowest recalls are; all_in: what has all recalls.
    """
    certain, shown = [c for c in changes if c.sign < 0], _largest_falls(changes, rows)
    number, parts = sum(c.sign < 0 for c in shown), []
    if certain:
        parts.append(_certain(certain, number, any(c.says_little for c in shown), falls))
    if number < len(shown):
        parts.append(f"likely {falls}, which are not decided although their own 95 % intervals exclude 0")
    which = ""
    if rows < len(changes):
        order = "; then ".join([*parts, f"the lowest recalls {lowest}"])
        which = f"{rows} of the {len(changes):,} recalls: {order}. {all_in} has all. "
    return (
        f"{which}Share of the degraded images of a class that are right, in %, averaged over the severities. Classes "
        f"with fewer than {FEWEST} degraded images are left out. Which recalls differ is decided for all "
        f"{len(changes):,} at once, with 95 % confidence; each interval is for its row alone."
    )

"""Tables of the recall of each class under each degradation, of two networks."""

from collections.abc import Sequence

from tfstab.experiments.also_taken import LITTLE, MARKED
from tfstab.experiments.recall_changes import RecallChange
from tfstab.metrics.multiple import BETTER
from tfstab.metrics.shares import signed, signed_ends
from tfstab.metrics.weak_groups import FEWEST
from tfstab.report.harden_tables import OUTCOME
from tfstab.report.tables import Table

TITLE = "Recall by class and degradation"
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
        _note(changes, len(rows), "lower after the remedy", "the lowest after it")
        + " The change is in percentage points."
    ]
    if any(c.says_little for c in shown):
        notes.append(f"{MARKED}.")
    return Table(TITLE, columns, rows, notes, {"before": 1, "after": 1})


def compared_recalls(changes: Sequence[RecallChange], shown: int | None = SHOWN) -> Table | None:
    """Return the recalls that are lower with the second of two networks, and its lowest; None if there are none.

    shown: number of rows; None for all.
    """
    if not changes:
        return None
    rows = [
        (c.class_name, c.family, c.paired.count, *(100 * x for x in _values(c)), BETTER[c.sign])
        for c in falls_first(changes, shown)
    ]
    columns = ("class", "degradation", "images", "first", "second", "difference", "from", "to", "better")
    return Table(
        TITLE,
        columns,
        rows,
        [_note(changes, len(rows), "lower for the second network", "its lowest", "; `--json` has all")],
    )


def _values(change: RecallChange) -> tuple[float, ...]:
    """Return both recalls, their difference, and its interval."""
    p = change.paired
    return p.first, p.second, p.value, p.low, p.high


def falls_first(changes: Sequence[RecallChange], most: int | None = None) -> list[RecallChange]:
    """Return those that certainly fall, the largest falls first, then the lowest; at most so many, None for all."""
    falls = _largest_falls(changes, most)
    return [*falls, *(c for c in changes if c not in falls)][:most]


def _largest_falls(changes: Sequence[RecallChange], most: int | None) -> list[RecallChange]:
    """Return those that certainly fall, the largest falls first; of so many rows, LOWEST are left for others."""
    falls = sorted((c for c in changes if c.sign < 0), key=lambda c: c.paired.value)
    return falls if most is None else falls[: max(1, most - LOWEST)]


def _note(changes: Sequence[RecallChange], rows: int, lower: str, lowest: str, all_of_them: str = "") -> str:
    """Return which rows are shown, what the numbers are, and what decides.

    lower, lowest: what the recalls that fall, and the others, are called; all_of_them: where all recalls are.
    """
    falls, shown = sum(c.sign < 0 for c in changes), len(_largest_falls(changes, rows))
    first = f"those that are certainly {lower}, then " if falls else ""
    if shown < falls:
        first = f"of the {falls:,} that are certainly {lower}, the {shown} with the largest differences, then "
    which = f"{rows} of the {len(changes):,} recalls: {first}{lowest}{all_of_them}. " if rows < len(changes) else ""
    return (
        f"{which}Share of the degraded images of a class that are right, in %, averaged over the severities. Classes "
        f"with fewer than {FEWEST} degraded images are left out. Which recalls differ is decided for all "
        f"{len(changes):,} at once, with 95 % confidence; each interval is for its row alone."
    )

"""Comparisons of networks as rows of numbers, to be saved or copied."""

from collections.abc import Sequence

from tfstab.gui.content.noise_pairing import NUMBERS as OF_NOISE
from tfstab.gui.content.pairing import Pairing, better

NUMBERS = ("what", "first", "accuracy of first (%)", "second", "accuracy of second (%)", "second minus first (points)",
           "from", "to", "images", "better", "problem")  # fmt: skip
ACCURACIES = (NUMBERS[2], *NUMBERS[4:8])
SAYS_LITTLE = "says_little"  # of recalls: 1 if the better network takes far more images of other classes for the class


def columns_of(pairings: Sequence[Pairing]) -> tuple[str, ...]:
    """Return the titles of the columns that `numbers_of` fills; those of noise and recalls only if there are any."""
    rows = [row for pairing in pairings for row in pairing.rows]
    noise = OF_NOISE if any(row.noise for row in rows) else ()
    return (*NUMBERS, *noise, *((SAYS_LITTLE,) if any(row.taken for row in rows) else ()))


def numbers_of(own: str, pairings: Sequence[Pairing]) -> list[tuple[str | float, ...]]:
    """Return the rows of several comparisons with each number in its own column, one of `columns_of`."""
    lines: list[tuple[str | float, ...]] = []
    columns = columns_of(pairings)
    for pairing in pairings:
        first, second = pairing.names(own)
        for row in pairing.rows:
            line: dict[str, str | float] = dict.fromkeys(columns, "")
            line |= {"what": row.title, "first": first, "second": second, "problem": row.problem}
            if row.accuracy is not None:
                d = row.accuracy
                shares = (d.first, d.second, d.value, d.low, d.high)
                line |= zip(ACCURACIES, (100 * share for share in shares), strict=True)
            if row.noise is not None:
                line |= zip(OF_NOISE, row.noise.numbers, strict=True)
            if row.paired is not None:
                line |= {"images": row.paired.count, "better": better(row, first, second)}
            if row.taken is not None:
                line |= {SAYS_LITTLE: int(row.says_little)}
            lines.append(tuple(line.values()))
    return lines

"""What is said wherever figures of several degradations stand: that they were applied one at a time."""

from collections.abc import Sequence

from tfstab.wording import listed

_ONE = "The degradations were applied one at a time"
_HOW = 'to measure this, see "Several degradations at once" in the guide.'


def applied_alone(combined: Sequence[str] = (), *, compared: bool = False) -> str:
    """Return that each of several degradations was applied alone, and what several at once may change.

    combined: titles of those degradations that are made of several (`tfstab.degradations.combined`). compared: whether
    the sentence stands below a comparison of networks.
    """
    but = ""
    if combined:
        apply = "which applies" if len(combined) == 1 else "each of which applies"
        but = f", except for {listed(combined)}, {apply} several in turn"
    at_once = "other combinations" if combined else "several at once"
    if compared:
        return f"{_ONE}{but}. With {at_once}, the comparison may come out differently; {_HOW}"
    return f"{_ONE}{but}. {at_once.capitalize()} may do far more harm; {_HOW}"

"""How much a higher recall says if the network also takes more images of other classes for the class."""

from collections.abc import Sequence
from typing import Protocol

from tfstab.metrics.paired import Difference
from tfstab.metrics.shares import FINER, rounded
from tfstab.wording import listed

NAMED = 3  # how many of the higher recalls are named, and how many of the lower ones
# A higher recall says little if this much more of the images of other classes is taken for the class, too, and at least
# so many times as much as the recall rises: with a recall that rises by 50 points while 15 of 100 others more are taken
# for the class, more images are told apart.
MORE_TAKEN, AS_MUCH = 0.1, 0.5
LEAST = f"at least {100 * MORE_TAKEN:.0f} of 100 more"  # where less is not told, as under degradations
LITTLE = "*"  # marks a recall that says little, in any table or chart
MARKED = (
    f"{LITTLE}: the network with the higher recall also takes far more images of other classes for the class, so its "
    "higher recall says little"
)


class HigherRecall(Protocol):
    """The recall of a class with two networks, and how many images of other classes each takes for this class."""

    @property
    def which(self) -> str:
        """The class, as a part of a sentence: "class dog"."""

    @property
    def taken(self) -> tuple[float, float]:
        """Share of the images of other classes that each network takes for this class; NaN if not known."""

    @property
    def says_little(self) -> bool:
        """Whether the network with the higher recall also takes far more images of other classes for the class."""

    @property
    def takes_more(self) -> bool:
        """Whether this network takes more images of other classes for the class, though perhaps not far more."""


class DecidedRecall(HigherRecall, Protocol):
    """The same, where it is decided which network has the higher recall."""

    @property
    def sign(self) -> int:
        """1 if the second network's recall is certainly higher, -1 if it is lower, 0 if that is not decided."""


def more_taken(recall: Difference, taken: tuple[float, float]) -> float:
    """Return how many more other images the network with the higher recall of a class takes for it, as a share.

    taken: share of the images of other classes that each network takes for this class; NaN if not known.
    """
    return (taken[1] - taken[0]) * (1 if recall.value >= 0 else -1)


def takes_far_more(recall: Difference, taken: tuple[float, float]) -> bool:
    """Return whether the higher recall of a class says little, because many more other images are taken for it, too.

    taken: as of `more_taken`.
    """
    return bool(more_taken(recall, taken) >= max(MORE_TAKEN, AS_MUCH * abs(recall.value)))


def merits(changes: Sequence[HigherRecall], before: str, after: str, sign: int, *, clean: bool = False) -> str:
    """Return where the network with the higher recall also takes more images of other classes for the class; or "".

    sign: 1 if the second network's recalls are higher, -1 if they are lower. clean: whether these are recalls on clean
    images, of which each share that is certainly larger counts, and one digit more is shown.
    """
    far = [change for change in changes if change.says_little]
    more = [change for change in changes if change.takes_more and not change.says_little]
    said = "far more images of other classes for the class, so its higher recall says little"
    larger = "more images of other classes" if clean else f"{LEAST} images of other classes"
    alone = f"{larger} for the class, so its higher recall alone does not mean that it is better"
    names = before, after
    told = _also(said, far, len(changes), names, sign)
    return told + _also(alone, more, len(changes), names, sign, int(clean), again=bool(told))


def taken_clause(changes: Sequence[DecidedRecall], sign: int, called: Sequence[str]) -> str:
    """Return for which classes more images of other classes are taken than before, or fewer; "" if for none.

    "fewer images of other classes are taken for bird (8.3 % before, 3.4 % after)"

    sign: 1 for classes whose recall certainly rises while certainly more of these images are taken for them, -1 for
    those whose recall falls while fewer are. called: what each class is called.
    """
    each = []
    for change, name in zip(changes, called, strict=True):
        if change.takes_more and change.sign == sign:
            before, after = shares_taken(change.taken, digits=1)
            each.append(f"{name} ({before} before, {after} after)")
    which = "more" if sign > 0 else "fewer"
    return f"{which} images of other classes are taken for {listed(each, most=NAMED)}" if each else ""


def number_word(count: int) -> str:
    """Return a number of recalls, 1 as a word."""
    return "one" if count == 1 else f"{count:,}"


def _also(
    said: str,
    cases: Sequence[HigherRecall],
    compared: int,
    names: tuple[str, str],
    sign: int,
    digits: int = 0,
    again: bool = False,
) -> str:
    """Return a sentence on the cases in which the network with the higher recall also takes more other images; or "".

    said: what it also takes, and what that means. compared: number of recalls, these cases among them. names: of the
    networks. sign: as of `merits`. digits: of a share, at least. again: whether a sentence on other cases precedes.
    """
    if not cases:
        return ""
    more = 1 if sign > 0 else 0
    ordered = sorted(cases, key=lambda case: case.taken[1 - more] - case.taken[more])
    where = "In this case" if compared == 1 else f"In {number_word(len(cases))} of these cases"
    if again:
        where = "In another" if len(cases) == 1 else f"In {len(cases):,} others"
    if len(cases) == compared > 1:
        where = "In all of these cases"
    told = []
    for case in ordered:
        shares = shares_taken(case.taken, digits)
        told.append(f"{shares[more]} for {case.which} ({names[1 - more]}: {shares[1 - more]})")
    told[0] = told[0].replace(" for ", " of them for ", 1)
    return f" {where}, {names[more]} also takes {said}: {listed(told, most=NAMED)}."


def shares_taken(taken: tuple[float, float], digits: int) -> tuple[str, str]:
    """Return both shares of other images in percent, with more digits if they would look the same."""
    for finer in range(digits, digits + FINER + 1):
        first, second = (f"{rounded(share, finer)} %" for share in taken)
        if first != second:
            break
    return first, second

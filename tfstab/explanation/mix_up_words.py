"""Says whether a picture may be right only by chance once a mix-up is undone.

The conclusion comes first, and what to do; then the counts. `evidence`, `evidence_of_several` and `doubt`, for the
answer whether it is the photograph or the model, have only the counts that decide; `told` has all.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.explanation.mix_up_rate import LEAST, rare
from tfstab.wording import capital, listed, out_of, scored

if TYPE_CHECKING:
    from tfstab.explanation.mix_up_rate import Rate
    from tfstab.explanation.mix_ups import Suitable

EACH = "Each of the three turns makes it right, though it can need only one"
MAY_BE, MAY_WELL_BE, NOT_CHANCE = "this may be chance", "this may well be chance", "this is probably not chance"
TAKEN = "taken for the picture's class"
AS_HIGH, SUCH = "with a score as high", "with such a score"


def evidence(rate: "Rate", *, unusual: bool) -> str:
    """Return that it is probably not chance, and the counts that show it, as a sentence without its full stop.

    Parameters
    ----------
    rate : Rate
        What undoing the mix-up does to images of a run.
    unusual : bool
        Whether the picture also stands out in the trait that the mix-up changes. Then the misclassified images of the
        run do not count.
    """
    given = "given its unusual brightness, " if unusual else ""
    return f"{capital(given + NOT_CHANCE)}: {rate.mix_up.after}, {_counts(rate, unusual=unusual)}"


def evidence_of_several(signs: Sequence[tuple["Suitable", "Rate", bool]]) -> str:
    """Return what makes the picture right if several mix-ups may be the reason, and that it is probably not chance.

    The sentences lack the last full stop.

    Parameters
    ----------
    signs : sequence of (Suitable, Rate, bool)
        At least two mix-ups, each with the other arguments of `evidence`.
    """
    ways = listed([one.scored_ways for one, _, _ in signs], "or")
    counts = [_counts(rate, unusual=unusual) for _, rate, unusual in signs]
    said = f"in each case, {counts[0]}"
    if len(set(counts)) > 1:
        said = "; ".join(f"{rate.mix_up.after}, {count}" for (_, rate, _), count in zip(signs, counts, strict=True))
    return f"{ways}, it is right: check which of these it needs. {capital(NOT_CHANCE)}: {said}"


def doubt(one: "Suitable", rate: "Rate | None", *, unusual: bool) -> str:
    """Return that it may be chance, what to do, and why it may, as sentences without the last full stop.

    Parameters
    ----------
    one : Suitable
        The mix-up, and what it makes of the picture.
    rate : Rate or None
        What the same does to images of a run; None if that is not known.
    unusual : bool
        As in `evidence`.
    """
    lead = _ignore(one, MAY_BE)
    if one.all_ways:
        return f"{lead}. {EACH}"
    if rate is None:
        return lead
    if rate.only_habit:
        few = f"{'only ' if rate.as_sure else ''}{_are(rate.as_sure)} right {AS_HIGH}"
        return (
            f"{lead}. Against a mix-up: {rate.habit}, although nothing is mixed up in them. For one: of {rate.images} "
            f"misclassified images that were tried, {few}"
        )
    if often := _often(rate, unusual=unusual):
        return f"{lead}. Other images of the run get a score as high {one.mix_up.after}, too: {', and '.join(often)}"
    return (
        f"{lead}. Too few images of the run were compared to exclude that: {' and '.join(_few(rate, unusual=unusual))}"
    )


def told(one: "Suitable", rate: "Rate | None", *, unusual: bool = False) -> str:
    """Return what makes the picture right, whether that may be chance, and all counts. Parameters as in `doubt`."""
    score = ("up to " if len(one.scores) > 1 else "") + scored(one.best)
    right = f"{capital(one.ways)}, it is right with a score of {score}"
    if rate is not None and rate.only_habit:
        return f"{right}: {one.mix_up.check}. {doubt(one, rate, unusual=unusual)}."
    if rate is not None and rate.says_little:
        return f"{right}. {rate.says_little}."
    said = f"{right}: {one.mix_up.check}."
    if rate is None:
        some = "Some misclassified images in which nothing is mixed up become right in the same way"
        return f"{said} {_ignore(one, MAY_BE)}. {some}."
    taken = (
        f"of {rate.others} images of other classes, {_only(rate.taken, rate.others)}{_are(rate.taken)} {TAKEN} {SUCH}"
    )
    counts = "; ".join([*([_wrong(rate)] if rate.images else []), taken])
    if not one.is_sign(rate, unusual=unusual):
        each = f" {EACH}." if one.all_ways else ""
        chance = MAY_WELL_BE if rate.likely_chance else MAY_BE
        return f"{said} {_ignore(one, chance)}.{each} {capital(counts)}."
    if not unusual:
        return f"{said} {capital(NOT_CHANCE)}: {counts}."
    others = f" For comparison, {_wrong(rate)}." if rate.images else ""
    return f"{said} {evidence(rate, unusual=True)}.{others}"


def _counts(rate: "Rate", *, unusual: bool) -> str:
    """Return how many images get such a score. unusual: as in `evidence`; only images of other classes count then."""
    taken = f"{_of(rate.taken, rate.others, 'images of other classes')} {TAKEN} {SUCH}"
    if unusual:
        return taken
    wrong = _of(rate.as_sure, rate.images, f"misclassified images of {_whole(rate)}")
    return f"{wrong} right {AS_HIGH}, and {taken}"


def _ignore(one: "Suitable", chance: str) -> str:
    """Return that it may be chance, and when to ignore it."""
    return f"{capital(chance)}, so ignore it {one.mix_up.condition}"


def _often(rate: "Rate", *, unusual: bool) -> list[str]:
    """Return how many images get such a score, for those of which more than a rare one does."""
    own, said = rate.of_its_class, []
    wrong = f"misclassified ones of {_whole(rate)}" if _of_one_class(rate) else "misclassified ones"
    if not unusual and not rare(rate.as_sure, rate.images):
        said = [_become_right(rate.as_sure, rate.images, wrong)]
    elif not unusual and not rare(own.as_sure, own.images):
        said = [_become_right(own.as_sure, own.images, "misclassified ones of its class")]
    taken = [f"{_of(rate.taken, rate.others, 'from other classes')} {TAKEN}"]
    return [*said, *([] if rare(rate.taken, rate.others) else taken)]


def _few(rate: "Rate", *, unusual: bool) -> list[str]:
    """Return how many images were compared, for those of which there are too few."""
    wrong = f"{rate.images or 'no'} misclassified {'one' if rate.images == 1 else 'ones'}"
    said = [wrong] if rate.images < LEAST and not unusual else []
    return said if rate.rarely_taken else [*said, f"{rate.others} from other classes"]


def _wrong(rate: "Rate") -> str:
    """Return how many misclassified images become right, and how many of them with a score as high."""
    number = "all" if rate.as_sure == rate.right else rate.as_sure or "none"
    high = f", {AS_HIGH}" if rate.as_sure == rate.right == 1 else f", {number} of them {AS_HIGH}" if rate.right else ""
    own = rate.of_its_class
    if rate.as_sure and not _of_one_class(rate):
        number = out_of(own.as_sure, own.images) if own.as_sure else f"none of {own.images or 'them'}"
        high += f" ({number} of its class)"
    return (
        f"of {rate.images} misclassified images of {_whole(rate)}, {_are(rate.right)} right {rate.mix_up.after}{high}"
    )


def _of_one_class(rate: "Rate") -> bool:
    """Return whether all misclassified images that were tried are of the picture's class."""
    return rate.of_its_class.images == rate.images


def _whole(rate: "Rate") -> str:
    """Return what the misclassified images that were tried belong to: "the run", or "its class".

    The images that are taken for the same wrong class were tried first. If there are no others, that is said, because
    more of them may become right than of the class.
    """
    if not _of_one_class(rate):
        return "the run"
    alike = rate.of_its_class.alike == rate.images > 0
    return "its class with the same mistake" if alike else "its class"


def _become_right(number: int, all_of: int, images: str) -> str:
    """Return how many images become right: "5 of 57 misclassified ones become right"."""
    return f"{out_of(number, all_of)} {images} {'becomes' if number == 1 else 'become'} right"


def _are(number: int) -> str:
    """Return "2 are", "1 is" or "none is"."""
    return f"{number or 'none'} {'is' if number <= 1 else 'are'}"


def _only(number: int, images: int) -> str:
    """Return "only " if a number of images is not zero, but so small that it is rare."""
    return "only " if number and rare(number, images) else ""


def _of(number: int, all_of: int, images: str) -> str:
    """Return how many of some images are something: "only 1 of 99 misclassified images of the run is"."""
    count = out_of(number, all_of) if number else f"none of {all_of}"
    return f"{_only(number, all_of)}{count} {images} {'is' if number <= 1 else 'are'}"

"""Whether an accuracy may be no better than guessing or always answering the same class, and what to say then."""

from collections.abc import Sequence

from tfstab.metrics.estimate import Estimate
from tfstab.metrics.intervals import wilson_interval
from tfstab.metrics.shares import inside, rounded
from tfstab.names import printed, quoted, shortened
from tfstab.wording import capital

NEARLY = 2 / 3  # of an accuracy: then always answering the same class is right nearly as often
COMMON = 0.6  # of the images: a class that has more makes the recall of the others say more than the accuracy
LONGEST = 60  # characters of a class's name


def may_be_guessing(accuracy: Estimate, classes: int) -> bool:
    """Return whether the interval of an accuracy reaches that of guessing among two or more classes."""
    return classes > 1 and not accuracy.low > 1 / classes


def guessing_warning(accuracy: Estimate, classes: int, use_more: str) -> str:
    """Return what follows a sentence that states such an accuracy.

    Parameters
    ----------
    accuracy : Estimate
        For which `may_be_guessing` is True.
    classes : int
        Number of classes.
    use_more : str
        How to get a narrower interval, as in "test more images".
    """
    more = f"{use_more}, or " if accuracy.value > 1 / classes else ""
    chosen = " If the images were chosen because the model fails on them, 0 % is no surprise." * (not accuracy.value)
    if accuracy.high < 1 / classes:
        return (
            f"That is worse than guessing among {classes:,} classes ({100 / classes:.3g} %). The model probably "
            "expects other inputs, or its outputs stand for other classes, or both. Check this first: otherwise the "
            f"other figures mean nothing.{chosen}"
        )
    return (
        f"That may be no better than guessing among {classes:,} classes ({100 / classes:.3g} %), so the other figures "
        f"may mean nothing: {more}check what inputs the model expects, and the order of its classes.{chosen}"
    )


def constant_share(sizes: Sequence[int]) -> float:
    """Return the share of the images for which always answering the commonest class is right. sizes: of the classes."""
    return max(sizes) / sum(sizes)


def one_is_common(sizes: Sequence[int]) -> bool:
    """Return whether one of several classes is so common that the accuracy says little about the others.

    The limit is above half, because each of two balanced classes has half of the images, and one has more if their
    number is odd. sizes: numbers of images of the classes, which may be 0.

    Examples
    --------
    >>> from tfstab.metrics.chance import one_is_common
    >>> one_is_common([188, 187]), one_is_common([60, 40]), one_is_common([61, 39]), one_is_common([61, 0])
    (False, False, True, False)
    """
    return sum(size > 0 for size in sizes) > 1 and constant_share(sizes) > COMMON


def is_near_constant(accuracy: Estimate, sizes: Sequence[int]) -> bool:
    """Return whether always answering the same class is right nearly as often; False if all images are of one class.

    sizes: numbers of images of the classes that have some.
    """
    return len(sizes) > 1 and constant_share(sizes) >= NEARLY * accuracy.value


def constant_clause(found: Sequence[tuple[str, int]]) -> str:
    """Return how often always answering the commonest class is right, as a clause that names it if it is common.

    found: the name of each class that has images, and how many.

    Examples
    --------
    >>> from tfstab.metrics.chance import constant_clause
    >>> constant_clause([("good", 96), ("defect", 4)])
    'a model that always answers good would be right on 96 %'
    >>> constant_clause([("cat", 3), ("dog", 3), ("fox", 3)])
    'always answering the same class would be right on 33 %'
    """
    sizes = [images for _, images in found]
    share = constant_share(sizes)
    if not one_is_common(sizes):
        return f"always answering the same class would be right on {rounded(share)} %"
    answer = _name(max(found, key=lambda one: one[1])[0])
    return f"a model that always answers {answer} would be right on {rounded(share)} %"


def constant_answer(accuracy: Estimate, found: Sequence[tuple[str, int, int]]) -> str:
    """Return how often always answering the same class is right, and the recall of the others if it is common.

    Parameters
    ----------
    accuracy : Estimate
        Of the model on clean images.
    found : sequence of (str, int, int)
        Of each class that has images, its name, how many of them are right, and how many there are.

    Examples
    --------
    >>> from tfstab.metrics import Estimate
    >>> from tfstab.metrics.chance import constant_answer
    >>> print(constant_answer(Estimate(0.99, 0.98, 1), [("good", 96, 96), ("defect", 3, 4)]))
    Of the images, 96 % are of class good: a model that always answers good would be right on 96 %. So look at the \
recall of class defect: 3 of 4 when clean (75 %, 30–96).
    """
    sizes = [of for _, _, of in found]
    share = constant_share(sizes)
    clause = constant_clause([(name, of) for name, _, of in found])
    if not one_is_common(sizes):
        return f"{capital(clause)}."
    common = max(found, key=lambda one: one[2])
    others = [one for one in found if one is not common]
    rare, right, of = min(others, key=lambda one: one[1] / one[2])
    rare = _name(rare)
    if accuracy.high < share:
        no_better = ", and this one is right less often"
    else:
        no_better = ", and this one is not clearly better" if accuracy.low <= share else ""
    recall = Estimate(right / of, *wilson_interval(right, of))
    answer = _name(common[0])
    text = f"Of the images, {rounded(share)} % are of class {answer}: {clause}{no_better}. So look at the recall of "
    found_rare = f"{right:,} of {of:,} when clean ({inside(recall)})."
    if len(others) == 1:
        return f"{text}class {rare}: {found_rare}"
    return f"{text}the other classes; the lowest is that of class {rare}: {found_rare}"


def _name(name: str) -> str:
    """Return the name of a class as a sentence has it."""
    return quoted(shortened(printed(name), LONGEST))

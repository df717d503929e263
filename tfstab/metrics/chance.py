"""Whether an accuracy may be no better than guessing, and what to say then."""

from tfstab.metrics.estimate import Estimate


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
    return (
        f"That may be no better than guessing among {classes:,} classes ({100 / classes:.3g} %), so the other figures "
        f"may mean nothing: {more}check what inputs the model expects, and the order of its classes.{chosen}"
    )

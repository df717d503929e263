"""How many images would decide what an explanation leaves open, and whether so many were given."""

import math
import sys

from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate

AVAILABLE = "available"  # entry of run.json: how many images were given, of which those of the run are a sample
# So many times the images of the run are asked for, or so many times the number that would be enough if the figure
# stayed as measured, whichever is more. It does not stay so: nearer to its threshold, it would take even more images.
FACTOR = 2.0
STEP = 100  # to a multiple of which their number is rounded up
MOST = 0.5  # of the images given: if more are to be taken, all are, so that nothing has to be run a third time

BEYOND = "only images that were not given could decide this"


def images_given(run: ExplanationRun) -> int | None:
    """Return how many images were given, of which those of the run are all or a sample; None if it is not known."""
    given, chosen = run.info["data"].get(AVAILABLE), int(run.info["data"]["images"])
    return given if isinstance(given, int) and chosen <= given <= sys.maxsize else None  # a run may come from anybody


def images_wanted(run: ExplanationRun, own: Estimate | None = None, limit: float = math.nan) -> int | None:
    """Return how many images may decide what is open; None if no more were given, or if that is not known.

    Parameters
    ----------
    run : ExplanationRun
        The run.
    own : Estimate, optional
        A figure below a threshold that its interval contains: the interval narrows as the square root of the images.
    limit : float
        The threshold.
    """
    given, chosen = images_given(run), int(run.info["data"]["images"])
    if given is None or given <= chosen:
        return None
    narrower = 1.0 if own is None else max(1.0, (own.high - own.value) / (limit - own.value))
    wanted = min(given, FACTOR * chosen * narrower**2)
    return given if wanted > MOST * given else min(given, STEP * math.ceil(wanted / STEP))


def where_to_ask(wanted: int) -> str:
    """Return in brackets how to ask for so many images."""
    return f"(`--limit {wanted}`, in Python limit={wanted})"


def all_counted(run: ExplanationRun, wanted: int | None) -> str:
    """Return what can decide about clean predictions, which are all counted although not all images are explained.

    wanted: as of `images_wanted`.
    """
    chosen, given = int(run.info["data"]["images"]), images_given(run)
    if given == chosen:
        return f"The clean predictions of all {chosen:,} images given are counted here, so {BEYOND}."
    if wanted is None:
        counted = f"The clean predictions of all {chosen:,} images chosen are already counted here"
        return f"{counted}, so only more images, if there are any, can decide this (`--limit`, in Python limit=)."
    return (
        f"All {chosen:,} images chosen are already counted here by their clean predictions, so this can be decided "
        f"only by choosing more of the {given:,} given {where_to_ask(wanted)}."
    )


def all_explained(run: ExplanationRun, wanted: int | None) -> str:
    """Return what decides when all images chosen are explained. wanted: as of `images_wanted`."""
    chosen, given = int(run.info["data"]["images"]), images_given(run)
    if given == chosen:
        return f"All {chosen:,} images given are counted here, so {BEYOND}."
    if wanted is None:
        return "More images, if there are any, may decide this (`--limit`, in Python limit=)."
    return (
        f"{chosen:,} of the {given:,} images given were chosen; choosing more may decide this {where_to_ask(wanted)}."
    )

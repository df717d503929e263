"""How a picture looks among the clean images of a run, whose figures are kept while the run is open."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.appearance import Figures, figures_of, standings_among, usual_place
from tfstab.explanation.standing import Standing
from tfstab.explanation.traits import Values, position

if TYPE_CHECKING:
    from tfstab.runs import CleanImages

MOST = 2000  # images with which a picture is compared

_figures: "WeakKeyDictionary[CleanImages, Figures]" = WeakKeyDictionary()


def stands(image: NDArray[np.uint8], clean: "CleanImages") -> tuple[Standing, ...]:
    """Return how a picture (H, W, C) stands in each of the `TRAITS` among a run's clean images."""
    number = len(clean.indices)
    return standings_among(image, _figures_of(clean), number if number > MOST else None)


def usual_place_in(clean: "CleanImages") -> Values:
    """Return where the content of a run's clean images usually lies, (2,), as `position` gives it."""
    return usual_place(_figures_of(clean)[position])


def order_of(clean: "CleanImages") -> NDArray[np.int64]:
    """Return the rows of clean images in the order of the run; shuffled if it is unknown, as they may be sorted."""
    if clean.order is not None:
        return clean.order
    return np.random.default_rng(0).permutation(len(clean.indices))


def _figures_of(clean: "CleanImages") -> Figures:
    """Return the figures of the images with which a picture is compared."""
    if clean not in _figures:
        _figures[clean] = figures_of(clean.select(order_of(clean)[:MOST]).images)
    return _figures[clean]

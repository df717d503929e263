"""Whether one picture looks unlike the images of a run, in one of several traits, such as brightness.

Among n images and itself, an ordinary picture is equally likely to have each of the n + 1 ranks. So the probability
that it exceeds at least UNUSUAL * (n + 1) images, in a given direction, is at most 1 - UNUSUAL.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.standing import LIMIT, Standing
from tfstab.explanation.traits import TRAITS, Values, colours
from tfstab.wording import listed

EVEN = "an off-centre position shows only on an even background"
NO_FAULT = "not counted as a fault"
MIDDLE = 0.25  # share on either side of the middle half of the images, in which a picture looks as usual
PIXELS = 1 << 20  # of images that are measured at a time

Figures = dict[Callable[[NDArray[Any]], Values], Values]


def standings(image: NDArray[np.uint8], images: NDArray[np.uint8]) -> tuple[Standing, ...]:
    """Return how a picture (H, W, C) stands among images (N, H, W, C) in each of the `TRAITS`.

    Examples
    --------
    >>> from tfstab.explanation.appearance import standings
    >>> found = standings(digits.images[0] // 9, digits.images)
    >>> [one.trait.words for one in found if one.exceeded == len(digits)]
    ['is darker than']
    >>> found[0].sentence((), None)
    'The picture is darker than all 10 images of the run.'
    """
    return standings_among(image, figures_of(images))


def figures_of(images: NDArray[np.uint8]) -> Figures:
    """Return figures (N,) or places (N, 2) of images (N, H, W, C), for each measure of the `TRAITS`."""
    views = {trait.measure: trait.view for trait in TRAITS}
    found: dict[Callable[[NDArray[Any]], Values], list[Values]] = {measure: [] for measure in views}
    step = max(1, PIXELS // images[0, ..., 0].size)
    for start in range(0, len(images), step):  # the grey levels of all images may not fit into memory
        part = slice(start, start + step)
        seen = {view: view(images[part]) for view in set(views.values())}
        for measure, values in found.items():
            values.append(measure(seen[views[measure]]))
    return {measure: np.concatenate(values) for measure, values in found.items()}


def standings_among(image: NDArray[np.uint8], figures: Figures, run_images: int | None = None) -> tuple[Standing, ...]:
    """Return the same as `standings` among images whose figures are known. run_images: as in `Standing`."""
    own, found = figures_of(image[None]), list[Standing]()
    for trait in TRAITS:
        value, others, off_centre = own[trait.measure][0], figures[trait.measure], None
        if others.ndim > 1:
            middle = usual_place(others)
            value, others = np.hypot(*(value - middle)), np.hypot(*(others - middle).T)
            off_centre = float(value) if np.isfinite(value) else None
        others = others[np.isfinite(others)] if np.isfinite(value) else others[:0]
        higher, lower = int((others > value).sum()), int((others < value).sum())
        exceeded, behind = (lower, higher) if trait.above else (higher, lower)
        counts = exceeded, len(others)
        found.append(Standing(trait, *counts, run_images=run_images, behind=behind, off_centre=off_centre))
    return tuple(found)


def usual_place(places: Values) -> Values:
    """Return the median (2,) of places (N, 2); NaN if there is none."""
    known = places[np.isfinite(places).all(axis=1)]
    return np.asarray(np.median(known, axis=0)) if len(known) else np.full(2, np.nan)


def images_among(found: Sequence[Standing]) -> str:
    """Return among which images a picture stands: "the 901 images of the run", or "2,000 of the 5,910 images ..."."""
    images, whole = max(one.images for one in found), found[0].run_images
    return f"the {images:,} images of the run" if whole is None else f"{images:,} of the {whole:,} images of the run"


def not_unusual(found: Sequence[Standing]) -> str:
    """Return that a picture stands out in nothing, what would be unusual, and in what it nearly stands out.

    Examples
    --------
    >>> from tfstab.explanation.appearance import not_unusual
    >>> from tfstab.explanation.standing import Standing
    >>> from tfstab.explanation.traits import TRAITS
    >>> not_unusual([Standing(TRAITS[0], 482, 500)]).partition(" (")[2].split("; ")[:2]
    ['unusual means more so than 98 % of the 500 images of the run', 'it is darker than 96 %']
    """
    near = [one.near_words for one in found if one.near]
    said = f"{LIMIT} of {images_among(found)}{f'; it {listed(near)}' if near else ''}"
    return f"not unusually dark, bright, blurred, grainy, low in contrast or off-centre ({said}; {EVEN})"


def in_short(found: Sequence[Standing]) -> tuple[tuple[str, str], ...]:
    """Return names and values of what `standings` found, in the direction in which the picture stands out more.

    A picture in the middle half of the images looks "as usual". Where it has far more contrast or less noise than most,
    the value adds that this is not counted as a fault. Colours are left out unless they are missing, as many models
    take none. If only the first images of the run were compared, the first entry says so.

    Examples
    --------
    >>> from tfstab.explanation.appearance import in_short, standings
    >>> in_short(standings(digits.images[0] // 9, digits.images))[0]
    ('Brightness', 'darker than all 10')
    """
    shown, whole = [], found[0].run_images if found else None
    if whole is not None:
        shown.append(("Images compared", f"{max(one.images for one in found):,} of {whole:,}"))
    for name in dict.fromkeys(one.trait.measure.__name__ for one in found):
        sides = [one for one in found if one.trait.measure.__name__ == name and one.images]
        if sides and (name != colours.__name__ or sides[0].unusual):
            shown.append((name.capitalize(), _in_short(sides)))
    return tuple(shown)


def _in_short(sides: Sequence[Standing]) -> str:
    """Return how a picture stands in one measure, given the standings in its traits."""
    others = [one.other_way for one in sides]
    most = max((one for one in (*sides, *others) if one is not None), key=lambda one: one.exceeded)
    if most.exceeded < (1 - MIDDLE) * most.images:
        return "as usual"
    no_fault = most.slight or (most not in sides and (most.near or most.unusual))
    return f"{most.short} ({NO_FAULT})" if no_fault else most.short

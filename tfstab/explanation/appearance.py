"""Whether one picture looks unlike the images of a run, in one of several traits, such as brightness.

Among n images and itself, an ordinary picture is equally likely to have each of the n + 1 ranks. So the probability
that it exceeds at least UNUSUAL * (n + 1) images, in a given direction, is at most 1 - UNUSUAL.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.made_alike import Lost
from tfstab.explanation.traits import TRAITS, Trait, Values, colours
from tfstab.explanation.tried import BLIND, Tried
from tfstab.wording import listed, percent

UNUSUAL = 0.98  # share of the images that a picture must exceed to stand out
NEAR = 0.95  # share from which a trait is mentioned although it does not stand out
LIMIT = f"unusual means more so than {percent(UNUSUAL)}"
EVEN = "an off-centre position shows only on an even background"
NO_FAULT = "not counted as a fault"
TOO_FEW_RIGHT = "too few images of the run are right to test whether this is why it is misclassified"
MIDDLE = 0.25  # share on either side of the middle half of the images, in which a picture looks as usual
PIXELS = 1 << 20  # of images that are measured at a time

Figures = dict[Callable[[NDArray[Any]], Values], Values]


@dataclass(frozen=True)
class Standing:
    """How a picture stands among the images of a run in one trait.

    Attributes
    ----------
    trait : Trait
        The trait.
    exceeded : int
        How many of the images it exceeds in this trait: how many are brighter, for a dark picture.
    images : int
        How many images have this figure.
    wrong : tuple of int or None
        Of images of the run that are misclassified, how many become right when the same is done to them, and of how
        many; None if that was not tried.
    lost : Lost or None
        Of images of the run that are right, how many become wrong when they are made like the picture, which nothing
        can undo in the picture itself; None if that was not tried.
    run_images : int or None
        How many images the run has; None if it was compared with all of them.
    behind : int
        How many of the images exceed it in this trait: how many are darker, for a dark picture.
    """

    trait: Trait
    exceeded: int
    images: int
    wrong: tuple[int, int] | None = None
    lost: Lost | None = None
    run_images: int | None = None
    behind: int = 0

    @property
    def unusual(self) -> bool:
        """Whether an ordinary picture would rarely stand out so much."""
        return stands_out(self.exceeded, self.images)

    @property
    def near(self) -> bool:
        """Whether it is mentioned although it is not unusual."""
        return not self.unusual and self.decided and self.exceeded >= NEAR * self.images

    @property
    def decided(self) -> bool:
        """Whether there are enough images for the picture to stand out."""
        return stands_out(self.images, self.images)

    @property
    def harmless(self) -> bool:
        """Whether none of the right images that were made like the picture is misclassified."""
        return self.lost is not None and not self.lost.wrong

    @property
    def words(self) -> str:
        """How it compares: "is darker than 99 % of the 901 images of the run"."""
        share = "all" if self._exceeds_all else f"{self._percent} % of the"
        which = "of the run" if self.run_images is None else f"compared (of {self.run_images:,} in the run)"
        return f"{self.trait.words} {share} {self.images:,} images {which}"

    @property
    def near_words(self) -> str:
        """How it compares if it is `near`: "is darker than 96 %"."""
        return f"{self.trait.words} {self._percent} %"

    @property
    def short(self) -> str:
        """How it compares, in a few words: "darker than 99 %", or "darker than all 901"."""
        return f"{self._trait} than {f'all {self.images:,}' if self._exceeds_all else f'{self._percent} %'}"

    @property
    def other_way(self) -> "Standing | None":
        """How it stands in the opposite of the trait, such as more contrast; None if that is not looked at."""
        if not self.trait.opposite:
            return None
        opposite = replace(self.trait, words=self.trait.opposite, above=not self.trait.above, undone=(), opposite="")
        return Standing(opposite, self.behind, self.images, run_images=self.run_images, behind=self.exceeded)

    @property
    def _exceeds_all(self) -> bool:
        """Whether it exceeds all images."""
        return self.exceeded == self.images

    @property
    def _percent(self) -> int:
        """The share of the images that it exceeds, rounded down; less than 98 unless it is unusual.

        `stands_out` counts the picture itself, too, so that 98 % of the images alone are not enough.
        """
        share = int(100 * self.exceeded / self.images)
        return share if self.unusual else min(share, int(100 * UNUSUAL) - 1)

    @property
    def _trait(self) -> str:
        """The trait without verb: "darker"."""
        return self.trait.words.partition(" ")[2].removesuffix(" than")

    def right_when_undone(self, tried: Sequence[Tried], k: int) -> bool:
        """Return whether undoing this makes a misclassified picture right, without turning others into its class k."""
        return any(one.surely_right(k).any() for one in self.undoing(tried))

    def blind_when_undone(self, tried: Sequence[Tried], k: int) -> bool:
        """Return whether undoing this makes it right, but turns at least half of the others into its class k, too."""
        return any((one.right(k) & one.blind).any() for one in self.undoing(tried))

    @property
    def right_when(self) -> str:
        """That it is right when this is undone, and of how many of the misclassified images tried this is true, too."""
        said = f"it is right {self.trait.when}"
        if self.wrong is None:
            return said
        right, of = self.wrong
        if not right:
            return f"{said} (none of {of} misclassified images of the run is)"
        so = "so is" if right == 1 else "so are"
        return f"{said} ({so} {right} of {of} misclassified images of the run; the fewer there are, the surer this is)"

    def ways(self, tried: Sequence[Tried]) -> int:
        """Return how many changes that would undo this were tried."""
        return sum(len(one.severities) for one in self.undoing(tried))

    def why(self, tried: Sequence[Tried], k: int) -> str:
        """Return what shows that this may be why the picture is misclassified, as a part of a sentence; "" if nothing.

        tried: the changes that were tried. k: the picture's true class.
        """
        if self.lost is not None:
            return self.lost.words if self.lost.explains else ""
        return self.right_when if self.right_when_undone(tried, k) else ""

    def doubt(self, tried: Sequence[Tried], k: int) -> str:
        """Return why it is not known whether this is the reason, as a sentence's last part. Parameters as in `why`."""
        if not self.trait.undone:
            return f"but {TOO_FEW_RIGHT if self.lost is None else self.lost.words}"
        if self.blind_when_undone(tried, k):
            return f"and it is right {self.trait.when}, but {BLIND}"
        if (ways := self.ways(tried)) == 1:
            return f"but {self.trait.doing} does not make it right"
        return f"but it is not right in any of the {ways} ways of {self.trait.doing} that were tried"

    def sentence(self, tried: Sequence[Tried], k: int | None) -> str:
        """Return how the picture stands out and, if it is wrong, whether this may be why.

        tried: the changes that were tried. k: the true class of a picture that is wrong; else None.
        """
        lead = f"The picture {self.words}"
        if k is None:
            return f"{lead}."
        if why := self.why(tried, k):
            return f"{lead}, and {why}: this may be why it is misclassified.{self._undone_by(tried, k)}"
        return f"{lead}, {self.doubt(tried, k)}."

    def _undone_by(self, tried: Sequence[Tried], k: int) -> str:
        """Return under which changes that undo this the picture is right, in a sentence; "" if nothing undoes it."""
        found = [(one, one.surely_right(k)) for one in self.undoing(tried)]
        places = [f"{one.title}, {one.at(right)}" for one, right in found if right.any()]
        return f" It is right under {'; '.join(places)}." if places else ""

    def to_json(self, tried: Sequence[Tried], k: int | None) -> dict[str, Any]:
        """Return the trait, how many of how many images the picture exceeds in it, and whether undoing it helps.

        The latter is None unless the picture is wrong and something can undo the trait. Parameters as in `sentence`.
        """
        helps = None if k is None or not self.trait.undone else self.right_when_undone(tried, k)
        counts = {"exceeded": self.exceeded, "images": self.images, "unusual": self.unusual}
        wrong = None if self.wrong is None else {"right": self.wrong[0], "images": self.wrong[1]}
        lost = None if self.lost is None else asdict(self.lost) | {"explains": self.lost.explains}
        tests = {"wrong_images_right_when_undone": wrong, "right_images_wrong_when_made_alike": lost}
        return {"trait": self._trait, **counts, "right_when_undone": helps, **tests}

    def undoing(self, tried: Sequence[Tried]) -> list[Tried]:
        """Return the changes that would undo this."""
        return [one for one in tried if (one.family.name, one.above) in self.trait.undone]


def stands_out(exceeded: int, images: int) -> bool:
    """Return whether an ordinary picture would rarely exceed so many of the images."""
    return exceeded >= UNUSUAL * (images + 1)


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
        value, others = own[trait.measure][0], figures[trait.measure]
        if others.ndim > 1:
            middle = usual_place(others)
            value, others = np.hypot(*(value - middle)), np.hypot(*(others - middle).T)
        others = others[np.isfinite(others)] if np.isfinite(value) else others[:0]
        higher, lower = int((others > value).sum()), int((others < value).sum())
        exceeded, behind = (lower, higher) if trait.above else (higher, lower)
        found.append(Standing(trait, exceeded, len(others), run_images=run_images, behind=behind))
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
    >>> from tfstab.explanation.appearance import Standing, not_unusual
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
    return most.short if most in sides or not (most.near or most.unusual) else f"{most.short} ({NO_FAULT})"

"""The lowest recall of all classes, for the requirement that no class is below a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.words import name
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.kept import share_of
from tfstab.names import all_quoted, quoted
from tfstab.wording import counted, listed

NAMED = 4  # classes that a sentence names, "and 3 others" included
UNKNOWN = Estimate(float("nan"), 0.0, 1.0)  # the recall of a class of which no image was measured


@dataclass(frozen=True, eq=False)
class LowestRecall:
    """The lowest recall of all classes, and which classes are certainly below a limit, or may be.

    Its interval covers the true lowest recall with 95 %, however many classes there are. The lowest recall is below the
    upper end of each class, and all of these hold at once only if each is wider than that of a single class (by
    Bonferroni's inequality). It is above the lowest of the lower ends unless that of the class with the lowest true
    recall is wrong, so that the lower end of each class is that of a single class.

    Attributes
    ----------
    names : tuple of str
        Names of the classes.
    images : tuple of int
        How many images of each were measured.
    recalls : tuple of Estimate
        The recall of each, with the ends that the lowest recall needs.
    """

    names: tuple[str, ...]
    images: tuple[int, ...]
    recalls: tuple[Estimate, ...]

    @classmethod
    def of(cls, right: Mapping[int, NDArray[np.float64]], names: Sequence[str]) -> "LowestRecall":
        """Return the lowest recall of some classes.

        Parameters
        ----------
        right : mapping of int to ndarray
            For each class the share of each of its images that is right, 0..1; empty if no image was measured.
        names : sequence of str
            Names of all classes.
        """
        of_all = 1 - (1 - CONFIDENCE) / max(1, len(right))
        recalls = [_recall(shares, of_all) if len(shares) else UNKNOWN for shares in right.values()]
        return cls(tuple(names[k] for k in right), tuple(map(len, right.values())), tuple(recalls))

    @property
    def estimate(self) -> Estimate:
        """The lowest recall, with its 95 % interval; NaN if no image was measured."""
        values, low, high = np.array([(e.value, e.low, e.high) for e in self.recalls]).T
        return Estimate(values[self._lowest].item(), low.min().item(), high.min().item())

    @property
    def whose(self) -> str:
        """Which class has it, and how many images this class has, such as "class stop (60 images)"."""
        k = self._lowest
        return f"class {quoted(name(self.names[k]))} ({counted(self.images[k])})"

    @property
    def _lowest(self) -> int:
        """The place of the class with the lowest recall; of several, the one with the most images."""
        measured = [k for k, images in enumerate(self.images) if images] or [0]
        return min(measured, key=lambda k: (self.recalls[k].value, -self.images[k]))

    def open_classes(self, least: float) -> list[int]:
        """Return the places of the classes of which it is not decided whether they reach a limit."""
        return [k for k, e in enumerate(self.recalls) if e.low < least <= e.high]

    def told(self, least: float) -> str:
        """Return which classes are certainly below a limit, and which have too few images to decide, in sentences."""
        below = [k for k, e in enumerate(self.recalls) if e.high < least]
        open_ = self.open_classes(least)
        sentences = []
        if below:
            are = "class is" if len(below) == 1 else "classes are"
            shown = listed(self._called(sorted(below, key=lambda k: self.recalls[k].value)), most=NAMED)
            sentences.append(f"{len(below):,} {are} certainly below {100 * least:g} %: {shown}.")
        if open_:
            other = "other " * bool(below)
            have = f"{other}class has" if len(open_) == 1 else f"{other}classes have"
            called = self._called(sorted(open_, key=lambda k: (self.recalls[k].low, self.images[k])))
            sentences.append(f"{len(open_):,} {have} too few images to decide: {listed(called, most=NAMED)}.")
        return " ".join(sentences)

    def _called(self, places: Sequence[int]) -> list[str]:
        """Return classes with their numbers of images, for a list in a sentence."""
        names = all_quoted(name(self.names[k]) for k in places)
        return [f"{title} ({counted(self.images[k])})" for title, k in zip(names, places, strict=True)]


def _recall(shares: NDArray[np.float64], of_all: float) -> Estimate:
    """Return the recall of a class. of_all: confidence of the upper end, which holds for all classes at once."""
    own = share_of(shares)
    return Estimate(own.value, own.low, share_of(shares, of_all).high)

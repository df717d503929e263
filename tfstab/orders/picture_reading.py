"""Reads a picture of the user's own as data sets are read, and says what this may do to the answer."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tfstab.datasets.images import is_transparent, look
from tfstab.datasets.resize import Resize, resized_array
from tfstab.explanation.mix_ups import undone
from tfstab.orders.unlabelled import read_image
from tfstab.wording import counted, rounded_to

LEAST_ENLARGED = 1.5  # times, from which on an enlargement is said to be one
DISTORTED, ENLARGED, TURNED, TRANSPARENT = "distorted", "enlarged", "turned", "transparent"
CROP = "trained on cropped images, add --resize crop (in Python resize='crop')."


@dataclass(frozen=True, eq=False)
class Reading:
    """A picture as it was read from its file.

    Attributes
    ----------
    whole : ndarray of uint8 (H, W, C)
        The picture in its own size.
    form : Resize
        How it is resized.
    chosen : bool
        Whether the user, or the run, says how it is resized.
    turned : bool
        Whether it was turned upright, as its EXIF data say.
    transparent : bool
        Whether transparent parts were laid on white.
    """

    whole: NDArray[np.uint8]
    form: Resize
    chosen: bool
    turned: bool
    transparent: bool

    @classmethod
    def of(cls, file: Path, root: Path, form: Resize, *, grey: bool, chosen: bool) -> "Reading":
        """Read a file that is `root` or lies inside it; raise DataError if it cannot be read. grey: one channel."""
        whole = read_image(file, root, grey)
        return cls(whole, form, chosen, look(file).turned, is_transparent(file))

    @property
    def image(self) -> NDArray[np.uint8]:
        """The picture as the model takes it, (h, w, C)."""
        return next(resized_array(self.whole[None], self.form))

    @property
    def undone(self) -> NDArray[np.uint8]:
        """The same after each of the `mix_ups.undone`, (W, h, w, C)."""
        return np.stack([next(resized_array(one[None], self.form)) for one in undone(self.whole)])

    @property
    def resized(self) -> bool:
        """Whether it has not the model's size."""
        return self.whole.shape[:2] != self.form.size

    @property
    def distorted(self) -> bool:
        """Whether it was stretched to another shape although nobody said so."""
        (height, width, _), (new_height, new_width) = self.whole.shape, self.form.size
        return not self.chosen and height * new_width != width * new_height

    @property
    def enlarged(self) -> float:
        """How many times it was enlarged; 0 if that is too little to matter."""
        ratios = [new / own for new, own in zip(self.form.size, self.whole.shape, strict=False)]
        times = max(ratios) if self.form.way == "crop" else min(ratios)
        return times if times >= LEAST_ENLARGED else 0.0

    @property
    def cautions(self) -> list[str]:
        """What may make the answer less reliable, and what was done to the picture, in sentences."""
        (height, width, _), (new_height, new_width) = self.whole.shape, self.form.size
        said = list[str]()
        if self.distorted:
            said.append(
                f"The picture, {width} x {height} pixels, was stretched to {new_width} x {new_height}, which distorts "
                f"it: if your model was {CROP}"
            )
        if self.enlarged:
            times = rounded_to(self.enlarged)
            said.append(
                f"The picture has only {width} x {height} pixels and was enlarged {times} times: details are missing."
            )
        said += ["The picture was turned upright, as its EXIF data say."] if self.turned else []
        return [*said, *(["Transparent parts of the picture were laid on white."] if self.transparent else [])]

    @property
    def doubts(self) -> list[str]:
        """The kinds of these sentences."""
        known = (self.distorted, self.enlarged, self.turned, self.transparent)
        return [kind for kind, holds in zip((DISTORTED, ENLARGED, TURNED, TRANSPARENT), known, strict=True) if holds]

    @property
    def remarks(self) -> list[str]:
        """How it was resized, in a sentence, if `cautions` do not say it."""
        if not self.resized or self.distorted or self.enlarged:
            return []
        height, width, _ = self.whole.shape
        return [f"The picture was {self.form}, from {width} x {height}."]


def cautions_on(doubts: Counter[str], pictures: int, form: Resize) -> list[str]:
    """Return the `cautions` on several pictures, which were resized alike.

    doubts: how many pictures have each of the `doubts`. pictures: how many there are.
    """

    def were(doubt: str) -> str:
        return f"{doubts[doubt]:,} of {counted(pictures, 'picture')} {'was' if doubts[doubt] == 1 else 'were'}"

    height, width = form.size
    said = {
        DISTORTED: f"stretched to {width} x {height} pixels from another shape, which distorts them: if your model was "
        f"{CROP}",
        ENLARGED: f"enlarged at least {LEAST_ENLARGED:g} times: details are missing.",
        TURNED: "turned upright, as EXIF data say.",
        TRANSPARENT: "transparent in parts, which were laid on white.",
    }
    return [f"{were(doubt)} {words}" for doubt, words in said.items() if doubts[doubt]]

"""The only kind of change that makes a misclassified picture right, if it undoes a fault that its looks do not show.

Most misclassified pictures become right under several kinds of change, as their margin is slim, and then none of these
says anything. A single kind says more, but may be chance, too. tests/benchmarks/tilted_pictures.py measures how often
it is named for tilted pictures, and how often for misclassified images without a fault. Changes of brightness and
contrast are left out, as a picture that needs them looks unusual.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.kinds_of_change import NOISE
from tfstab.explanation.standing import USUAL
from tfstab.explanation.tried import Tried
from tfstab.wording import percent

FEW_OTHERS = 0.1  # share of the images of other classes that may be taken for the picture's class
NO_OTHERS = "none of the images of other classes that were tried is"
TOO = "what the picture shows may be too {}"
# By the degradation that makes the picture right, and whether its severities are above the neutral one.
FAULTS: dict[tuple[str, bool | None], str] = {
    ("rotation", True): "the picture may be tilted",
    ("rotation", False): "the picture may be tilted",
    ("scaling", True): TOO.format("small"),
    ("scaling", False): TOO.format("large"),
}


@dataclass(frozen=True)
class OneKind:
    """The only kind of change that makes a picture right at several severities in a row.

    Attributes
    ----------
    what : str
        The change with its severities: "rotation (clockwise), angle 30 to 45".
    fault : str
        What may be wrong with the picture, one of `FAULTS`.
    others : tuple of float
        The lowest and the highest share of images of other classes that are then taken for the picture's class.
    wrong : tuple of int or None
        How many misclassified images of the run are right at one of these severities, too, and of how many; None if the
        run has too few.
    """

    what: str
    fault: str
    others: tuple[float, float]
    wrong: tuple[int, int] | None = None

    @property
    def told(self) -> bool:
        """Whether it is not usual that the same makes misclassified images right."""
        return self.wrong is None or self.wrong[0] < USUAL * self.wrong[1]

    @property
    def sentences(self) -> str:
        """What makes the picture right, what the same does to other images, and what may follow."""
        low, high = (percent(share) for share in self.others)
        share = f"only {high}" if low == high else f"only {low.removesuffix(' %')} to {high}"
        taken = f"{share} of the images of other classes that were tried are" if any(self.others) else NO_OTHERS
        return (
            f"Apart from noise, only one kind of change makes it right at several severities in a row: {self.what}."
            f"{self._wrong_ones} With this change, {taken} taken for the picture's class. So {self.fault}, but this "
            "may also be chance."
        )

    @property
    def _wrong_ones(self) -> str:
        """How many misclassified images of the run are right likewise, in a sentence; "" if there are too few."""
        if self.wrong is None:
            return ""
        right, of = self.wrong
        if not right:
            return f" It makes none of {of} misclassified images of the run right."
        return f" It also makes {right} of {of} misclassified images of the run right: the fewer, the surer this is."

    def to_json(self) -> dict[str, Any]:
        """Return the change and the figures."""
        wrong = None if self.wrong is None else {"right": self.wrong[0], "images": self.wrong[1]}
        return {"change": self.what, "share_of_other_images": list(self.others), "wrong_images_right": wrong}


def one_kind(tried: Sequence[Tried], k: int) -> tuple[Tried, NDArray[np.bool_]] | None:
    """Return the only change that makes a picture of class k right, and at which severities; None if there is none.

    It undoes one of the `FAULTS`, and makes the picture right at several severities in a row, where few images of other
    classes are taken for class k. Noise is left out. Other changes may make the picture right, too, but only at single
    severities, and at fewer in all.
    """
    helping = [(one, one.surely_right(k)) for one in tried if one.family.name not in NOISE]
    in_a_row = [(one, at) for one, at in helping if (at[1:] & at[:-1]).any()]
    if len(in_a_row) != 1:
        return None
    one, at = in_a_row[0]
    if (one.family.name, one.above) not in FAULTS or one.others is None or (one.others[at] > FEW_OTHERS).any():
        return None
    singles = sum(int(some.sum()) for _, some in helping) - int(at.sum())
    return (one, at) if singles < at.sum() else None

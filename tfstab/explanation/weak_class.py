"""Whether an image that is wrong when clean is of a class that is weak as a whole."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.metrics.weak_groups import weak_groups

if TYPE_CHECKING:
    from tfstab.runs import CleanImages


@dataclass(frozen=True)
class WeakClass:
    """A class whose clean images are right less often than those of the others, beyond doubt.

    Attributes
    ----------
    right, images : int
        How many of its clean images are right, of how many.
    """

    right: int
    images: int

    @property
    def sentence(self) -> str:
        """That its images are misclassified more often than others, and how many are right."""
        right = "none" if not self.right else f"{self.right:,}"
        are = "is" if self.right < 2 else "are"
        return (
            "Images of its class are misclassified more often than others: when clean, "
            f"{right} of {self.images:,} {are} right."
        )


def weak_class_of(clean: "CleanImages", row: int) -> WeakClass | None:
    """Return the class of an image of a run; None if the image is right when clean, or its class is not weak."""
    return None if clean.correct[row] else weak_class(clean, int(clean.class_index[row]))


def weak_class(clean: "CleanImages", label: int) -> WeakClass | None:
    """Return a class of a run's images; None if it is not weak."""
    if label not in weak_groups(clean.class_index, clean.correct):
        return None
    right = clean.correct[clean.class_index == label]
    return WeakClass(int(right.sum()), len(right))

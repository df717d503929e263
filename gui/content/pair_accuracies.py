"""The accuracies of two networks on the same images, each with its own interval; for a worker thread."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.metrics import Estimate

if TYPE_CHECKING:
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.sweep_comparison import SweepComparison

Both = tuple[Estimate, Estimate]


def mean_accuracies(pairs: "Sequence[SweepComparison]") -> Both | None:
    """Return both accuracies, the mean over severities and degradations, on the images that all have, if any."""
    from tfstab.experiments.folders_compared import common_images, shares_right
    from tfstab.metrics.kept import share_of

    images = common_images(pairs)
    if not len(images):
        return None
    first, second = shares_right(pairs, images).mean(axis=1)
    return share_of(first), share_of(second)


def clean_accuracies(clean: "CleanComparison") -> Both:
    """Return both accuracies on the clean images that both have."""
    from tfstab.metrics.estimate import accuracy_of

    first, second = clean.correct
    return accuracy_of(first), accuracy_of(second)

"""`SearchComparison`: two searches of the same images, image by image. No TensorFlow is imported."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.experiments.alike_searches import is_near, why_unlike
from tfstab.experiments.comparison_frames import ratios_frame
from tfstab.experiments.comparison_text import search_sentences
from tfstab.experiments.run_comparison import RunComparison
from tfstab.metrics.paired import Ratio, median_ratio
from tfstab.search import SearchRun
from tfstab.search.norm import get_norm

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NotFound:
    """Number of images for which each search found no noise.

    Attributes
    ----------
    first, second : int
        Number of images for each search.
    """

    first: int
    second: int


class SearchComparison(RunComparison[SearchRun]):
    """Comparison of two searches of the same images, by the minimum noise of images right when clean in both.

    Parameters
    ----------
    first, second : SearchRun
        The searches.

    Attributes
    ----------
    images : ndarray of int64, (N,)
        Indices of the images that both have finished.
    on_clean : CleanComparison
        Both on all clean images that both have, finished or not.
    class_names : tuple of str
        Names of the classes.

    Raises
    ------
    InputError
        The searches have different norms, or no image in common, or different ones. Of two networks, also if one
        search uses gradients, or is refined, and the other is not, if unrefined searches have different settings, if
        the scores of a model change in steps, or if gradients that were used do not fit the scores: the noise found
        would then say more of the searches.

    Examples
    --------
    >>> from tfstab.experiments import SearchComparison
    >>> SearchComparison(search, search).ratio().value  # of a search with itself
    1.0
    """

    def __init__(self, first: SearchRun, second: SearchRun) -> None:
        """Find the images that the searches have in common."""
        if first.config.norm != second.config.norm:
            norms = [get_norm(run.config.norm).title for run in (first, second)]
            raise InputError(
                f"{first.path} minimises {norms[0]} and {second.path} {norms[1]}: compare searches of the same norm."
            )
        first, second = first.snapshot(), second.snapshot()
        super().__init__(first, second, np.intersect1d(first.images, second.images))
        if why := why_unlike(first, second):
            raise InputError(f"the noise found in {first.path} and {second.path} cannot be compared: {why}")

    @property
    def decides(self) -> bool:
        """Whether both searches end near the minimum, so that the ratio is of the networks and not of the searches.

        So they do if they are refined or are walks along the boundary (engine "boundary"). Searches without gradients
        end above it by a factor that differs from network to network.
        """
        return is_near(self.first) and is_near(self.second)

    @property
    def tells_networks_apart(self) -> bool:
        """Whether the ratio says which of two networks needs more noise: it decides, and there are images for it."""
        return self.decides and not self.same_network and bool(self.compared.any())

    @cached_property
    def size(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Norm of each image's noise in grey levels: two float64 arrays (N,); infinite if none was found."""
        several = [{r.image: r.size if r.found else np.inf for r in run} for run in (self.first, self.second)]
        a, b = (np.array([size[int(image)] for image in self.images]) for size in several)
        return a, b

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Whether an image is right when clean in both and has noise in both: bool (N,)."""
        return self.right_in_both & np.isfinite(self.size[0]) & np.isfinite(self.size[1])

    @property
    def not_found(self) -> NotFound:
        """Number of images, of those right when clean in both, for which each search found no noise."""
        a, b = (int(np.isinf(size[self.right_in_both]).sum()) for size in self.size)
        return NotFound(a, b)

    def ratio(self, class_index: int | None = None) -> Ratio:
        """Compare the norms that were found by the median, over images, of the second's divided by the first's.

        Parameters
        ----------
        class_index : int, optional
            True class of the images to include; by default all.

        Returns
        -------
        Ratio
            The median norms and the median ratio.
        """
        keep = self.compared if class_index is None else self.compared & (self.labels == class_index)
        return median_ratio(self.size[0][keep], self.size[1][keep])

    def summary(self) -> str:
        """Return the comparison in a few sentences, with 95 % intervals."""
        return "\n".join(search_sentences(self))

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row for each class, and one for all.

        Returns
        -------
        DataFrame
            Indexed by the name of the class. Columns: `images` (count), `first` and `second` (median norms of the
            noise), `ratio` (the median of the images' ratios, second over first), and the ends `low` and `high` of its
            95 % interval.
        """
        present = [int(k) for k in np.unique(self.labels)]
        labels = [*(self.class_names[k] for k in present), "all"]
        return ratios_frame("class", labels, [self.ratio(k) for k in (*present, None)])

"""Scales of a reproduction of the paper: how many images, copies and queries each data set gets."""

from dataclasses import dataclass
from typing import NamedTuple

from tfstab.training import RECIPES

FEWEST = 6  # pairs of images; with fewer, even differences of the same sign in all would not be significant at 5 %
MODELS = {recipe.data: name for name, recipe in RECIPES.items()}  # the paper's network for each data set
ENSEMBLES = ("ensemble", "member")  # kinds that are compared with each other, so they get the same numbers


class Copies(NamedTuple):
    """Noisy copies of each image at each sigma, by the kind of network; 0 for no sweep.

    Attributes
    ----------
    single, ensemble, augmented : int
        For the single network; for the ensemble and the member it is compared with; for the network trained on noisy
        copies and any other.
    """

    single: int
    ensemble: int
    augmented: int

    def of(self, kind: str) -> int:
        """Return the number for a kind of network."""
        if kind in ENSEMBLES:
            return self.ensemble
        return self.single if kind == "single" else self.augmented


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much of the paper's work is done for one data set.

    Attributes
    ----------
    clean : int or None
        Number of test images that are evaluated without noise; None for all.
    swept : int or None
        Number of images in each noise sweep; None for all.
    copies : Copies
        Noisy copies of each image at each sigma, clipped to grey levels 0..255.
    unclipped : Copies
        The same for the sweeps without clipping.
    weakest : int
        Number of images that get 150 copies at sigma 1. Of the images that are right when clean, these have the
        smallest margin.
    searched, queries : int
        Number of images in each search for minimum noise, and maximum queries for each of them.
    compared, tried : int
        Number of images in the searches by the paper's procedure that compare eq. 1 with eq. 2, and maximum queries for
        each of them; 0 for no such searches.
    layered : int
        Number of images whose margins and gain are measured layer by layer; 0 for none. An ensemble gets the fifth of
        them if it has five members, as each image goes through all members.
    explained, explained_by_ensembles : int
        Number of images whose minimum noise is found along the decision boundary and compared with random noise, and
        the number for an ensemble and its member; 0 for none.
    trains : bool
        Whether to train networks that are neither given nor bundled.
    mutation_rate : float
        Share of the pixel values that mutate in the paper's procedure; the paper does not state it. With a smaller
        share, a search ends with less noise, but takes more queries to flip an image of which the network is sure.
    augmented_epochs : int or None
        Epochs of the training on noisy copies; None for those of the recipe.
    """

    clean: int | None
    swept: int | None
    copies: Copies
    unclipped: Copies
    weakest: int
    searched: int
    queries: int
    compared: int
    tried: int
    layered: int
    explained: int
    explained_by_ensembles: int
    trains: bool = True
    mutation_rate: float = 0.02
    augmented_epochs: int | None = None


# Images are the unit of sampling: all test images with 4 copies decide more than a few of them with 150.
SCALES = {
    "small": {
        "mnist": Scale(
            clean=None, swept=2_000, copies=Copies(4, 4, 4), unclipped=Copies(2, 2, 2), weakest=40,
            searched=10, queries=2_000, compared=10, tried=20_000,
            layered=1_000, explained=60, explained_by_ensembles=24, trains=False,
        ),
        "cifar10": Scale(
            clean=None, swept=600, copies=Copies(4, 4, 4), unclipped=Copies(2, 2, 2), weakest=40,
            searched=8, queries=2_000, compared=8, tried=10_000,
            layered=1_000, explained=60, explained_by_ensembles=24, trains=False,
        ),
        # Nothing is compared: each of the eight searches of a sign takes about 15 s of processor time.
        "gtsrb": Scale(
            clean=1_290, swept=215, copies=Copies(2, 2, 2), unclipped=Copies(1, 1, 1), weakest=20,
            searched=6, queries=1_000, compared=0, tried=0,
            layered=86, explained=20, explained_by_ensembles=6, trains=False,
        ),
    },
    "medium": {
        "mnist": Scale(
            clean=None, swept=None, copies=Copies(20, 8, 8), unclipped=Copies(4, 4, 4), weakest=40,
            searched=50, queries=20_000, compared=30, tried=20_000,
            layered=2_000, explained=200, explained_by_ensembles=100, augmented_epochs=3,
        ),
        "cifar10": Scale(
            clean=None, swept=4_000, copies=Copies(8, 4, 4), unclipped=Copies(4, 2, 2), weakest=40,
            searched=50, queries=20_000, compared=30, tried=20_000,
            layered=2_000, explained=200, explained_by_ensembles=100, augmented_epochs=6,
        ),
        "gtsrb": Scale(
            clean=None, swept=2_150, copies=Copies(4, 2, 2), unclipped=Copies(2, 2, 2), weakest=40,
            searched=43, queries=5_000, compared=10, tried=20_000, mutation_rate=0.05,
            layered=430, explained=129, explained_by_ensembles=43, augmented_epochs=3,
        ),
    },
    "full": {
        "mnist": Scale(
            clean=None, swept=None, copies=Copies(150, 20, 20), unclipped=Copies(20, 20, 20), weakest=40,
            searched=100, queries=20_000, compared=60, tried=20_000,
            layered=5_000, explained=300, explained_by_ensembles=300,
        ),
        "cifar10": Scale(
            clean=None, swept=None, copies=Copies(150, 20, 20), unclipped=Copies(4, 4, 4), weakest=40,
            searched=100, queries=20_000, compared=60, tried=20_000,
            layered=5_000, explained=300, explained_by_ensembles=300,
        ),
        "gtsrb": Scale(
            clean=None, swept=None, copies=Copies(4, 4, 4), unclipped=Copies(4, 4, 4), weakest=40,
            searched=43, queries=5_000, compared=20, tried=20_000, mutation_rate=0.05,
            layered=860, explained=300, explained_by_ensembles=300,
        ),
    },
}  # fmt: skip

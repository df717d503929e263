"""Scales of a reproduction of the paper: how many images, copies and queries each data set gets."""

from dataclasses import dataclass

from tfstab.training import RECIPES

FEWEST = 6  # pairs of images; with fewer, even differences of the same sign in all would not be significant at 5 %
MODELS = {recipe.data: name for name, recipe in RECIPES.items()}  # the paper's network for each data set


@dataclass(frozen=True)
class Scale:
    """How much of the paper's work is done for one data set.

    Attributes
    ----------
    clean : int or None
        Number of test images that are evaluated without noise; None for all.
    swept : int or None
        Number of images in each noise sweep; None for all.
    copies : int
        Noisy copies of each image at each sigma.
    searched, queries : int
        Number of images in each search for minimum noise, and maximum queries for each of them.
    compared, tried : int
        Number of images in the searches by the paper's procedure that compare eq. 1 with eq. 2, and maximum queries for
        each of them; 0 for no such searches.
    layered, explained : int
        Number of images whose margins and gain are measured, and of those whose minimum noise is found along the
        decision boundary and compared with random noise; 0 for none. Ensembles get fewer, as each image goes through
        all members.
    trains : bool
        Whether to train networks that are neither given nor bundled.
    augmented_epochs : int or None
        Epochs of the training on noisy copies; None for those of the recipe.
    """

    clean: int | None
    swept: int | None
    copies: int
    searched: int
    queries: int
    compared: int
    tried: int
    layered: int
    explained: int
    trains: bool = True
    augmented_epochs: int | None = None


SCALES = {
    "small": {
        "mnist": Scale(None, 1_000, 8, 20, 5_000, 10, 20_000, 1_000, 60, trains=False),
        "cifar10": Scale(None, 300, 8, 24, 4_000, 8, 10_000, 1_000, 60, trains=False),
        # Nothing is compared: the paper's procedure takes minutes for 20,000 queries and finds no noise in them.
        "gtsrb": Scale(430, 172, 4, 8, 2_000, 0, 0, 129, 29, trains=False),
    },
    "medium": {
        "mnist": Scale(None, 2_000, 150, 200, 20_000, 50, 50_000, 2_000, 200, augmented_epochs=3),
        "cifar10": Scale(None, 1_000, 150, 200, 20_000, 50, 50_000, 2_000, 200, augmented_epochs=6),
        "gtsrb": Scale(None, 430, 50, 86, 20_000, 43, 50_000, 430, 86, augmented_epochs=3),
    },
    "full": {data: Scale(None, None, 150, 1_000, 20_000, 200, 50_000, 5_000, 1_000) for data in MODELS},
}

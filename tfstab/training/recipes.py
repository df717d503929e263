"""Recipes: how each of the paper's networks is trained.

The paper does not state the optimiser, schedule or number of epochs; those here are our own choice.
"""

import json
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tfstab.checks import number_from, share_between, whole_number
from tfstab.datasets.registry import FOLDER
from tfstab.training.noise import TrainingNoise

OWN_VALIDATION = 0.1  # least share of a user's own images held out for validation, as there may be few
LONGEST_WORD = 40  # characters of the data set's name in a file name, at most


@dataclass(frozen=True)
class Augmentation:
    """Random changes of each training image.

    They are drawn anew in every epoch, each uniformly between minus and plus the given value.

    Parameters
    ----------
    shift : float
        Shift in pixels; whole pixels unless images are also zoomed or rotated.
    zoom : float
        Change of size, as a share of it.
    rotation : float
        Rotation in degrees.
    contrast : float
        Change of contrast, as a share of it.
    brightness : float
        Change of brightness in grey levels.
    flip : bool
        Whether to flip left and right with probability 1/2.
    fill : str
        How to fill pixels that come from outside the image: "nearest" repeats its border, "constant" is black.

    Examples
    --------
    >>> from tfstab.training import Augmentation
    >>> Augmentation(shift=3, flip=True).rotation
    0.0
    """

    shift: float = 0.0
    zoom: float = 0.0
    rotation: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    flip: bool = False
    fill: str = "nearest"


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: by AdamW, with a learning rate that falls to 0 along a cosine.

    Parameters
    ----------
    model : str
        Name of the network, for `build_model`.
    data : str
        Name of the data set, or of the `Dataset` that is given to `train`.
    epochs : int
        Maximum number of epochs.
    batch_size : int
        Images in a batch, 2 or more.
    learning_rate : float
        Learning rate at the start.
    weight_decay : float
        Decoupled weight decay.
    augmentation : Augmentation
        Random changes of the training images.
    validation : float
        Share of the training set, between 0 and 1, that is held out to choose the best epoch and to stop early.
    patience : int
        Number of epochs without an improvement on the held-out images after which training stops.
    exclude : str, optional
        Name of a data set whose images are removed from the training set.
    noise : TrainingNoise, optional
        Noise that is added to the augmented images.
    mixed_precision : bool
        Whether to compute in bfloat16, which is faster on processors that support it. Scores and updates of weights are
        still computed in float32. The trained network computes in float32, with weights rounded as they were during
        training.

    Raises
    ------
    InputError
        A value is out of range.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES, TrainingNoise
    >>> replace(RECIPES["mnist-lenet"], epochs=5, noise=TrainingNoise.fixed(15)).name
    'mnist-lenet-augmented'
    """

    model: str
    data: str
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    augmentation: Augmentation = field(default_factory=Augmentation)
    validation: float = 0.1
    patience: int = 20
    exclude: str | None = None
    noise: TrainingNoise | None = None
    mixed_precision: bool = False

    def __post_init__(self) -> None:
        """Check the values."""
        for name, least in (("epochs", 1), ("batch_size", 2), ("patience", 0)):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least))
        for name in ("learning_rate", "weight_decay"):
            object.__setattr__(self, name, number_from(name, getattr(self, name), 0))
        object.__setattr__(self, "validation", share_between("validation", self.validation))

    @property
    def name(self) -> str:
        """Name of the trained network: the model, the data if they are not the recipe's, and the kind of noise."""
        own = self.model not in RECIPES or self.data == RECIPES[self.model].data
        named = self.model if own else "-".join(filter(None, (self.model, _word(self.data))))
        if self.noise is None:
            return named
        return f"{named}-{'fresh-noise' if self.noise.copies is None else 'augmented'}"

    def on(self, data: str) -> "Recipe":
        """Return the recipe for a user's own images; at least a tenth of them is held out for validation.

        Parameters
        ----------
        data : str
            The name of the images' `Dataset`.

        Returns
        -------
        Recipe
            The recipe.

        Examples
        --------
        >>> from tfstab.training import RECIPES
        >>> RECIPES["cifar10-quick"].on("folder:photos").name
        'cifar10-quick-photos'
        """
        return replace(self, data=data, exclude=None, validation=max(self.validation, OWN_VALIDATION))

    @property
    def settings(self) -> dict[str, Any]:
        """The recipe as it is recorded in training.json and the model card."""
        settings: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for name in (
            "noise",
            "mixed_precision",
        ):  # older trainings, which can still be resumed, do not have these settings
            if not settings[name]:
                del settings[name]
        return settings


def _word(data: str) -> str:
    """Return a data set's name for use in a file name: its last folder or file, without unsuitable characters."""
    stem = Path(data.removeprefix(FOLDER).rstrip("/\\")).stem
    return re.sub(r"[^\w.-]+", "-", stem)[:LONGEST_WORD].strip("-.")


RECIPES = {
    # mnist-5k is the default test data, so the bundled network must not be trained on it.
    "mnist-lenet": Recipe(
        "mnist-lenet", "mnist", epochs=20, batch_size=128, learning_rate=2e-3, weight_decay=1e-2, exclude="mnist-5k",
        augmentation=Augmentation(shift=2, zoom=0.1, rotation=10, fill="constant"),
    ),
    "cifar10-quick": Recipe(
        "cifar10-quick", "cifar10", epochs=60, batch_size=128, learning_rate=2e-3, weight_decay=3e-2, validation=0.04,
        augmentation=Augmentation(shift=3, flip=True), patience=30,
    ),
    # The paper augments "following the same procedure in (Aghdam et al., 2015)" and does not describe it. Traffic signs
    # must not be flipped; photographs of them differ in position, size, angle and light.
    "gtsrb-aghdam": Recipe(
        "gtsrb-aghdam", "gtsrb", epochs=30, batch_size=64, learning_rate=1e-3, weight_decay=1e-2,
        augmentation=Augmentation(shift=4, zoom=0.15, rotation=10, contrast=0.4, brightness=30),
    ),
}  # fmt: skip

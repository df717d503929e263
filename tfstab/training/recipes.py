"""How each of the paper's networks is trained. The paper gives no optimiser, schedule or epochs; these are ours."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from tfstab.errors import InputError
from tfstab.training.noise import TrainingNoise


@dataclass(frozen=True)
class Augmentation:
    """Random changes of each training image, drawn anew every epoch, uniformly within +- the value given.

    shift: pixels, whole ones where nothing else turns or zooms. zoom, contrast: share of the size, of the contrast.
    rotation: degrees. brightness: grey levels. flip: left-right with probability 1/2. fill: what comes in from
    outside ("constant" is black).

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
    """One training. AdamW (decoupled weight decay) with a cosine schedule from `learning_rate` to 0.

    validation: share of the training set held out to choose the checkpoint and to stop early: after `patience`
    epochs in which the validation accuracy did not improve. exclude: a data set whose images are taken out of
    the training set first. noise: what is added last, to the augmented image. mixed_precision: compute in bfloat16,
    but for scores and updates of weights, which is faster where the processor has it; the trained network computes in
    float32, with its weights rounded as they were in training. Raises InputError for values out of range.

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
        if self.epochs < 1:
            raise InputError(f"epochs is {self.epochs}; expected 1 or more.")
        if self.batch_size < 2:
            raise InputError(f"batch_size is {self.batch_size}; expected 2 or more.")
        if not 0 < self.validation < 1:
            raise InputError(f"validation is {self.validation}; expected a share between 0 and 1.")

    @property
    def name(self) -> str:
        """What the trained network is called: the model's name, and how it was trained with noise."""
        if self.noise is None:
            return self.model
        return f"{self.model}-{'fresh-noise' if self.noise.copies is None else 'augmented'}"

    @property
    def settings(self) -> dict[str, Any]:
        """What a training and its card record of the recipe, as JSON gives it back."""
        settings: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for name in ("noise", "mixed_precision"):  # unknown to trainings that were begun before them
            if not settings[name]:
                del settings[name]
        return settings


RECIPES = {
    # mnist-5k is the default test data, so the bundled network must not have seen it.
    "mnist-lenet": Recipe(
        "mnist-lenet", "mnist", epochs=20, batch_size=128, learning_rate=2e-3, weight_decay=1e-2, exclude="mnist-5k",
        augmentation=Augmentation(shift=2, zoom=0.1, rotation=10, fill="constant"),
    ),
    "cifar10-quick": Recipe(
        "cifar10-quick", "cifar10", epochs=60, batch_size=128, learning_rate=2e-3, weight_decay=3e-2, validation=0.04,
        augmentation=Augmentation(shift=3, flip=True), patience=30,
    ),
    # The paper augments "following the same procedure in (Aghdam et al., 2015)" without saying it; traffic signs
    # must not be flipped, and their photographs differ in position, size, angle and light.
    "gtsrb-aghdam": Recipe(
        "gtsrb-aghdam", "gtsrb", epochs=30, batch_size=64, learning_rate=1e-3, weight_decay=1e-2,
        augmentation=Augmentation(shift=4, zoom=0.15, rotation=10, contrast=0.4, brightness=30),
    ),
}  # fmt: skip

"""`HardenConfig`: the settings of a hardening."""

import math
from dataclasses import dataclass, fields
from typing import Any

from tfstab.checks import checked_seed, share_between, whole_number
from tfstab.classifier import Classifier
from tfstab.degradations.ranges import Families, SeverityRange, severity_ranges
from tfstab.errors import InputError, unknown_name
from tfstab.training.remedies import NAMES
from tfstab.training.step_plan import FEWEST_STEPS
from tfstab.wording import as_given

BATCH, SMALL_BATCH = 128, 32  # images in a batch by default, and if they are large
FEWEST_WATCHED = 200  # validation images, if there is time for so many
LARGE_IMAGE = 64 * 64 * 3  # values of an image above which batches are small


@dataclass(frozen=True)
class HardenConfig:
    """How a network is hardened.

    Parameters
    ----------
    remedy : str
        How to train: a name in `tfstab.training.remedies.REMEDIES`; or "without_training", for the best of the remedies
        that need no training.
    against : sequence of str or mapping of str to (float, float), optional
        Families of degradations to harden against, as `tfstab.degradations.augment` takes them: names, or names with
        the weakest and the strongest severity; by default all built-in ones, for which "all" stands. The mixtures train
        on them. For every remedy they degrade the validation images, on which the share of the fine-tuned weights is
        chosen.
    clean_share : float
        Share of the training images that stay clean, 0 to 1, for remedies that train on the mixture; with 1, they train
        on clean images only.
    keep_clean : float
        How many percentage points of clean accuracy may be lost, measured on the validation images.
    epochs : float, optional
        Passes over the training images, each of which counts once, however many views of it the remedy makes; by
        default as many as the minutes given allow.
    steps : int, optional
        Training steps, fewer if the minutes do not allow so many; by default as many as they allow. With the same
        number, two trainings are equally long.
    learning_rate, weight_decay : float
        Largest learning rate of AdamW, and its decoupled weight decay.
    batch_size : int, optional
        Images in a batch; by default 128, or 32 if an image has more values than 64 x 64 pixels in
        colour.
    validation : float
        Share of the training images, between 0 and 1, that is held out if no validation images are given.
    seed : int
        Seed of the order of images and of all degradations.
    mixed_precision : bool
        Whether to compute in bfloat16 during training, which is faster on processors that support it.

    Raises
    ------
    InputError
        A value is out of range.

    Examples
    --------
    >>> from tfstab.training import HardenConfig
    >>> HardenConfig(against={"fog": (10, 80)}, epochs=5).remedy
    'mixture'
    """

    remedy: str = "mixture"
    against: Families | None = None
    clean_share: float = 0.25
    keep_clean: float = 1.0
    epochs: float | None = None
    steps: int | None = None
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    batch_size: int | None = None
    validation: float = 0.1
    seed: int = 0
    mixed_precision: bool = False

    def __post_init__(self) -> None:
        """Check the values."""
        if not isinstance(self.remedy, str) or self.remedy not in NAMES:
            raise unknown_name("remedy", str(self.remedy), NAMES)
        _ = self.families  # unknown families and severities out of range are errors
        for name, low, high in (
            ("clean_share", 0, 1),
            ("keep_clean", 0, 100),
            ("learning_rate", 1e-9, 10),
            ("weight_decay", 0, 10),
            ("epochs", 1e-6, 1e6),
        ):
            value = getattr(self, name)
            if value is None and name == "epochs":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"{name} is {as_given(value)}; expected a number from {low:g} to {high:g}.")
        if self.epochs is not None and self.steps is not None:
            raise InputError("epochs and steps were both given; expected one of them, as each says how long to train.")
        if self.steps is not None:
            object.__setattr__(self, "steps", whole_number("steps", self.steps, FEWEST_STEPS))
        object.__setattr__(self, "validation", share_between("validation", self.validation))
        if self.batch_size is not None:
            object.__setattr__(self, "batch_size", whole_number("batch_size", self.batch_size, 2))
        object.__setattr__(self, "seed", checked_seed(self.seed, bits=31))

    @property
    def families(self) -> tuple[SeverityRange, ...]:
        """The families that the mixture draws from, with the ranges of their severities."""
        return severity_ranges(self.against)

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that must be repeated to resume a training."""
        settings: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        settings["against"] = {part.family.name: [part.weakest, part.strongest] for part in self.families}
        return settings

    def batch_size_for(self, classifier: Classifier, images: int) -> int:
        """Return the batch size for this network and number of training images."""
        fixed = classifier.model.input_shape[0]
        large = math.prod(classifier.input_shape) > LARGE_IMAGE
        return fixed or min(self.batch_size or (SMALL_BATCH if large else BATCH), max(2, images))

"""What is known to help against each cause, and the measurement behind that claim.

Figures of the bundled networks are those of the guide (its section Measurements); others are of the publication that is
named.
"""

from typing import TYPE_CHECKING, Any

from tfstab.degradations import BUILT_IN
from tfstab.wording import capital

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfstab.explanation.cause import Cause

Hardening = tuple[dict[str, Any], str]

WRONG_LABELS = "look through the training images of {} for wrong labels"
LONGER = "if the labels are right, longer training or more images of the class may help"
LONGER_COPY = "`tfstab harden --clean-share 1` trains a copy for longer on clean images and measures whether this helps"
OFTEN_WRONG_CLASS = f"To improve the model, {WRONG_LABELS.format('this class')}; {LONGER}."

HELPS = {
    "gain": "Training on noisy copies lowers the gain for noise: in CIFAR-10's network, it falls from 1.5 to 0.6 at "
    "the last hidden layer, and the accuracy at sigma 40 rises from 33 % to 68 %, at the cost of 3 points of clean "
    "accuracy (measured with cifar10-quick and cifar10-quick-augmented). `tfstab harden` trains your network on "
    "degraded images and limits that cost.",
    "margin": f"If the network was trained only briefly, longer training may widen the margin; {LONGER_COPY}. "
    "Otherwise give these classes more, and more varied, training images, or train with a loss that rewards a margin "
    "in hidden layers (Elsayed et al. 2018). Averaging five networks helps a little: it raises the clean accuracy of "
    "CIFAR-10's network from 80.0 % to 82.9 % (measured with cifar10-quick-ensemble). Noise training does not widen "
    "the margin in feature space (measured on the bundled networks).",
    "clean": f"First {WRONG_LABELS.format('each class named')}: in ten widely used test sets, at least 3 % of the "
    f"labels are wrong (Northcutt et al. 2021). {capital(LONGER)}; {LONGER_COPY}.",
    "high": "Training on noise lowers the sensitivity at high frequencies (Yin et al. 2019; measured on the bundled "
    "networks: stripes of high frequency do less than half the harm); `tfstab harden --against gaussian_noise` trains "
    "on it. Blurring before each subsampling makes networks for ImageNet more stable against noise (Zhang 2019).",
    "low": "Training on noise is no remedy for low frequencies: it made CIFAR-10's networks weaker against changed "
    "contrast (measured; Yin et al. 2019 report the same for fog and contrast). Training with changed contrast, "
    "brightness and colours, as AutoAugment does, helps (Yin et al. 2019); `tfstab harden --against "
    "contrast,brightness,fog` trains on similar changes.",
    "direction": "Random noise never finds this direction, so training on random noise does little against it. "
    "Adversarial training helps (Madry et al. 2018), and so does averaging the scores over noisy copies "
    "(tfstab.models.make_smoothed; Cohen et al. 2019).",
}

MORE_STABLE = "a more stable model"
OF_MIXTURE = f"{MORE_STABLE}, trained on all {len(BUILT_IN)} built-in degradations"

ON_CLEAN: Hardening = ({"clean_share": 1.0}, "a copy trained for longer on clean images")

# The commands that `HELPS` recommends: options of `tfstab harden` by name of parameter, and what the command makes.
# Training on a few degradations is followed by training on all of them, which may help more.
HARDENINGS: dict[str, list[Hardening]] = {
    "gain": [({}, OF_MIXTURE)],
    "clean": [ON_CLEAN],
    "margin": [ON_CLEAN, ({}, OF_MIXTURE)],
    "high": [({"against": "gaussian_noise"}, f"{MORE_STABLE}, trained on Gaussian noise"), ({}, OF_MIXTURE)],
    "low": [
        ({"against": "contrast,brightness,fog"}, f"{MORE_STABLE}, trained on changed contrast, brightness and fog"),
        ({}, OF_MIXTURE),
    ],
}


def hardenings(causes: "Sequence[Cause]") -> list[Hardening]:
    """Return which hardenings these causes call for, in their order; the ordinary one if they call for none."""
    found: list[Hardening] = []
    for cause in causes:
        found += [one for one in HARDENINGS.get(cause.kind, []) if one[0] not in [options for options, _ in found]]
    return found or HARDENINGS["gain"]


def helps(causes: "Sequence[Cause]") -> list[str]:
    """Return what helps against each of these causes; "" for all of a kind but the last, as the same helps."""
    later = [{cause.kind for cause in causes[k + 1 :]} for k in range(len(causes))]
    return ["" if cause.kind in after else HELPS[cause.kind] for cause, after in zip(causes, later, strict=True)]


def with_remedies(causes: "Sequence[Cause]") -> list[str]:
    """Return each cause in sentences: what it is, its evidence and, once for causes of a kind, what helps."""
    return [f"{cause}{f' What helps: {told}' * bool(told)}" for cause, told in zip(causes, helps(causes), strict=True)]

"""What to do after a hardening: sentences with commands, and Python calls."""

from typing import TYPE_CHECKING

from tfstab.classifier.threshold import DEFAULT
from tfstab.degradations import BUILT_IN
from tfstab.report.hardening_limits import control_advice, has_own_validation, used_for_validation, validation_of
from tfstab.training.hardening_card import OWN_TRAINING
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.report.hardening import Hardening

TRAINS = (
    "To train the model on degraded images, leave out `--remedy without_training`; if you use `--out`, name another "
    "folder (in Python without remedy=, and with another folder as out=)."
)


def next_steps(hardening: "Hardening") -> list[str]:
    """Return what to do next, as `print` shows it: sentences, and Python calls with what they are for after a "#".

    In the calls, `hardening` stands for the object, and names of parameters for what `harden` was given.
    """
    if hardening.comparison is None or not hardening.trainings:
        return [*advice(hardening), *calls(hardening)]
    return [*_threshold(hardening), *hardening.trainings, *_on_other_images(hardening), *calls(hardening)]


def advice(hardening: "Hardening") -> list[str]:
    """Return what else to do next, in sentences with commands and options in backticks, as reports show it."""
    if hardening.comparison is None:
        return _after_no_change(hardening)
    if hardening.model is None:
        return [OWN_TRAINING]
    longer = [
        "To train for longer, give more `--minutes` and another folder with `--out` (in Python minutes= and out=)."
    ]
    longer = [_training(hardening)] if "cannot_train" in hardening.card else [*longer, *_control(hardening)]
    return [*_threshold(hardening), *longer, *_on_other_images(hardening)]


def calls(hardening: "Hardening") -> list[str]:
    """Return Python calls to make next, in which `hardening` stands for the object; [] for none."""
    if hardening.comparison is None or hardening.model is None or hardening.test_images is None:
        return []
    if has_own_validation(hardening.card):
        return []
    why = "on test images not used to choose its weights; to compare it with another, assess that one on these, too"
    return [f"assessment = tfstab.assess(hardening.classifier, hardening.test_images)  # {why}"]


def _threshold(hardening: "Hardening") -> list[str]:
    """Return that a decision threshold of one's own was chosen for other scores, in a sentence; [] for the default."""
    threshold = hardening.classifier.threshold
    if threshold == DEFAULT:
        return []
    return [
        f"Choose a new decision threshold for the hardened model, on validation images: {threshold:g} was chosen "
        "for the scores of the original model (`tfstab guide rare-classes`)."
    ]


def _on_other_images(hardening: "Hardening") -> list[str]:
    """Return on which images to assess the hardened model, and why, in sentences; [] if all test images may serve."""
    if has_own_validation(hardening.card):
        return []
    used, aside = used_for_validation(hardening.card), validation_of(hardening.card).get("images")
    those = "some of the test images" if used is None else f"{used:,} test images that were set aside for validation"
    if used is not None and isinstance(aside, int) and used < aside:  # for more, there was no time
        those = f"{used:,} of the {aside:,} test images that were set aside for validation"
    chosen, it = "The weights of the hardened model were", "it"
    if "cannot_train" in hardening.card:
        chosen, it = "The remedy was", "the hardened model"
    images = "other images"
    if hardening.available:
        rest = counted(hardening.available, "test image")
        images = f"new images, or the other {rest}; the models are compared only on these"
    return [f"{chosen} chosen on {those}, so {it} may look better on these than it is. To assess it, use {images}."]


def _control(hardening: "Hardening") -> list[str]:
    """Return how to measure what longer training alone gains; [] without a gain, or if `control` shows it."""
    if not hardening.caveat or hardening.control:
        return []
    return [control_advice(hardening.card)]


def _after_no_change(hardening: "Hardening") -> list[str]:
    """Return what may help if nothing was adopted."""
    if "cannot_train" in hardening.card:
        every = set(BUILT_IN) <= set(hardening.card.get("settings", {}).get("against", ()))
        fewer = "With fewer degradations (`--against`, in Python against=), one of these remedies may help."
        return [*_more_images(hardening), _training(hardening), *([fewer] if every else [])]
    if hardening.retrain_minutes is None:
        longer = "To train for longer, harden again in another folder (`--out`, in Python out=) with more time."
    else:
        longer = (
            f"To train for longer, run the same command again with {_minutes(hardening.retrain_minutes)} or more: it "
            "then trains again from the original weights."
        )
    images = "validation" if has_own_validation(hardening.card) else "test"
    return [
        longer,
        "More training images or fewer degradations (`--against`, in Python against=) may help, too; more "
        f"{images} images make the choice more precise. Each of "
        "these, or another `--keep-clean` (in Python keep_clean=), starts a new hardening; if you use `--out`, "
        "name another folder (in Python out=).",
    ]


def _training(hardening: "Hardening") -> str:
    """Return how a model that was hardened without training can be trained."""
    return TRAINS if hardening.card["cannot_train"] is None else OWN_TRAINING


def _more_images(hardening: "Hardening") -> list[str]:
    """Return how to measure remedies without training on more validation images; [] if all were used."""
    if hardening.retrain_minutes is None:
        return []
    return [
        "There was no time for all validation images: run the same command again with "
        f"{_minutes(hardening.retrain_minutes)} or more. It keeps what it has measured, and measures the remedies on "
        "more of these images."
    ]


def _minutes(minutes: float) -> str:
    """Return the option that gives so many minutes, for the command line and for Python."""
    return f"`--minutes {round(minutes, 2):g}` (in Python minutes={round(minutes, 2):g})"

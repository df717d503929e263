"""The entries of the league: each is the network that a remedy makes from the original one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier
from tfstab.datasets import Dataset
from tfstab.degradations import BUILT_IN
from tfstab.experiments.networks import OnStep
from tfstab.models import bundled_names, load_classifier, make_ensemble
from tfstab.models.smoothed import make_smoothed
from tfstab.training import RECIPES
from tfstab.training.hardening import run_hardening
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.remedies import REMEDIES

# By default, any clean accuracy may be lost, so that the league shows what a remedy costs.
ANY_LOSS, ONE_POINT = 100.0, 1.0
SMOOTHED_SIGMA, SMOOTHED_COPIES = 10.0, 8  # grey levels
MEMBERS = 3  # of the ensemble of hardened networks, each with its part of the passes
HALF = tuple(BUILT_IN)[::2]  # families to harden against; the others show what carries over


@dataclass(frozen=True)
class Workshop:
    """What all entries are made from.

    Attributes
    ----------
    original : Classifier
        The network, which was not trained on `validation`.
    fitting, validation : Dataset
        Training images, and images on which the share of the fine-tuned weights is chosen.
    passes : float
        How often each training image passes through a network during its fine-tuning, all views counted.
    folder : Path
        Folder of the entries' networks.
    step : callable
        Called as step(what, done, total).
    """

    original: Classifier
    fitting: Dataset
    validation: Dataset
    passes: float
    folder: Path
    step: OnStep

    def trained(self, name: str, remedy: str, share: float = 1.0, **settings: Any) -> Classifier:
        """Return the original network fine-tuned by a remedy with a share of the passes."""
        epochs = share * self.passes / REMEDIES[remedy].passes
        given: dict[str, Any] = {"keep_clean": ANY_LOSS, "mixed_precision": True, "clean_share": 0.25} | settings
        hardened = run_hardening(
            self.original,
            self.fitting,
            HardenConfig(remedy, epochs=epochs, **given),
            self.folder / name / "training",
            validation=self.validation,
            name=f"{self.original.name}-{name}".replace("_", "-"),
            on_progress=lambda progress: self.step(f"training, {name}", progress.step, progress.steps),
        )
        return hardened.classifier


@dataclass(frozen=True)
class Entry:
    """One row of the league.

    Attributes
    ----------
    name : str
        Name of its folder.
    title : str
        Its title in the table.
    make : callable
        Called with the Workshop. Returns the network, or None if there is none for this data set.
    passes : float or None
        How often each training image passes through the network, as a share of the league's passes; None for a bundled
        network, whose card says how it was trained.
    inference : int
        Computation for an image, in multiples of the original network's.
    """

    name: str
    title: str
    make: Callable[[Workshop], Classifier | None] = field(repr=False)
    passes: float | None = 1.0
    inference: int = 1


def _remedy(name: str) -> Entry:
    """Return the entry of a remedy by training."""
    return Entry(name, REMEDIES[name].title, lambda workshop: workshop.trained(name, name))


def _bundled(kind: str, title: str, inference: int = 1) -> Entry:
    """Return the entry of a bundled variant of the network."""

    def make(workshop: Workshop) -> Classifier | None:
        name = f"{workshop.original.name}-{kind}"
        return load_classifier(name) if name in bundled_names() else None

    return Entry(f"bundled_{kind.replace('-', '_')}", title, make, None, inference)


def _members(workshop: Workshop) -> Classifier:
    """Return an ensemble of networks fine-tuned on the mixture, each with its own random numbers."""
    members = [workshop.trained(f"member_{seed}", "mixture", 1 / MEMBERS, seed=seed) for seed in range(MEMBERS)]
    return make_ensemble(members, name=f"{workshop.original.name}-mixture-ensemble")


def _smoothed(workshop: Workshop) -> Classifier:
    """Return the original network smoothed over noisy copies of each image."""
    name = f"{workshop.original.name}-smoothed"
    return make_smoothed(workshop.original, SMOOTHED_SIGMA, SMOOTHED_COPIES, name=name)


ORIGINAL = Entry("original", "original", lambda workshop: workshop.original, 0.0)
ENTRIES = (
    ORIGINAL,
    Entry(
        "clean",
        "further training on clean images",
        lambda workshop: workshop.trained("clean", "mixture", clean_share=1.0),
    ),
    *(_remedy(name) for name in REMEDIES),
    Entry(
        "mixture_half",
        "mixture of every other family",
        lambda workshop: workshop.trained("mixture_half", "mixture", against=HALF),
    ),
    Entry(
        "mixture_averaged",
        "mixture, weights averaged with the original's",
        lambda workshop: workshop.trained("mixture_averaged", "mixture", keep_clean=ONE_POINT),
    ),
    Entry("mixture_ensemble", f"ensemble of {MEMBERS}, mixture", _members, 1.0, MEMBERS),
    Entry("smoothed", f"smoothed at sigma {SMOOTHED_SIGMA:g}", _smoothed, 0.0, SMOOTHED_COPIES),
    _bundled("ensemble", "ensemble of 5", 5),
    _bundled("augmented", "15 noisy copies, the same in every epoch"),
)


def workshop_of(data: str, passes: float, folder: Path, step: OnStep, data_dir: Path | None) -> Workshop:
    """Return the bundled network of a data set, with training and validation images divided as for its training."""
    from tfstab.training import training_set

    recipe = next(recipe for recipe in RECIPES.values() if recipe.data == data)
    fitting, validation = training_set(recipe, data_dir).split_off(recipe.validation)
    return Workshop(load_classifier(recipe.model), fitting, validation, passes, folder, step)

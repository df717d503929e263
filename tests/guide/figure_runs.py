"""The runs that the guide's pictures show, of the bundled network for CIFAR-10; made once, resumed if interrupted."""

from functools import cache
from pathlib import Path

import tfstab
from tfstab.explanation import ExplanationConfig, ExplanationRun
from tfstab.explanation.running import run_explanation
from tfstab.search import SearchRun, run_search
from tfstab.sweep import SweepRun

NETWORK, DATA = "cifar10-quick", "cifar10"
EXPLAINED = 200
# Searches of one image: settings, and the name that the picture gives them.
SEARCHES = {
    "default": tfstab.SearchConfig(max_queries=20_000),
    "boundary": tfstab.SearchConfig(engine="boundary", max_queries=2_000),
    "labels": tfstab.SearchConfig(engine="labels", max_queries=5_000),
    "paper": tfstab.SearchConfig(preset="paper", max_queries=20_000),
    "random": tfstab.SearchConfig(engine="random", max_queries=20_000),
}


@cache
def classifier(name: str = NETWORK):
    """Return a bundled network."""
    return tfstab.load_classifier(name)


@cache
def photographs():
    """Return the test images."""
    return tfstab.load_dataset(DATA)


def sweep(folder: Path, name: str, images: int, config: tfstab.SweepConfig) -> SweepRun:
    """Sweep so many images, or open the sweep that is there."""
    return tfstab.run_sweep(classifier(), photographs().take(images), config, folder / name)


def noise(folder: Path) -> SweepRun:
    """The paper's sigmas, 1,000 images, 4 copies."""
    return sweep(folder, "noise", 1000, tfstab.SweepConfig(copies=4))


def sigma20(folder: Path) -> SweepRun:
    """One sigma, 4,000 images, 10 copies."""
    return sweep(folder, "sigma20", 4000, tfstab.SweepConfig(sigmas=(20,), copies=10))


def votes(folder: Path) -> SweepRun:
    """The paper's sigmas and copies, 20 images."""
    return sweep(folder, "votes", 20, tfstab.SweepConfig(preset="paper"))


def family(folder: Path, name: str) -> SweepRun:
    """Another family, 1,000 images."""
    return sweep(folder, name, 1000, tfstab.SweepConfig(degradation=name))


def minimum_noise(folder: Path) -> SearchRun:
    """The minimum noise of 200 images along the decision boundary, as `assess` searches it."""
    config = tfstab.SearchConfig(engine="boundary")
    return run_search(classifier(), photographs().take(200), config, folder / "minimum-noise")


def course(folder: Path, engine: str, image: int) -> SearchRun:
    """One image, searched by one engine."""
    own = photographs().between(image, image + 1)
    return run_search(classifier(), own, SEARCHES[engine], folder / f"search-{engine}-{image}")


def layers(folder: Path, name: str) -> ExplanationRun:
    """Gain and margin of each layer, 200 images."""
    config = ExplanationConfig(only=("layers",))
    return run_explanation(classifier(name), photographs().take(EXPLAINED), config, folder / f"layers-{name}")

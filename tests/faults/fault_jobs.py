"""The work that is disturbed: a sweep, a search, a training and a report, as small as they can be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, open_run, run_search, run_sweep

rng = np.random.default_rng(5)
WEIGHTS = rng.normal(size=(16, 2)) / 255
PICTURES = rng.integers(0, 256, (20, 4, 4, 1), np.uint8)
DIGITS = Dataset.from_arrays("tiny", "test", PICTURES[:2], np.array([0, 1]))


def _logits(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) @ WEIGHTS


def classifier() -> Classifier:
    """One without TensorFlow, whose import takes longer than all of the work."""
    return Classifier.from_function(_logits, (4, 4, 1), 2, fingerprint="v1", outputs="logits", name="tiny")


def sweep(folder: Path) -> None:
    run_sweep(classifier(), DIGITS, SweepConfig(sigmas=(5, 40), copies=3), folder / "run")


def scoring(folder: Path) -> None:
    """A sweep that keeps the scores of every two clean images."""
    from tfstab.runs import scoring as steps

    steps.STEP = steps.KEEP = 0
    few = Classifier.from_function(_logits, (4, 4, 1), 2, fingerprint="v1", outputs="logits", name="tiny", batch_size=2)
    pictures = Dataset.from_arrays("tiny", "test", PICTURES[:6], np.arange(6) % 2)
    run_sweep(few, pictures, SweepConfig(sigmas=(5,), copies=1), folder / "run", as_is=True)


def growing_sweep(folder: Path) -> None:
    """A sweep that is given copies and then an image; the calls before do nothing where it has more already."""
    for copies, images in ((1, 2), (3, 2), (3, 3)):
        pictures = Dataset.from_arrays("tiny", "test", PICTURES[:images], np.arange(images) % 2)
        run_sweep(classifier(), pictures, SweepConfig(sigmas=(5, 40), copies=copies), folder / "run")


def search(folder: Path) -> None:
    run_search(classifier(), DIGITS, SearchConfig(max_queries=100), folder / "run")


def training(folder: Path) -> None:
    from tfstab.classifier import backend
    from tfstab.models import convnets
    from tfstab.training import RECIPES, train

    def tiny(new: Any, classes: int) -> Any:
        layers = [new.layers.Input((4, 4, 1)), new.layers.Flatten(), new.dropout(0.1), new.dense(classes, "softmax")]
        return backend.keras().Sequential(layers)

    convnets._BUILDERS["tiny"], convnets._SHAPES["tiny"] = tiny, (4, 4, 1)
    backend.tensorflow().config.run_functions_eagerly(True)  # to compile takes longer than to train
    many = Dataset.from_arrays("tiny", "train", PICTURES, np.arange(20) % 2)
    recipe = replace(RECIPES["cifar10-quick"], model="tiny", epochs=2, batch_size=9, validation=0.2)
    train(recipe, many, out=folder / "run")


def careless(folder: Path) -> None:
    """Work with a planted fault that the campaign must find: a file is overwritten in place and never checked."""
    (folder / "run").mkdir(exist_ok=True)
    result = folder / "run" / "result.txt"
    if not result.exists():
        result.write_text("all of the result")


def report(folder: Path) -> None:
    from tfstab.report.run_files import run_sections
    from tfstab.report.run_report import report_page
    from tfstab.report.saving import save_report

    runs = [open_run(folder.parent / "searched" / "run")]
    save_report(folder / "run", report_page(runs), list(run_sections(runs)))


def keras_alone() -> None:
    """Import Keras without its optional packages, which takes half as long."""
    from tfstab.classifier import backend

    backend.leave_out_optional()
    backend.keras()


@dataclass(frozen=True)
class Job:
    """run: does the work in `folder / "run"`, and goes on there.

    imports: modules that it needs, before any fork. first: what is done before they are imported.
    """

    name: str
    run: Callable[[Path], None]
    imports: tuple[str, ...] = ()
    first: Callable[[], None] = lambda: None


CARELESS = Job("careless", careless)
# What a sweep imports when it first needs it; otherwise its undisturbed run and then `Campaign` would import it.
OF_SWEEP = ("tfstab.sweep.running", "tfstab.classifier.function", "tfstab.classifier.input_check", "pandas")
JOBS = {
    job.name: job
    for job in (
        Job("sweep", sweep, OF_SWEEP),
        Job("scoring", scoring, OF_SWEEP),
        Job("growing sweep", growing_sweep, OF_SWEEP),
        Job("search", search, ("tfstab.search.running", "tfstab.classifier.input_check", "pygad")),
        Job("training", training, ("tfstab.training",), keras_alone),
        Job(
            "report",
            report,
            (
                "tfstab.report.run_files",
                "tfstab.report.run_report",
                "matplotlib.backends.backend_pdf",
                "matplotlib.backends.backend_svg",
                "matplotlib.backends.backend_agg",
                "jinja2",
                "markdown_it",
                "pandas",
                "scipy.stats",
            ),
        ),
    )
}

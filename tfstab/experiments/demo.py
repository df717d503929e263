"""The demonstration: the bundled MNIST network on the digits that are installed with tfstab."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tfstab.datasets import load_dataset
from tfstab.models import load_classifier
from tfstab.search import MinimumNoise, SearchConfig, SearchRun, run_search
from tfstab.search.progress import OnGeneration
from tfstab.sweep import SweepRun, run_sweep
from tfstab.sweep.progress import OnProgress

MODEL, DATA = "mnist-lenet", "mnist-5k"
SEARCHED, SWEPT = 10, 100
SEARCH = SearchConfig(max_queries=10_000)  # half of the default; more would make the noise about 1 % smaller


@dataclass(frozen=True)
class Demo:
    """The runs of the demonstration.

    Attributes
    ----------
    search : SearchRun
        Search for the minimum noise of ten digits.
    sweep : SweepRun
        Noise sweep of a hundred digits.
    """

    search: SearchRun
    sweep: SweepRun


def run_demo(
    out: Path,
    on_generation: OnGeneration | None = None,
    on_result: Callable[[MinimumNoise], None] | None = None,
    on_progress: OnProgress | None = None,
) -> Demo:
    """Search for the minimum noise of one digit of each class, and sweep 100 digits as in the paper.

    Parameters
    ----------
    out : Path
        Folder for the two runs, which are resumed if they are in it already.
    on_generation, on_result : callable, optional
        See `run_search`.
    on_progress : callable, optional
        See `run_sweep`.

    Returns
    -------
    Demo
        The runs.

    Raises
    ------
    RunError
        The folder holds other runs, or cannot be written.
    """
    classifier, digits = load_classifier(MODEL), load_dataset(DATA)
    search = run_search(
        classifier, digits.take(SEARCHED), SEARCH, out / "search", on_generation=on_generation, on_result=on_result
    )
    sweep = run_sweep(classifier, digits.take(SWEPT), out=out / "sweep", on_progress=on_progress)
    return Demo(search, sweep)

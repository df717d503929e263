"""The demonstration: the bundled MNIST network on the digits that tfstab brings along."""

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
SEARCH = SearchConfig(max_queries=10_000)  # half of the default: the last per cent of the noise is not worth the wait


@dataclass(frozen=True)
class Demo:
    """The two runs of the demonstration."""

    search: SearchRun
    sweep: SweepRun


def run_demo(
    out: Path, on_generation: OnGeneration | None = None, on_result: Callable[[MinimumNoise], None] | None = None,
    on_progress: OnProgress | None = None,
) -> Demo:
    """Minimum noise of one digit a class, and the paper's sweep of 100 digits, in folder `out`."""
    classifier, digits = load_classifier(MODEL), load_dataset(DATA)
    search = run_search(
        classifier, digits.take(SEARCHED), SEARCH, out / "search", on_generation=on_generation, on_result=on_result
    )
    sweep = run_sweep(classifier, digits.take(SWEPT), out=out / "sweep", on_progress=on_progress)
    return Demo(search, sweep)

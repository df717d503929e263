"""The report's figures described artist by artist, as they were last recorded with `make frozen`."""

from pathlib import Path

import numpy as np
import pytest
from figures_in_words import described
from frozen import check

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.degradations import get_degradation
from tfstab.report import accuracy_figure, class_curves_figure, triples_figure
from tfstab.report.degradation_figure import degradation_figure
from tfstab.report.figures import paper_scatter_figures, scatter_figure

FROZEN = Path(__file__).parent / "frozen"
CONFIG = SweepConfig(sigmas=(40, 10, 80), copies=4)
TAKEN = np.array(
    [
        [[0, 0, 1, 2], [0, 0, 0, 0]],
        [[1, 1, 0, 0], [0, 1, 0, 0]],
        [[1, 2, 2, 1], [1, 1, 1, 1]],
        [[1, 1, 1, 1], [2, 1, 1, 1]],
        [[2, 2, 2, 2], [2, 2, 2, 2]],
        [[0, 0, 0, 2], [2, 2, 0, 2]],
    ]
)
TAKEN = np.concatenate([TAKEN, np.tile([0, 1, 2, 2], (6, 1, 1))], axis=1)
LABELS, CLEAN = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 2, 2])


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    psnr = 10 + np.arange(TAKEN.size, dtype=np.float32).reshape(TAKEN.shape)
    psnr[4, 1, 0] = np.inf
    return made_sweep(tmp_path_factory.mktemp("frozen") / "sweep", CONFIG, TAKEN, LABELS, CLEAN, psnr=psnr)


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory):
    config = SweepConfig(degradation="jpeg", severities=(10, 90), copies=1)
    return made_sweep(tmp_path_factory.mktemp("frozen") / "jpeg", config, TAKEN[:, :2, :1], LABELS, CLEAN, name="other")


def test_figures_of_a_sweep(sweep):
    check(FROZEN / "accuracy.txt", described(accuracy_figure([sweep])))
    check(FROZEN / "curves.txt", described(class_curves_figure(sweep)))
    check(FROZEN / "scatter.txt", described(scatter_figure(sweep)))
    check(FROZEN / "paper-scatter.txt", described(paper_scatter_figures(sweep)[0][1]))


def test_figures_of_several_degradations(sweep, jpeg):
    check(FROZEN / "accuracies.txt", described(accuracy_figure([sweep, jpeg, jpeg])))
    check(FROZEN / "falling-curves.txt", described(class_curves_figure(jpeg)))


def test_figures_of_triples(tmp_path):
    run = made_search(tmp_path / "search", np.array([3.0, np.inf, 5.0]))
    check(FROZEN / "triples.txt", described(triples_figure(list(run), run.class_names)))


def test_an_image_under_several_degradations():
    """Where nothing is clipped, values lie outside of what can be drawn."""
    image = np.linspace(0, 255, 16).round().astype(np.uint8).reshape(4, 4, 1)
    families = [get_degradation("brightness").without_clipping(), *map(get_degradation, ("contrast", "gamma"))]
    check(FROZEN / "degradations.txt", described(degradation_figure(image, families)))

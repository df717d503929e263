"""Runs of a network whose predictions are given."""

import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, grey_squares, sweep_of

from made_runs import made_search
from tfstab.assessment import Figures


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Gaussian noise on 120 images, fog and JPEG on 60 of them, a search of 10. 90 % are right when clean."""
    folder = tmp_path_factory.mktemp("runs")
    clean = np.arange(120) % 10 != 9
    noise = first_of((1, 0.9, 0.6), 120, 4) & clean[:, None, None]
    fog = first_of((0.5, 0.2, 0.05), 60) & clean[:60, None, None]
    jpeg = first_of((1, 1, 1), 60) & clean[:60, None, None]
    psnr = np.array([30, 25, 20], np.float32)[None, :, None]
    l2 = np.array([2.0, 2, 3, 3, 4, 4, 5, 5, np.inf, 9])
    labels = np.arange(10) % CLASSES
    predicted = np.where(clean[:10], labels, (labels + 1) % CLASSES)
    return [
        sweep_of(folder, "gaussian_noise", noise, (10, 20, 40), 4, clean, psnr=psnr),
        sweep_of(folder, "jpeg", jpeg, (90, 50, 10), clean=clean[:60]),
        sweep_of(folder, "fog", fog, clean=clean[:60]),
        made_search(folder / "search", l2, labels, predicted, CLASSES),
    ]


@pytest.fixture(scope="module")
def figures(runs):
    return Figures.of(runs)


@pytest.fixture(scope="module")
def squares():
    return grey_squares()

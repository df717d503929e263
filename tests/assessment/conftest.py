"""Runs of a network whose predictions are given, a finished assessment, and clocks that measure no machine."""

from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import CLASSES, PLENTY, first_of, grey_squares, sweep_of
from bright_network import FAMILIES, QUERIES, network
from own_time import own_time
from planned_time import Worked

import tfstab
from made_runs import made_search
from tfstab.assessment import Figures, before_after, family_sweep, noise_search, paired_sweeps, plan, speed
from tfstab.execution import stopping


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


@pytest.fixture
def worked(monkeypatch):
    clock = Worked()
    for module in (before_after, paired_sweeps, plan, family_sweep, noise_search, speed, stopping):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


@pytest.fixture(scope="module")
def few_queries():
    """A search of a function as fast as these would be given 20,000 queries for an image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noise_search, "GENETIC", QUERIES)
        yield


@pytest.fixture
def clock():
    """The clock of a budget, to which a model's function adds the time that it would take."""
    with own_time() as clock:
        yield clock


@pytest.fixture(scope="module")
def watched(few_queries, squares, tmp_path_factory):
    """A finished assessment, and the states that it showed."""
    states = []
    folder = tmp_path_factory.mktemp("assessments") / "bright"
    made = tfstab.assess(network(), squares, minutes=PLENTY, out=folder, degradations=FAMILIES, on_state=states.append)
    return made, states

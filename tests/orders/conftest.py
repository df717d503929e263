"""A run of a network that NumPy knows, and a picture beside it."""

import numpy as np
import pytest
from fog_sweep import FOG
from numpy_runs import SIDE, dataset, sweep
from PIL import Image


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("run") / "fog", FOG, dataset(120))


@pytest.fixture
def grey(tmp_path):
    """A file of one grey level."""

    def make(level, *size):
        Image.fromarray(np.full(size or (SIDE, SIDE), level, np.uint8)).save(tmp_path / "grey.png")
        return tmp_path / "grey.png"

    return make

"""A folder of runs of tiny NumPy classifiers, which commands read."""

import pytest
from numpy_runs import search_and_sweep


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    return search_and_sweep(tmp_path_factory.mktemp("cli"))

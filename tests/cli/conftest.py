"""A folder of runs of tiny NumPy classifiers, which commands read."""

import pytest
from numpy_runs import search, sweep


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A folder with a search and a sweep."""
    folder = tmp_path_factory.mktemp("cli")
    search(folder / "search", queries=100)
    sweep(folder / "sweep")
    return folder

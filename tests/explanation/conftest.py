"""A small network and an explanation of it, shared by the tests of the run folder and of the report."""

import pytest
from networks import agreeing, convolutional, fast, images

from tfstab import Classifier
from tfstab.explanation import run_explanation


@pytest.fixture(scope="session")
def network():
    """A small network, whose compiled functions all runs share."""
    return Classifier(convolutional(), batch_size=16)


@pytest.fixture(scope="session")
def few(network):
    """Five images that it is right about."""
    return agreeing(network, images(5))


@pytest.fixture(scope="session")
def whole(network, few, tmp_path_factory):
    """An explanation with all analyses."""
    return run_explanation(network, few, fast(), tmp_path_factory.mktemp("explained") / "run")


@pytest.fixture(scope="session")
def brief(network, few, tmp_path_factory):
    """An explanation with the layers alone."""
    return run_explanation(network, few, fast("layers"), tmp_path_factory.mktemp("brief") / "run")

"""Folders of runs that belong together, and what is pressed on their pages."""

import shutil

import made_up_runs
import pytest
from numpy_runs import brightness, classifier, dataset, sweep
from PySide6.QtCore import Qt

from tfstab import SweepConfig
from tfstab.explanation import ExplanationConfig, run_explanation


@pytest.fixture(scope="session")
def together(runs, tmp_path_factory):
    """A search and three sweeps of one network on the same digits, in one folder."""
    folder = tmp_path_factory.mktemp("robust") / "together"
    for name in ("search", "sweep", "jpeg", "occlusion"):
        shutil.copytree(runs / name, folder / name)
    return folder


def press(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.fixture(scope="session")
def explained(tmp_path_factory):
    """Two sweeps of a network and an explanation of it."""
    folder = tmp_path_factory.mktemp("why") / "explained"
    sweep(folder / "noise")
    sweep(folder / "fog", SweepConfig(degradation="fog"))
    run_explanation(
        classifier(), dataset(), ExplanationConfig(copies=2, max_queries=100, only=("copies",)), folder / "explanation"
    )
    return folder


@pytest.fixture(scope="session")
def inverted(tmp_path_factory):
    """The same sweeps of a network that takes bright for dark."""
    folder = tmp_path_factory.mktemp("why") / "inverted"
    model = classifier(lambda images: brightness(images)[:, ::-1], "inverted")
    sweep(folder / "noise", model=model)
    sweep(folder / "fog", SweepConfig(degradation="fog"), model=model)
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A search and two equal sweeps of four images."""
    return made_up_runs.search_and_sweeps(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def sweep_page(open_window, made):
    """The page of one of these sweeps."""
    return open_window(made / "sweep").page()

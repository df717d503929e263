"""What is copied as a script and as a command for places of each kind of run, as it was last recorded.

Whether scripts compute what is on screen is tested in test_scripts.py and by the random sessions.
"""

from pathlib import Path
from types import SimpleNamespace

import made_up_runs
import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from frozen import check

from tfstab import SweepConfig, open_assessment, open_run
from tfstab.gui.content.scripts import command_of, python_of
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.widgets.robustness.robustness_page import PARTS
from tfstab.models import bundled_names

MARKED = [(2, 0, 1), (3, 1, 0)]
LISTS = (
    {"class": None},
    {"class": 1, "filter": {"severity_index": 1, "predicted": None}},
    {"class": 1, "filter": {"predicted": 2, "image": 5}},
    {"class": 0, "filter": {"low": 0.25, "high": 0.75, "clean_wrong": False}},
    {"class": 0, "listed": {"correct_too": True, "sort": ["actual", True]}},
    {"class": 0, "listed": {"marked_only": True, "sort": ["marked", False]}},
    {"class": 0, "listed": {"tag": "odd", "sort": ["second", True]}},
    {"class": 0, "listed": {"picked": [[0, 0], [9, 0], [9, 1]], "sort": ["psnr", False]}},
    {"class": 0, "listed": {"against": ["predicted-by-0", "wrong here, right there"], "sort": None}},
    *({"class": 0, "compared": ["a", "b"], "listed": {"against": ["predicted-by-1", which]}} for which in
      ("wrong here, right there", "right here, wrong there", "wrong in both")),
    {"class": 0, "compared": ["a"], "listed": {"sort": ["predicted-by-0", True]}},
    {"class": None, "compared": ["a"], "listed": {"sort": ["predicted-by-0", False]}},
    *({"class": 2, "listed": {"group": group}} for group in ("image", "pair", "severity")),
    {"class": 0, "selected": [2, 0, 1]},
    {"class": 0, "selected": 3},
    {"class": 0, "listed": {"file": "cat's"}},
)  # fmt: skip
METRICS = (
    {},
    {"metrics": {"severity_index": 1, "right_when_clean": True, "table": "Weakest images"}},
    {"metrics": {"severity_index": None, "right_when_clean": False, "table": "Classes"}, "compared": ["a b"]},
)
EXPLORED = {"explorer": {"image": 3, "steps": [["jpeg", 40.0], ["fog", 10.0]], "seed": 2}}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A sweep with noise that depends on the severity, one without noise, a search, and an assessment."""
    folder = tmp_path_factory.mktemp("scripts")
    for name in ("gaussian_noise", "fog"):
        sweep_of(folder / "assessed", name, first_of((0.9, 0.5, 0.4), 8), name=bundled_names()[0])
    return {
        "sweep": open_run(made_up_runs.sweep(folder / "sweep")),
        "common": open_run(
            made_up_runs.sweep(folder / "common", SweepConfig(sigmas=(5, 40), copies=3, common_noise=True))
        ),
        "jpeg": open_run(
            made_up_runs.sweep(folder / "jpeg", SweepConfig(degradation="jpeg", severities=(80, 10), copies=1))
        ),
        "search": open_run(made_up_runs.search(folder / "search")),
        "assessment": SimpleNamespace(
            kind="assessment", info={"model": {"name": bundled_names()[0]}}, opened=open_assessment(folder / "assessed")
        ),
    }


def places():
    for name in ("sweep", "common", "jpeg"):
        yield from ((name, "Misclassifications", state) for state in (LISTS if name == "sweep" else LISTS[8:14]))
    yield from (("sweep", "Metrics", state) for state in METRICS)
    yield from (("sweep", "Overview", METRICS[1]), ("sweep", "Explorer", EXPLORED), ("sweep", "Explorer", {}))
    yield from (("search", "Results", state) for state in ({}, {"selected": 3}, {"compared": ["x"]}))
    yield from (("search", "Metrics", {"compared": ["x"], "selected": 3}), ("assessment", "Explorer", EXPLORED))
    for view in ("Overview", "Robustness"):
        for state in ({}, {"selected": 4}, {"compared": ["x", "y"]}, {"selected": 4, "compared": ["x"]}):
            yield "assessment", view, state
    for part in PARTS:
        yield "assessment", "Robustness", {"selected": 4, "compared": ["x"], "robustness": {"part": part}}


def test_scripts_and_commands(opened, tmp_path_factory):
    lines = []
    for name, view, state in places():
        there = Viewpoint("RUN", view, state)
        lines += [f"## {name}, {view} {state}", *python_of(there, opened[name], MARKED).splitlines()]
        lines.append(f"$ {command_of(there, opened[name])}")
    base = str(tmp_path_factory.getbasetemp())
    lines = [line.replace(base, "HERE") for line in lines]
    check(Path(__file__).parent / "frozen" / "scripts.txt", lines)


def test_a_list_of_marks_in_a_script_has_a_limit(opened):
    there = Viewpoint("RUN", "Misclassifications", {"class": 0, "listed": {"marked_only": True}})
    keys = [(int(k), 0, 0) for k in np.arange(10_001)]
    names = {}
    exec(
        next(line for line in python_of(there, opened["sweep"], keys).splitlines() if line.startswith("marked")), names
    )
    assert names["marked"] == keys[:-1]

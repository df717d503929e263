"""The recalls of two assessments in the viewer: those of `tfstab compare`, with the network in view as the second."""

import numpy as np
import pytest
from doubles import AtOnce

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.sessions.assessment_session import AssessmentSession
from tfstab.gui.widgets.robustness.robustness_page import RobustnessPage
from tfstab.report.comparison_report import tables

RIGHT = {"old": {"fog": (25, 0, 9), "jpeg": (40, 38, 9)}, "new": {"fog": (40, 12, 9), "jpeg": (15, 39, 9)}}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Two networks with so many right images of each class, of 40; of the last class there are nine."""
    folder = tmp_path_factory.mktemp("recalls")
    labels, number = np.repeat(np.arange(3), [40, 40, 9]), np.r_[np.tile(np.arange(40), 2), np.arange(9)]
    for name, families in RIGHT.items():
        for family, right in families.items():
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            taken = np.where(number < np.array(right)[labels], labels, (labels + 1) % 3)[:, None, None]
            made_sweep(folder / name / family, config, taken, labels, labels, name=name)
    return folder


def test_the_recalls_under_other_networks_are_those_that_compare_prints(qapp, assessed, show, tmp_path):
    new, old = (AssessmentSession(OpenedAssessment(assessed / name), AtOnce()) for name in ("new", "old"))
    page = show(RobustnessPage(new), 1000, 700)
    page.show_part(2)
    view = page.pair_view
    assert view.recalls.isHidden() and view.of_recalls.isHidden()
    new.compared.compare([old])
    printed = tables(FolderComparison(Folder.open(assessed / "old"), Folder.open(assessed / "new")))[1]
    rows = [[view.recalls.item(y, x).text() for x in range(6)] for y in range(view.recalls.rowCount())]
    assert view.recalls.isVisible() and [row[0] for row in rows] == [f"class {r[0]} under {r[1]}" for r in printed.rows]
    assert rows[0] == ["class 0 under JPEG compression", "37.5", "100.0", "-62.5 (-80.3 to -44.7)", "40", "old"]
    assert [row[5] for row in rows] == [{"first": "old", "second": "new"}.get(r[-1], r[-1]) for r in printed.rows]
    said = view.of_recalls.text()
    assert (
        "Of the 4 recalls under degradation (2 classes, 2 degradations), the lowest of new is that of class 1" in said
    )
    page._write(str(tmp_path / "saved.csv"))
    saved = (tmp_path / "saved.csv").read_text("utf-8-sig").splitlines()
    assert sum(line.startswith("class 0 under JPEG compression,new,37.5,old,100.0,-62.5,") for line in saved) == 1
    new.compared.compare([])
    assert view.recalls.isHidden()

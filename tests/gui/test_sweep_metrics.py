"""A metric that is entered in the table is in JSON, the headline and the viewer."""

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.glossary import terms
from tfstab.gui.content.comparison import Compared
from tfstab.gui.content.comparison import headline as compared
from tfstab.gui.widgets.sweep.metrics_tables import headline_columns
from tfstab.report import sweep_json
from tfstab.report.sweep_tables import headline
from tfstab.sweep.metrics import METRICS, Metric

WORST = Metric(
    name="worst",
    title="Worst at any {family.singular}",
    value=lambda measures: float(measures.accuracy.min()),
    meaning="lowest accuracy at any {family.parameter}",
    interval=lambda measures: measures.intervals.interval(measures.intervals.accuracy_samples.min(axis=1)),
    unit="%",
    digits=1,
    term="accuracy",
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setitem(METRICS, "worst", WORST)
    predicted = np.array([[[0, 0], [0, 1]], [[0, 0], [0, 0]]])
    return made_sweep(tmp_path / "run", SweepConfig(sigmas=(5, 10), copies=2), predicted)


def test_a_metric_is_one_entry(run):
    assert headline(run)[-1] == "Worst at any sigma: 75.0 (50.0 to 100.0) %"
    assert sweep_json(run)["worst"] == {
        "value": 0.75, "interval_95": [0.5, 1.0], "meaning": "lowest accuracy at any sigma",
    }  # fmt: skip
    columns = headline_columns([compared(Compared("a", (), run.measures))], run.config)
    [column] = [c for c in columns if c.name == "worst"]
    assert (column.title, column.tip) == ("Worst\nat any sigma (%)", "Lowest accuracy at any sigma")
    assert column.text(0) == "75.0 (50.0–100.0)" and column.term == "accuracy"


def test_terms_of_metrics_are_in_the_glossary():
    assert all(metric.term in terms() for metric in METRICS.values())


def test_a_metric_that_is_undefined_or_not_reached(run, monkeypatch):
    assert [WORST.number(value) for value in (np.nan, np.inf, 0.125)] == ["–", "∞", "12.5"]
    undefined = Metric("none", "None", lambda measures: np.nan, "says nothing", headline=None)
    monkeypatch.setitem(METRICS, "none", undefined)
    assert sweep_json(run)["none"] == {"value": None, "meaning": "says nothing"}
    assert undefined.shown(run.measures) == "–" and not any("None" in line for line in headline(run))


def test_misclassifications_of_the_class_with_most_are_listed_first(open_window, tmp_path, settle):
    """One of three good parts is wrong, and both defects are missed: the list is of the defects."""
    labels, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 2, 0, 0, 2])
    config = SweepConfig(degradation="fog", severities=(50,), copies=1)
    made_sweep(tmp_path / "fog", config, predicted[:, None, None], labels, labels, classes=3)
    window = open_window(tmp_path / "fog", view="Misclassifications")
    settle(window)
    page, session, show_all = window.page().points_page, window.controller.current, window.commands["show-all"]
    assert session.class_index == 1 and page.model.rowCount() == 2
    session.select_class(2)  # stays, even if the run is read again
    session.reload()
    settle(window)
    assert session.class_index == 2 and page.model.rowCount() == 0 and page.empty.isVisible()
    assert page.empty.text().startswith("No misclassified image of class 2. “Show all” lists those of all classes, ")
    assert show_all.isEnabled()
    show_all.trigger()
    settle(window)
    assert session.class_index is None and page.model.rowCount() == 3 and not show_all.isEnabled()

"""A sweep of another degradation than noise is shown by its own severity."""

import io
import json
import shutil
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from tfstab import open_run
from tfstab.degradations import get_degradation, registry
from tfstab.gui.content.comparison import Compared, headline
from tfstab.gui.content.explorer import families
from tfstab.gui.content.gallery import gallery_of_sweep
from tfstab.gui.content.matching import places_elsewhere, predictions, same_severities
from tfstab.gui.content.points import psnr_range, read_points
from tfstab.gui.jobs import worker
from tfstab.gui.jobs.protocol import ImportOrder, Quit, encode
from tfstab.gui.widgets.sweep.metrics_tables import headline_columns
from tfstab.runs.known_degradations import allow_modules


@pytest.fixture
def run(runs):
    return open_run(runs / "jpeg")


@pytest.fixture
def window(open_window, runs):
    """A sweep of noise and, in view, one of JPEG compression."""
    return open_window(runs / "sweep", runs / "jpeg", first=1)


def shown(widget):
    """All that the tables and labels of a page say."""
    model = widget.model()
    heads = [str(model.headerData(c, widget.horizontalHeader().orientation())) for c in range(model.columnCount())]
    return " ".join(heads + [str(model.index(0, c).data()) for c in range(model.columnCount())])


def test_points_are_filtered_and_named_by_quality(window, run, settle):
    page, session = window.page(), window.controller.current
    assert session.run.degradation.name == "jpeg" and "JPEG compression" in session.about
    box = page.filters.severities
    assert [box.itemText(k) for k in range(box.count())] == ["all", "60", "5", "1"]  # the mildest first
    box.setCurrentIndex(2)
    settle(window)
    assert len(session.shown) == len(run.samples(class_index=session.class_index, severity=5))
    session.select_point(int(session.shown[0]))
    settle(window)
    image, place, copy = session.points.key(session.point)
    assert f"quality {run.severities[place]:g}" in session.describe(session.point)
    clean = run.clean.images[run.clean.row(image)]
    np.testing.assert_array_equal(session.triple.degraded, run.degraded_image(image, place, copy))
    np.testing.assert_array_equal(session.triple.noise, run.degraded_image(image, place, copy) - clean)
    words = str(session.triple.facts) + session.triple.title + session.describe(session.point)
    assert "Quality" in words and "sigma" not in words.lower() and "copy" not in words.lower()


def test_the_difference_is_not_called_noise(window, settle):
    noise, jpeg = window.controller.sessions
    for session, name in ((jpeg, "Difference"), (noise, "Noise"), (jpeg, "Difference")):
        window.controller.select(session)
        session.select_point(0)
        settle(window)
        panel = window.page().triple
        assert panel.noise.title.text().startswith(f"<b>{name}:</b>")
        assert panel.noise.graphics.accessibleName() == name and name in str(session.triple.facts)
        said = []
        panel.said.connect(said.append)
        panel.clean.hovered.emit(14, 14)
        assert f"  ·  {name.lower()} " in said[-1]


def test_unchanged_images_are_counted_and_listed_but_not_drawn(open_window, runs, settle):
    window, run = open_window(runs / "occlusion"), open_run(runs / "occlusion")
    page, session = window.page(), window.controller.current
    mistaken = int(run.clean.class_index[~run.clean.correct][0])
    session.select_class(mistaken)
    session.set_filter(severity_index=0)
    settle(window)
    table = run.samples(class_index=mistaken, severity=0.01)
    assert np.isinf(table["psnr"].to_numpy()).all()
    count = f"{len(table)} of {2 * len(table)} shown ({len(table)} unchanged, not drawn)"
    assert page.filters.count.text() == count and count in page.scatter_page.figure().caption
    assert not any(map(len, session.clouds.values()))
    wrong = table["predicted"].to_numpy() != mistaken
    assert page.points_page.model.rowCount() == wrong.sum() > 0
    page.tabs.setCurrentWidget(page.points_page.parentWidget())
    page.points_page.table.selectRow(0)
    settle(window)
    assert "infinite (unchanged)" in str(session.triple.facts) and not session.triple.noise.any()
    shown_row = " ".join(str(page.points_page.model.index(0, c).data()) for c in range(10))
    assert "∞" in shown_row
    session.select_class(None)
    session.set_filter(severity_index=None)
    settle(window)
    everything = len(run.samples())
    assert page.filters.count.text() == f"{everything} of {everything} shown ({everything // 2} unchanged, not drawn)"


def test_small_scatters_have_the_range_of_the_run(run):
    psnr = run.samples(columns=["psnr"])["psnr"].to_numpy()
    assert psnr_range(run) == pytest.approx((psnr.min() - 1, psnr.max() + 1))


def test_a_cell_of_the_confusion_lists_as_many_images_as_it_counts(open_window, runs, settle):
    window, run = open_window(runs / "occlusion"), open_run(runs / "occlusion")
    page = window.page()
    counts = run.class_metrics(severity=0.01).confusion
    actual, predicted = np.argwhere(counts * ~np.eye(10, dtype=bool))[0].tolist()
    page.metrics.rows_asked.emit(actual, predicted, 0)
    settle(window)
    assert page.points_page.model.rowCount() == counts[actual, predicted]


def test_of_a_family_that_is_not_here_all_is_shown_but_its_images(open_window, runs, settle):
    window, problems = open_window(runs / "rain"), []
    window.controller.failed.disconnect()
    window.controller.failed.connect(lambda sentence, details: problems.append((sentence, details)))
    session = window.controller.current
    assert "rain" in session.about and len(session.shown)
    session.select_point(0)
    settle(window)
    [(sentence, details)] = problems
    assert "'rain' is not loaded here: it was registered in a script" in sentence and not details
    assert session.triple is None


RAINY = """import numpy as np
from tfstab.degradations import Degradation, register

def fall(image, drops, rng):
    return np.maximum(image, 99)

register(Degradation("rain", "rain", "draws", fall, "drops", "a picture", (1, 3), 0, 0, 99, "1"))
"""


def test_the_file_of_a_degradation_is_chosen_in_the_viewer(open_window, runs, tmp_path, settle, qtbot, monkeypatch):
    """The run is from another machine, so that its file is not known here; the worker process gets the file, too."""
    shutil.copytree(runs / "rain", tmp_path / "rain")
    info = json.loads((tmp_path / "rain" / "run.json").read_text())
    info["settings"]["family"]["function"] = "rainy:fall"
    (tmp_path / "rain" / "run.json").write_text(json.dumps(info))
    (tmp_path / "rainy.py").write_text(RAINY)
    (tmp_path / "dry.py").write_text("raise ValueError('dry')")
    monkeypatch.setattr(sys, "path", [*sys.path])
    window = open_window(tmp_path / "rain")
    session = window.controller.current
    session.select_point(0)
    settle(window)

    def box():
        return next(found for found in window.findChildren(QMessageBox) if found.isVisible())

    def choose(path):
        (button,) = [one for one in box().buttons() if one.text() == "Choose &file…"]
        button.click()
        next(found for found in window.findChildren(QFileDialog) if found.isVisible()).fileSelected.emit(str(path))

    said = "'rain' is not loaded here: choose the file that registers it, probably rainy.py, or install its package."
    assert said in box().text() and session.triple is None
    choose(tmp_path / "dry.py")
    assert "dry.py' cannot be imported (ValueError: dry)" in box().text()
    box().close()
    session.select_point(1)
    settle(window)
    box().close()
    for place in (0, 1):  # each of which would ask again
        session.select_point(place)
        settle(window)
        assert not any(found.isVisible() for found in window.findChildren(QMessageBox))
        assert "press F5 to choose the file" in window.statusBar().currentMessage()
    window.commands["refresh"].trigger()
    settle(window)
    choose(tmp_path / "rainy.py")
    settle(window)
    qtbot.waitUntil(lambda: session.triple is not None)
    assert session.triple.degraded.min() >= 99
    sys.modules.pop("rainy")
    registry._registered.clear()
    monkeypatch.setattr(worker.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: None))
    worker.Worker(io.BytesIO(encode(ImportOrder(str(tmp_path / "rainy.py"))) + encode(Quit())), io.BytesIO()).work()
    assert get_degradation("rain").title == "rain"
    assert open_run(tmp_path / "rain").degradation is get_degradation("rain")
    sys.modules.pop("rainy")


def test_the_explorer_begins_with_a_degradation_whose_file_is_known_here(open_window, runs, tmp_path, qtbot):
    """The list of degradations is read once before a run is opened, which loads the file."""
    shutil.copytree(runs / "rain", tmp_path / "rain")
    info = json.loads((tmp_path / "rain" / "run.json").read_text())
    info["settings"]["family"]["function"] = "rainy:fall"
    (tmp_path / "rain" / "run.json").write_text(json.dumps(info))
    (tmp_path / "rainy.py").write_text(RAINY)
    allow_modules([str(tmp_path / "rainy.py")])  # as the run that was made with it
    registry._registered.clear()
    sys.modules.pop("rainy")
    assert "rain" not in families()
    window = open_window(tmp_path / "rain")
    page = window.page()
    bar = page.tabs.tabBar()
    place = next(k for k in range(bar.count()) if bar.tabText(k) == "Explorer")
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    view = page.explorer.view
    assert [step.name for step in view.explorer.state.steps] == ["rain"]
    assert view.steps.adding.findData("rain") >= 0
    registry._registered.clear()
    sys.modules.pop("rainy")


def test_other_versions_of_what_made_an_image_are_said(open_window, runs, tmp_path):
    shutil.copytree(runs / "jpeg", tmp_path / "jpeg")
    info = json.loads((tmp_path / "jpeg" / "run.json").read_text())
    info["environment"]["versions"]["pillow"] = "1.1"
    (tmp_path / "jpeg" / "run.json").write_text(json.dumps(info))
    session = open_window(tmp_path / "jpeg").controller.current
    with pytest.warns(UserWarning, match=r"pillow 1\.1"):
        session.select_point(0)
    assert "made with pillow 1.1, so it may differ slightly here" in str(session.triple.facts)


def test_metrics_go_from_mild_to_strong(window, run, settle):
    page = window.page()
    page.tabs.show_view("Metrics")
    settle(window)
    plot = page.metrics.accuracy
    assert plot.getAxis("bottom").labelText == "Quality" and plot.getViewBox().xInverted()
    everything, _ = plot.lines[0]
    assert list(everything.xData) == [1, 5, 60]
    assert everything.yData[-1] == pytest.approx(100 * run.measures.accuracy[0])
    told = shown(page.metrics.headline) + shown(page.metrics.weakest)
    assert "Severity50" in told and "Cert" not in told and "igma" not in told
    page.metrics.severities.setCurrentIndex(page.metrics.severities.findText("5"))
    settle(window)
    metrics = run.class_metrics(severity=5)
    assert page.metrics.classes.array.columns[3].values == pytest.approx(100 * metrics.recall, nan_ok=True)


def test_a_severity_that_is_a_factor_has_digits_enough(run):
    line = headline(Compared("contrast", run.class_names, run.measures))
    line.values["severity50"], line.ends["severity50"] = 0.2968, np.array([0.334, np.inf])
    column = {c.title: c for c in headline_columns([line], run.config)}["Severity50"]
    assert column.text(0) == "0.297 (0.334–∞)"
    [column] = [c for c in headline_columns([replace(line, mildest=0.75)], run.config) if c.title == "Severity50"]
    assert column.text(0) == "before 0.75"


@pytest.mark.parametrize(("kind", "changes", "places"), [
    ("jpeg", {"severities": [5, 60]}, [1, 0, -1]),  # nothing is drawn: seed and order do not matter
    ("jpeg", {"family": get_degradation("jpeg").identity | {"version": "0"}}, [-1, -1, -1]),
    ("occlusion", {"severities": [0.01, 4]}, [0, -1]),
    ("occlusion", {"severities": [36, 0.01]}, [-1, -1]),  # another place of the severity: another place of the square
    ("rain", {"copies": 2}, [-1, -1]),  # it may draw, and the seed is another one
])  # fmt: skip
def test_the_same_degraded_images_are_known(runs, tmp_path, kind, changes, places):
    shutil.copytree(runs / kind, tmp_path / "other")
    info = json.loads((tmp_path / "other" / "run.json").read_text())
    info["settings"] |= changes
    info["seed"] += kind != "occlusion"
    (tmp_path / "other" / "run.json").write_text(json.dumps(info))
    assert same_severities(open_run(runs / kind), open_run(tmp_path / "other")).tolist() == places


def test_other_severities_leave_counterparts(runs, tmp_path, run):
    shutil.copytree(runs / "jpeg", tmp_path / "other")
    info = json.loads((tmp_path / "other" / "run.json").read_text())
    info["settings"]["severities"].reverse()
    (tmp_path / "other" / "run.json").write_text(json.dumps(info))
    other, points = open_run(tmp_path / "other"), read_points(run, 3)
    theirs = replace(points, severity_index=np.int16(len(run.severities) - 1) - points.severity_index)
    found = predictions(places_elsewhere(run, points, other, theirs), theirs)
    assert len(points) and np.array_equal(found, points.predicted)


def test_only_sweeps_of_one_degradation_stand_side_by_side(window):
    noise, jpeg = window.controller.sessions
    assert not jpeg.comparable(noise) and not noise.comparable(jpeg) and jpeg.comparable(jpeg)
    assert not window.page().compare.choices


def test_noise_with_and_without_clipping_is_compared_for_one_network(open_window, runs, tmp_path, settle):
    for folder in ("unclipped", "other"):
        shutil.copytree(runs / "sweep", tmp_path / folder)
        info = json.loads((tmp_path / folder / "run.json").read_text())
        info["settings"]["clip"] = False
        info["model"]["fingerprint"] = info["model"]["fingerprint"] if folder == "unclipped" else "0" * 64
        (tmp_path / folder / "run.json").write_text(json.dumps(info))
    window = open_window(runs / "sweep", tmp_path / "unclipped", tmp_path / "other")
    settle(window)
    clipped, unclipped, other = window.controller.sessions
    assert clipped.comparable(unclipped) and unclipped.comparable(clipped) and other.comparable(unclipped)
    assert not clipped.comparable(other) and "unclipped Gaussian noise" in unclipped.about


def test_the_gallery_says_at_which_quality_images_fail(run):
    gallery = gallery_of_sweep(run, run.measures)
    for place, value in enumerate(run.measures.failing_severity()):
        known = {100: "misclassified when clean", np.inf: "never misclassified"}
        assert known.get(value, f"first misclassified at quality {value:g} and PSNR") in gallery.tip(place)

"""Sweeps beside each other: in the scatter, the tables, the curves and the confusion."""

import csv
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tfstab import open_run
from tfstab.gui.content.matching import NOT_THERE, filter_for, places_elsewhere, predictions
from tfstab.gui.content.obstacles import of_images
from tfstab.gui.content.points import read_points
from tfstab.gui.content.selection import BOTH, GAINED, LOST, Against, PointFilter
from tfstab.sweep.plan import block_of


@pytest.fixture
def half(runs, tmp_path):
    """The sweep as it was when half of its classes were swept."""
    folder = tmp_path / "half"
    shutil.copytree(runs / "sweep", folder)
    for name, part in open_run(folder).parts.items():
        if block_of(name).first > 0:
            part.unlink()
    return folder


@pytest.fixture
def window(open_window, runs, half, settle):
    """The sweep in view, compared with its half."""
    window = open_window(runs / "sweep", half)
    button = window.page().compare
    (choice,) = button.choices.values()
    button.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))
    QTest.mouseClick(button.menu(), Qt.MouseButton.LeftButton, pos=button.menu().actionGeometry(choice).center())
    assert button.menu().isVisible() and choice.isChecked(), "others can be ticked, too"
    button.menu().close()
    settle(window)
    return window


def texts(model):
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def test_the_same_degraded_images_are_found_in_another_run(runs, tmp_path):
    run = open_run(runs / "sweep")
    points = read_points(run, 3)
    shuffled = points.take(np.random.default_rng(0).permutation(len(points))[: len(points) // 2], 3)
    found = predictions(places_elsewhere(run, points, run, shuffled), shuffled)
    there = found != NOT_THERE
    assert there.sum() == len(shuffled) and np.array_equal(found[there], points.predicted[there])
    other = tmp_path / "seed"
    shutil.copytree(runs / "sweep", other)
    info = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps({**info, "seed": info["seed"] + 1}))
    assert (places_elsewhere(run, points, open_run(other), points) == NOT_THERE).all()


def test_a_filter_follows_the_sigma_to_another_run(runs):
    run, other = open_run(runs / "sweep"), open_run(runs / "rgb")
    assert filter_for(PointFilter(low=0.3), run, other) == PointFilter(low=0.3)
    assert filter_for(PointFilter(severity_index=1), run, run) == PointFilter(severity_index=1)
    assert filter_for(PointFilter(severity_index=1), run, other) is None


def test_scatters_lie_side_by_side_and_move_together(window, qtbot, settle):
    page, session, other = window.page(), *window.controller.sessions
    (plot,), (neighbour,) = page.scatter_page.beside.plots, session.beside.neighbours
    assert neighbour.session is other and len(neighbour.points) == len(session.points)
    assert sum(map(len, plot.clouds.values())) == len(session.points)
    session.set_filter(severity_index=2)
    settle(window)
    assert sum(map(len, plot.clouds.values())) == len(session.shown) < len(session.points)
    page.scatter.getViewBox().scaleBy((0.5, 0.5))
    assert np.allclose(plot.viewRange(), page.scatter.viewRange())
    plot.getViewBox().translateBy(x=1.0)
    assert np.allclose(plot.viewRange(), page.scatter.viewRange())
    page.fit()
    # A click on a point of the other run leads to it there.
    place = int(session.shown[0])
    at = QPointF(float(session.points.psnr[place]), float(session.points.score[place]))
    spot = plot.mapFromScene(plot.getViewBox().mapViewToScene(at))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    settle(window)
    assert window.controller.current is other and other.point is not None
    assert abs(float(other.points.psnr[other.point]) - at.x()) < 0.5


def test_a_class_that_the_other_run_lacks_has_no_points_there(window, settle):
    session = window.controller.current
    session.select_class(session.classes[-1])
    settle(window)
    (neighbour,) = session.beside.neighbours
    assert len(neighbour.points) == 0 and (neighbour.predicted == NOT_THERE).all()


def test_rows_tell_what_the_other_run_predicts(window, settle):
    page, session = window.page().points_page, window.controller.current
    titles = [c.title for c in page.model.columns]
    there, own = titles.index("Predicted in half"), titles.index("Predicted")
    page.correct.setChecked(True)
    settle(window)
    rows = texts(page.model)
    assert len(rows) == len(session.points) and all(row[there] == row[own] for row in rows)
    session.select_point(3)
    row = page.table.currentIndex().row()
    session.beside.compare([])
    settle(window)
    assert page.table.currentIndex().row() == row and "Predicted in half" not in [c.title for c in page.model.columns]
    session.beside.compare([window.controller.sessions[1]])
    settle(window)
    page.model.sort(there)
    settle(window)
    shown = [row[there] for row in texts(page.model)]
    assert shown == sorted(shown)


def test_curves_tables_and_confusions_of_both(window, half, settle):
    window.page().tabs.show_view("Metrics")
    settle(window)
    page = window.page().metrics
    assert [row[0] for row in texts(page.headline.array)] == ["sweep", "half"] and len(page.accuracy.lines) == 2
    other = open_run(half)
    recall = 100 * other.class_metrics().recall
    beginnings = [f"{v:.1f} (" if np.isfinite(v) else "–" for v in recall]
    assert all(row[5].startswith(t) for row, t in zip(texts(page.classes.array), beginnings, strict=True))
    window.page().metrics.tabs.setCurrentWidget(page.confusion)
    assert np.array_equal(page.confusion.views[1].matrix.counts, other.class_metrics().confusion)
    assert page.confusion.views[1].isVisible() and page.confusion.titles[1].text() == "<b>half</b>"
    share = {int(i): 100 * s for i, s in zip(other.measures.images, other.measures.wrong_share.mean(1), strict=True)}
    for row in texts(page.weakest.array):
        assert row[-1] == (f"{share[int(row[0])]:.1f}" if int(row[0]) in share else "–")


def test_a_run_compared_that_grows_is_shown_grown(window, runs, half, settle):
    controller, (session, other) = window.controller, window.controller.sessions
    session.select_class(session.classes[-1])
    window.page().tabs.show_view("Metrics")
    settle(window)
    assert len(session.beside.neighbours[0].points) == 0
    for part in (runs / "sweep" / "parts").iterdir():
        shutil.copy(part, half / "parts")
    controller.select(other)
    controller.refresh()
    settle(window)
    controller.select(session)
    settle(window)
    assert len(session.beside.neighbours[0].points) == len(session.points) > 0
    own, theirs = texts(window.page().metrics.headline.array)
    assert own[1:] == theirs[1:]


def test_a_run_of_other_classes_is_not_shown_which_is_said(open_window, runs, tmp_path, settle):
    other = tmp_path / "renamed"
    shutil.copytree(runs / "sweep", other)
    info = json.loads((other / "run.json").read_text())
    info["data"]["class_names"] = [f"{name}x" for name in info["data"]["class_names"]]
    (other / "run.json").write_text(json.dumps(info))
    window = open_window(runs / "sweep", other)
    (choice,) = window.page().compare.choices.values()
    choice.trigger()
    settle(window)
    beside = window.page().scatter_page.beside
    missing = "not shown because of different class names: renamed"
    assert beside.plots == [] and missing in beside._own_title.text() and beside._own_title.isVisible()


def test_headline_and_confusions_are_saved(window, tmp_path, settle):
    window.page().tabs.show_view("Metrics")
    settle(window)
    page = window.page().metrics
    page.tabs.setCurrentWidget(page.confusion)
    for name in ("save-headline", "save-table"):
        window.commands[name].trigger()
        dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
        dialog.fileSelected.emit(str(tmp_path / f"{name}.csv"))
        dialog.close()
        assert "Saved" in window.statusBar().currentMessage()
    with (tmp_path / "save-headline.csv").open(newline="") as file:
        titles, *rows = csv.reader(file)
    assert titles[0] == "Run" and rows == texts(page.headline.array)
    with (tmp_path / "save-table.csv").open(newline="") as file:
        titles, *rows = csv.reader(file)
    own, theirs = page.confusion.shown
    assert titles[:2] == ["sigma", "only images right when clean"]
    assert {tuple(row[:2]) for row in rows} == {("all", "no")}
    titles, rows = titles[2:], [row[2:] for row in rows]
    assert titles == ["run", "true class", *own.classes, *(f"{name} (%)" for name in own.classes)]
    assert [row[0] for row in rows] == ["sweep"] * 10 + ["half"] * 10
    assert np.array_equal([row[2:12] for row in rows], np.concatenate([own.counts, theirs.counts]).astype(str))
    assert [float(row[12 + k] or "nan") for k, row in enumerate(rows[:10])] == pytest.approx(
        (100 * np.diag(own.shares)).tolist(), nan_ok=True
    )


def test_closing_the_other_run_ends_the_comparison(window, settle):
    window.page().tabs.show_view("Metrics")
    window.controller.close(window.controller.sessions[1])
    settle(window)
    page = window.page()
    assert len(page.metrics.accuracy.lines) == 1 and page.compare.text() == "Compare with…"
    assert page.scatter_page.beside.plots == [] and not page.metrics.confusion.views[-1].isVisible()
    assert "Predicted in half" not in [c.title for c in page.points_page.model.columns]


def test_what_a_condition_on_both_predictions_selects():
    points = SimpleNamespace(predicted=np.array([1, 1, 2, 2, 1]), actual=np.array([1, 1, 1, 1, 1]))
    theirs, places = np.array([1, 3, 1, 3, NOT_THERE], np.int16), np.arange(5)
    chosen = {
        outcome: Against("x", outcome).select(points, places, theirs).tolist() for outcome in (LOST, GAINED, BOTH)
    }
    assert chosen == {LOST: [2], GAINED: [1], BOTH: [3]}


def test_rows_are_listed_by_what_the_other_run_predicts(window, qtbot, settle):
    page, session = window.page().points_page, window.controller.current
    window.page().tabs.setCurrentWidget(page.parentWidget())
    session.select_class(None)
    settle(window)
    (neighbour,) = session.beside.neighbours
    wrong = session.points.predicted != session.points.actual
    assert page.against.isVisible() and page.model.rowCount() == wrong.sum()
    both = (wrong & (neighbour.predicted >= 0)).sum()
    for key, times, text, rows in ((Qt.Key.Key_Down, 3, BOTH, both), (Qt.Key.Key_Up, 2, LOST, 0)):
        for _ in range(times):
            qtbot.keyClick(page.against, key)
        settle(window)
        assert page.against.currentText() == text and page.model.rowCount() == rows, "both are the same network"
    window.controller.close(window.controller.sessions[1])
    settle(window)
    assert not page.against.isVisible() and page.model.rowCount() == wrong.sum()


def test_facts_of_both_networks_are_shown(window, settle):
    session = window.controller.current
    session.select_point(3)
    settle(window)
    (own, _, (heading, theirs)) = session.triple.facts
    assert heading == "The same image in half"
    for name in ("Prediction when clean", "Prediction when degraded", "Score of the true class"):
        assert dict(theirs)[name] == dict(own[1])[name]


def test_the_table_is_saved_with_the_other_runs_predictions(window, tmp_path, settle):
    window.page().tabs.show_view("Misclassifications")
    settle(window)
    window.commands["save-table"].trigger()
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    dialog.fileSelected.emit(str(tmp_path / "rows.csv"))
    settle(window)
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and all(row["predicted in half"] == row["predicted"] for row in rows)
    assert all(row["predicted_class in half"] == row["predicted_class"] for row in rows)


def test_paired_differences_stand_in_a_table(window, half, settle):
    window.page().tabs.show_view("Metrics")
    page = window.page().metrics
    page.tabs.setCurrentWidget(page.pairs)
    settle(window)
    run = open_run(half)
    titles = [page.pairs.item(y, 0).text() for y in range(page.pairs.rowCount())]
    assert titles[:5] == ["all noise", "clean images", "sigma 5", "sigma 60", "sigma 100"]
    right = 100 * (1 - run.measures.wrong_share[:, 1].mean())
    assert page.pairs.item(3, 1).text() == page.pairs.item(3, 2).text() == f"{right:.1f}"
    assert "McNemar's exact test: p = 1" in page.state.text()
    tip = page.pairs.horizontalHeaderItem(5).toolTip()
    assert "Each further network is decided by itself." in tip
    assert tip.endswith("The mean and the clean images are each decided by themselves, too.")


def test_the_menu_says_why_a_run_cannot_be_compared(open_window, runs):
    window = open_window(runs / "sweep", runs / "jpeg", runs / "rgb", runs / "search")
    compare, (_, jpeg, colours, search) = window.page().compare, window.controller.sessions
    assert compare.choices == {} and search not in compare.refused
    assert compare.refused[jpeg].text() == "jpeg: measured under JPEG compression, not Gaussian noise"
    assert "no sigma in common" in compare.refused[colours].toolTip() and not compare.refused[jpeg].isEnabled()


def test_other_images_are_named(runs):
    run = open_run(runs / "sweep")
    clean = SimpleNamespace(indices=run.clean.indices, images=255 - run.clean.images, row=run.clean.row)
    names = "folder:my/photos", run.info["data"]["name"]
    photos, same = ({"data": {"name": name, "split": "test"}} for name in names)
    assert of_images(run, SimpleNamespace(clean=clean, info=photos)) == "measured on other images, photos (test)"
    of_same = of_images(run, SimpleNamespace(clean=clean, info=same))
    assert of_same == "measured on other images of the same name, mnist-5k (test)"

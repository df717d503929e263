"""What the page of a sweep does when a session, a job or a person does something; a few images in a window."""

import csv

import numpy as np
import pytest
from numpy_runs import brightness, dataset, sweep
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QFileDialog

from tfstab import Classifier, Dataset
from tfstab.gui.sessions.runners_up import RunnersUp


def test_images_from_files_are_listed_with_their_names_and_filtered_by_them(open_window, tmp_path, settle, qtbot):
    data = dataset()
    names = [f"dark/{k:04}.jpg" for k in range(len(data))]
    classes = ("Acer campestre", "Betula pendula", "Quercus x robur")
    data = Dataset.from_arrays("photos", "test", data.images, data.labels, classes, names=names)
    own = Classifier.from_function(brightness, data.image_shape, 3, fingerprint="own", class_names=classes, name="own")
    sweep(tmp_path / "named", data=data, model=own)
    window = open_window(tmp_path / "named")
    page = window.page().points_page
    window.page().tabs.setCurrentWidget(page.parentWidget())
    settle(window)
    titles = [column.title for column in page.model.columns]
    place = titles.index("File")
    assert titles[place - 1] == "Image" and page.model.rowCount() > 0
    for title in ("True", "Predicted", "Runner-up", "Second when clean"):
        column = titles.index(title)
        cell = page.model.index(0, column)
        needed = max(map(page.table.fontMetrics().horizontalAdvance, classes)) + 12
        assert page.table.columnWidth(column) >= max(needed, page.table.sizeHintForIndex(cell).width())
    for row in range(page.model.rowCount()):
        image = int(page.model.index(row, place - 1).data())
        assert page.model.index(row, place).data() == names[image]
    before, session, wanted = page.model.rowCount(), window.controller.current, page.model.index(0, place).data()
    qtbot.keyClicks(page.file, wanted.upper()[3:-4])
    settle(window)
    listed = [page.model.index(row, place).data() for row in range(page.model.rowCount())]
    assert set(listed) == {wanted} == {names[image] for image in session.run.clean.named(wanted)}
    assert 0 < len(listed) < before and page.count.text().endswith(", filtered")
    there = window.page().viewpoint()
    page.file.setText("nowhere")
    settle(window)
    assert page.model.rowCount() == 0
    window.commands["show-all"].trigger()
    settle(window)
    assert page.model.rowCount() == before and not page.file.text()
    window.controller.visit(there)
    settle(window)
    assert page.file.text() == wanted.upper()[3:-4] and page.model.rowCount() == len(listed)
    window.commands["show-all"].trigger()
    settle(window)
    (runners_up,) = window.page().findChildren(RunnersUp)
    runners_up._kept[page.model.key(0)] = 2  # as the model, which is a function here, would have computed it
    window.commands["save-table"].trigger()
    window.findChild(QFileDialog).fileSelected.emit(str(tmp_path / "rows.csv"))
    settle(window)
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        saved = list(csv.DictReader(file))
    for title, column in (("File", "file"), ("Runner-up", "runner_up"), ("Second when clean", "second_when_clean")):
        shown = [page.model.index(row, titles.index(title)).data() for row in range(before)]
        assert [row[column] or "–" for row in saved] == shown, "what the table shows, nothing where it shows a dash"
    assert any(row["runner_up"] for row in saved)


def test_the_current_row_stays_in_its_column(sweep_page, settle):
    page, session = sweep_page.points_page, sweep_page.window().controller.current
    sweep_page.tabs.setCurrentWidget(page.parentWidget())
    settle(sweep_page.window())
    selection = page.table.selectionModel()
    session.select_point(int(page.model.rows[0]))
    assert (page.table.currentIndex().row(), page.table.currentIndex().column()) == (0, 0)
    selection.setCurrentIndex(page.model.index(1, 4), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert session.point == page.model.rows[1]
    session.select_point(int(page.model.rows[2]))
    assert (page.table.currentIndex().row(), page.table.currentIndex().column()) == (2, 4)
    assert [index.row() for index in selection.selectedRows()] == [2]
    session.set_filter(severity_index=1)
    settle(sweep_page.window())
    each, sigma = session.total // len(session.run.severities), session.run.severities[1]
    assert each == np.count_nonzero(session.points.severity_index == 1) > 0
    wrong = page.model.rowCount()
    assert page.count.text() == f"{wrong:,} misclassified of {each:,} degraded images at sigma {sigma:g}"
    session.set_filter(clean_wrong=False)
    settle(sweep_page.window())
    clean = session.run.clean
    right = clean.scores.argmax(1) == clean.class_index
    for class_index in (session.class_index, None):
        session.select_class(class_index)
        settle(sweep_page.window())
        of_class = right if class_index is None else right & (clean.class_index == class_index)
        copies = session.run.copies_done[1] * np.count_nonzero(of_class)
        assert copies > 0 and page.count.text().endswith(
            f" of {copies} degraded images at sigma {sigma:g} that are right when clean"
        )
    session.select_class(int(session.classes[0]))
    settle(sweep_page.window())
    session.set_filter(clean_wrong=True)
    session.set_filter(severity_index=None, low=1.0)
    settle(sweep_page.window())
    assert page.model.rowCount() == 0 and not selection.hasSelection()
    assert page.count.text() == f"0 misclassified of {session.total:,} degraded images, filtered" and session.total > 0


def test_the_copies_of_one_image_are_counted_as_such_and_a_link_leads_to_all_images(sweep_page, settle):
    page, session = sweep_page.points_page, sweep_page.window().controller.current
    sweep_page.tabs.setCurrentWidget(page.parentWidget())
    settle(sweep_page.window())
    points, only = session.points, sweep_page.filters.only
    image = int(points.image[points.predicted != session.class_index][0])
    session.set_filter(image=image)
    settle(sweep_page.window())
    wrong = np.count_nonzero((points.image == image) & (points.predicted != session.class_index))
    assert page.count.text() == f"{wrong} misclassified of the degraded copies of image {image}" and wrong
    assert only.isVisibleTo(sweep_page) and only.text().startswith(f"image {image} only · <a href='all'")
    chosen = session.class_index
    only.linkActivated.emit("all")
    settle(sweep_page.window())
    assert session.filter.image is None and session.class_index == chosen
    assert only.text().startswith(f"class {session.run.class_names[chosen]} only")
    only.linkActivated.emit("all")
    settle(sweep_page.window())
    assert session.class_index is None and not only.isVisibleTo(sweep_page)


def test_metrics_are_computed_when_they_are_looked_at(sweep_page, settle):
    window, metrics = sweep_page.window(), sweep_page.metrics
    session = window.controller.current
    assert metrics.accuracy.curves == [] and metrics.headline.array.rowCount() == 0, "out of view"
    sweep_page.tabs.show_view("Metrics")
    settle(window)
    assert len(metrics.accuracy.curves) == 1 and metrics.classes.array.rowCount() == 3
    for signal in (session.measures_changed, session.compared_changed):
        metrics.accuracy.set_curves([])
        signal.emit()
        settle(window)
        assert len(metrics.accuracy.curves) == 1
    sweep_page.tabs.show_view("Scatter")
    metrics.accuracy.set_curves([])
    session.compared_changed.emit()
    settle(window)
    assert metrics.accuracy.curves == []
    sweep_page.tabs.show_view("Metrics")
    settle(window)
    assert len(metrics.accuracy.curves) == 1


def test_the_hint_of_each_table(sweep_page):
    metrics, told = sweep_page.metrics, []
    metrics.offers_changed.connect(lambda: told.append(1))
    hints = []
    for k in (1, 2, 0):
        metrics.tabs.setCurrentIndex(k)
        hints.append(metrics.state.text()[:13])
    assert hints == ["Rows: true cl", "Click an imag", ""] and len(told) == 3


def test_a_weak_image_and_a_cell_are_asked_for(sweep_page, settle, monkeypatch):
    metrics, asked = sweep_page.metrics, []
    sweep_page.tabs.show_view("Metrics")
    settle(sweep_page.window())
    metrics.rows_asked.connect(lambda *cell: asked.append(cell))
    metrics.image_asked.connect(asked.append)
    metrics.severities.setCurrentIndex(metrics.severities.findData(1))
    settle(sweep_page.window())
    metrics.confusion.chosen.emit(1, 2)
    session = sweep_page.window().controller.current
    assert asked == [(1, 2, 1)] and sweep_page.points_page is sweep_page.view.made
    chosen = session.filter
    assert (session.class_index, chosen.predicted, chosen.severity_index, chosen.clean_wrong) == (1, 2, 1, True)
    assert (chosen.low, chosen.high, chosen.image) == (0, 1, None) and not sweep_page.points_page.correct.isChecked()
    selected, select = [], type(session).select
    monkeypatch.setattr(type(session), "select", lambda self, image: (selected.append(image), select(self, image)))
    weakest = metrics.weakest.array
    for signal in (metrics.weakest.clicked, metrics.weakest.activated):
        signal.emit(weakest.index(1, 0))
        image = int(weakest.index(1, 0).data())
        assert asked[-1] == selected.pop() == image and sweep_page.gallery is sweep_page.view.made
    metrics.clean_correct.setChecked(True)
    metrics.confusion.chosen.emit(1, 1)
    settle(sweep_page.window())
    assert sweep_page.points_page.correct.isChecked() and not session.filter.clean_wrong


def test_runners_up_are_asked_for_again_once_the_model_is_located(sweep_page):
    page, told = sweep_page.points_page, []
    (runners_up,) = sweep_page.findChildren(RunnersUp)
    runners_up.arrived.connect(lambda: told.append(page.model.rowCount()))
    sweep_page.window().controller.scorer.located.emit()
    assert len(told) == 1


def test_classes_follow_each_other(sweep_page, settle):
    window = sweep_page.window()
    session, seen = window.controller.current, []
    offers = sweep_page.offers()
    for _ in range(4):
        offers["next-class"]()
        seen.append(session.class_index)
    offers["previous-class"]()
    assert seen == [1, 2, None, 0] and session.class_index is None
    settle(window)
    assert (
        not sweep_page.triple.isVisible() and sweep_page.scatter_page.nearest.text() == "Click a class to enlarge it."
    )
    sweep_page.tabs.setCurrentIndex(3)
    assert not sweep_page.filters.isVisible() and "next-class" not in sweep_page.offers()


def test_what_a_point_is_and_which_are_ringed(sweep_page, settle):
    page, session = sweep_page.scatter_page, sweep_page.window().controller.current
    page.scatter.hovered.emit(2)
    assert page.nearest.text() == session.describe(2)
    page.scatter.hovered.emit(None)
    assert page.nearest.text().startswith("Point at a degraded image")
    page.offers()["lasso"].do()
    assert page.nearest.text().startswith("Draw around points")
    page.offers()["move"].do()
    page.scatter.clicked.emit(1)
    assert session.point == 1
    settle(sweep_page.window())
    assert sweep_page.triple.isVisible() and sweep_page.triple.maximumHeight() > 10_000
    outline = np.array([(-100.0, -1.0), (100.0, -1.0), (100.0, 2.0), (-100.0, 2.0)])
    page.scatter.picked.emit(outline)
    settle(sweep_page.window())
    assert sweep_page.points_page is sweep_page.view.made and sweep_page.points_page.picked.isVisible()
    assert np.array_equal(session.view.asked.picked, outline)
    sweep_page.points_page.picked.click()
    settle(sweep_page.window())
    assert session.view.asked.picked is None and not sweep_page.points_page.picked.isVisible()


def test_marks_and_runs_beside_are_seen_in_the_table(open_window, made, settle):
    window = open_window(made / "sweep", made / "other")
    window.controller.select(window.controller.sessions[0])
    page, session = window.page(), window.controller.current
    page.tabs.setCurrentWidget(page.points_page.parentWidget())
    settle(window)
    changed, table = [], page.points_page
    table.model.dataChanged.connect(lambda first, last, *_: changed.append((first.row(), last.row(), last.column())))
    count = table.model.rowCount()
    session.marks.toggle([table.model.key(0)])
    assert changed == [(0, count - 1, 12)]
    session.marks.toggle([table.model.key(0)])
    (choice,) = page.compare.choices.values()
    choice.trigger()
    settle(window)
    assert page.compare.text() == "Compared with other"
    assert [c.title for c in table.model.columns][5] == "Predicted in other"
    assert table.table.columnWidth(5) >= table.table.horizontalHeader().sectionSizeHint(5)
    shown = [table.model.index(row, 5).data() for row in range(count)]
    assert shown == [table.model.index(row, 4).data() for row in range(count)]
    beside = page.scatter_page.beside
    (plot,) = beside.plots
    page.scatter.setXRange(3, 4, padding=0)
    assert plot.viewRange() == page.scatter.viewRange()
    plot.setXRange(10, 12, padding=0)
    assert page.scatter.viewRange()[0] == pytest.approx([10, 12])
    named = []
    beside.named.connect(named.append)
    plot.hovered.emit(0)
    assert "PSNR" in named[-1] and page.scatter_page.nearest.text() == named[-1]
    plot.hovered.emit(None)
    assert named[-1] == "" and page.scatter_page.nearest.text().startswith("Point at")
    other = window.controller.sessions[1]
    plot.clicked.emit(1)
    settle(window)
    assert window.controller.current is other and other.points.key(other.point) == other.points.key(1)
    window.controller.close(other)
    assert beside.plots == [] and page.compare.text() == "Compare with…" and page.compare.choices == {}

"""A sweep's other views: all classes at once, filters, gallery, metrics."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tfstab import open_run
from tfstab.gui.content.points import read_points


@pytest.fixture
def run(runs):
    return open_run(runs / "sweep")


@pytest.fixture
def window(open_window, runs):
    return open_window(runs / "sweep")


def click_item(qtbot, view, row):
    index = view.model().index(row, 0)
    view.scrollTo(index)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


def test_all_classes_at_once_and_a_click_enlarges_one(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    page.filters.classes.setCurrentIndex(page.filters.classes.findText("all classes"))
    settle(window)
    view = page.scatter_page.multiples
    assert view.isVisible() and view.model().rowCount() == 10
    total = run.samples(columns=["image"]).num_rows
    assert page.filters.count.text() == f"{total:,} of {total:,} shown"
    for k, grid in session.grids.grids.items():
        assert sum(int(c.sum()) for c in grid.counts.values()) == grid.shown == len(read_points(run, k))
        wrong = grid.shown - run.class_metrics().confusion[k, k]
        assert grid.wrong == wrong and f"{100 * wrong / grid.shown:.1f} % wrong" in view.model().index(k).data()
    page.filters.severities.setCurrentIndex(1)
    settle(window)
    assert session.said == f"{total // 3:,} of {total:,} shown"
    click_item(qtbot, view, 4)
    settle(window)
    assert session.class_index == 4 and page.scatter.isVisible() and set(session.points.actual) == {4}
    assert page.filters.classes.currentText() == "4"


def test_filters_narrow_points_and_rows(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    weak = int(run.measures.weakest_classes()[0])
    session.select_class(weak)
    settle(window)
    points = session.points
    predicted = int(np.bincount(points.predicted[points.predicted != weak]).argmax())
    page.filters.predicted.setCurrentIndex(page.filters.predicted.findData(predicted))
    page.filters.low.setValue(0.4)
    settle(window)
    expected = np.flatnonzero((points.predicted == predicted) & (points.score >= np.float32(0.4)))
    assert np.array_equal(session.shown, expected) and len(expected) > 0
    assert len(session.view.rows) == len(expected)
    image = int(points.image[expected[0]])
    qtbot.keyClicks(page.filters.image, str(image))
    qtbot.keyClick(page.filters.image, Qt.Key.Key_Return)
    settle(window)
    assert set(points.image[session.shown]) == {image}
    qtbot.mouseClick(page.filters.clear, Qt.MouseButton.LeftButton)
    settle(window)
    assert len(session.shown) == len(points) and page.filters.image.text() == ""
    assert page.filters.predicted.currentText() == "all" and not page.filters.clear.isEnabled()


def test_the_gallery_sorts_and_filters(window, run, qtbot, settle):
    page, m = window.page().gallery, run.measures
    window.page().tabs.setCurrentWidget(page.parentWidget())
    settle(window)
    assert page.model.rowCount() == len(m) and page.count.text() == f"{len(m)} of {len(m)} shown"
    share = m.wrong_share.mean(axis=1)
    page.sorting.setCurrentIndex(page.sorting.findText("share misclassified"))
    assert page.descending.isChecked()
    assert np.allclose(share[page.model.places], np.sort(share)[::-1])
    page.sorting.setCurrentIndex(page.sorting.findText("first failing sigma"))
    assert not page.descending.isChecked()
    assert np.array_equal(m.failing_severity()[page.model.places], np.sort(m.failing_severity()))
    page.sorting.setCurrentIndex(page.sorting.findText("first failing PSNR"))
    assert np.array_equal(m.failing_psnr[page.model.places], np.sort(m.failing_psnr)[::-1])
    page.only.setCurrentIndex(page.only.findText("misclassified when clean"))
    assert page.model.places.tolist() == np.flatnonzero(~m.clean_correct).tolist()
    page.only.setCurrentIndex(0)
    page.sorting.setCurrentIndex(page.sorting.findText("score when clean"))
    highest = run.clean.scores.max(axis=1)[[run.clean.row(image) for image in m.images.tolist()]]
    assert page.descending.isChecked() and np.array_equal(highest[page.model.places], np.sort(highest)[::-1])
    page.showing.setCurrentIndex(page.showing.findText("clean"))
    assert np.array_equal(run.clean.scores.max(axis=1)[page.model.places], np.sort(run.clean.scores.max(axis=1))[::-1])
    page.only.setCurrentIndex(0)
    page.classes.setCurrentIndex(page.classes.findData(7))
    assert set(m.labels[page.model.places]) == {7}


def test_a_click_in_the_gallery_shows_where_the_image_fails(window, run, qtbot, settle):
    page, session, m = window.page(), window.controller.current, run.measures
    page.tabs.setCurrentWidget(page.gallery.parentWidget())
    settle(window)
    failing = np.isfinite(m.failing_severity())
    row = int(np.flatnonzero(failing & m.clean_correct & (m.labels != session.class_index))[0])
    click_item(qtbot, page.gallery.list, row)
    settle(window)
    image = int(m.images[row])
    key = session.points.key(session.point)
    assert key[0] == image and run.severities[key[1]] == m.failing_severity()[row]
    assert run.sample(*key)["predicted"] != m.labels[row]
    assert np.array_equal(page.triple.triple.degraded, run.degraded_image(*key))
    assert page.gallery.list.currentIndex().row() == row


def test_bars_show_the_scores_that_are_known(window, run, qtbot, settle):
    session = window.controller.current
    place = int(np.flatnonzero(session.points.predicted != session.points.actual)[0])
    session.select_point(place)
    bars = {bar.name: bar for bar in window.facts.scores.bars}
    sample = run.sample(*session.points.key(place))
    clean = run.clean.scores[run.clean.row(sample["image"])]
    assert len(bars) == 5 and window.facts.scores.isVisible()
    actual, predicted = sample["class_index"], sample["predicted"]
    assert bars[str(actual)].degraded == pytest.approx(sample["true_score"]) and bars[str(actual)].actual
    assert bars[str(predicted)].degraded == pytest.approx(sample["score"]) and bars[str(predicted)].predicted
    assert bars[str(actual)].clean == pytest.approx(clean[actual])
    assert sum(bar.degraded is None for bar in bars.values()) == 3
    assert f"{sample['score'] - sample['true_score']:+.3g}" in window.facts.label.text()


def metrics_of(window, settle):
    page = window.page()
    page.tabs.show_view("Metrics")
    settle(window)
    return page.metrics


def texts(model):
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def test_metrics_are_those_of_the_run(window, run, settle):
    page, m = metrics_of(window, settle), run.measures
    (line,) = texts(page.headline.array)
    assert line[0] == "sweep" and line[2] == f"{100 * m.clean_accuracy:.2f}"
    assert line[4].startswith(f"{m.severity50:.3g} (")
    assert line[5].startswith(f"{m.area:.3f} (")
    for severity_index, right in ((None, False), (1, False), (2, True)):
        page.severities.setCurrentIndex(page.severities.findData(severity_index))
        page.clean_correct.setChecked(right)
        settle(window)
        metrics = run.class_metrics(None if severity_index is None else run.severities[severity_index], right)
        rows = texts(page.classes.array)
        recall = [f"{v:.1f} (" if np.isfinite(v) else "–" for v in 100 * metrics.recall]
        assert all(row[3].startswith(text) for row, text in zip(rows, recall, strict=True))
        assert np.array_equal(page.confusion.views[0].matrix.counts, metrics.confusion)
    assert page.weakest.array.rows.tolist() == m.weakest_images(True).tolist()


def test_a_cell_of_the_confusion_lists_its_rows(window, run, qtbot, settle):
    page = metrics_of(window, settle)
    page.severities.setCurrentIndex(page.severities.findData(2))
    page.tabs.setCurrentWidget(page.confusion)
    settle(window)
    matrix = page.confusion.views[0].matrix
    wrong = matrix.counts * ~np.eye(10, dtype=bool)
    actual, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    index = matrix.index(matrix.rows.index(actual), matrix.columns.index(predicted))
    spot = page.confusion.views[0].visualRect(index).center()
    qtbot.mouseClick(page.confusion.views[0].viewport(), Qt.MouseButton.LeftButton, pos=spot)
    settle(window)
    whole, session = window.page(), window.controller.current
    assert whole.points_page is whole.view.made
    rows = session.view.rows
    assert len(rows) == wrong.max() and set(session.points.predicted[rows]) == {predicted}
    assert set(session.points.severity_index[rows]) == {2} and set(session.points.actual[rows]) == {actual}
    table = whole.points_page.table
    assert session.point == rows[0] and table.currentIndex().row() == 0 and table.verticalScrollBar().value() == 0


def test_images_stay_fitted_or_zoomed_while_metrics_are_looked_at(window, qtbot, settle):
    page, session = window.page(), window.controller.current
    session.select_point(0)
    settle(window)

    def look_away():
        for view in (page.metrics, page.scatter_page):
            page.tabs.setCurrentWidget(view.parentWidget())
            settle(window)
        return [pane.view.viewRect() for pane in page.triple.panes]

    side = page.triple.triple.clean.shape[0]
    assert all(min(r.width(), r.height()) == pytest.approx(side * 1.04, rel=0.02) for r in look_away())
    page.triple.noise.graphics.setFocus()
    qtbot.keyClick(page.triple.noise.graphics, Qt.Key.Key_Plus)
    assert all(min(r.width(), r.height()) == pytest.approx(side * 1.04 * 0.8, rel=0.02) for r in look_away())


def test_a_weak_image_is_shown(window, run, qtbot, settle):
    page = metrics_of(window, settle)
    page.tabs.setCurrentWidget(page.weakest)
    click_item(qtbot, page.weakest, 1)
    settle(window)
    image = int(run.measures.images[run.measures.weakest_images(False)[1]])
    assert window.controller.current.triple.title.startswith(f"Image {image},")
    assert window.page().gallery is window.page().view.made


def test_a_list_without_rows_says_what_to_do(window, settle):
    page, session = window.page(), window.controller.current
    page.tabs.show_view("Misclassifications")
    settle(window)
    assert not page.points_page.empty.isVisible()
    session.set_filter(low=1.0)
    settle(window)
    assert len(session.view.rows) == 0 and page.points_page.empty.isVisible()
    assert "Show all" in page.points_page.empty.text()
    window.commands["show-all"].trigger()
    settle(window)
    assert not page.points_page.empty.isVisible()
    every, opened = len(session.view.rows), session.class_index
    for box, restrict in (
        (page.points_page.marked.isChecked, page.points_page.marked.click),
        (page.points_page.tags.currentData, lambda: page.points_page.tags.chosen.emit("blurred")),
    ):
        restrict()
        settle(window)
        assert box() and len(session.view.rows) == 0 and window.commands["show-all"].isEnabled()
        window.commands["show-all"].trigger()
        settle(window)
        assert not box() and len(session.view.rows) == every and session.class_index == opened
    window.commands["show-all"].trigger()
    settle(window)
    assert session.class_index is None and not window.commands["show-all"].isEnabled()


def test_a_clean_image_that_is_misclassified_says_so_whatever_is_shown_beside_it(window, qtbot, settle):
    window.page().tabs.show_view("Gallery")
    settle(window)
    page, run = window.page().gallery, window.controller.current.run
    wrong = [int(image) for image in run.measures.images[~run.measures.clean_correct]]
    assert wrong and page.only.currentText() == "all" and page.showing.currentText() == "clean"

    def captions():
        return {image: page.model.index(page.model.row_of(image)).data().splitlines() for image in wrong}

    shown = captions()
    for image in wrong:
        row = run.clean.row(image)
        scores, names = np.asarray(run.clean.scores[row]), run.class_names
        taken = f"{names[run.clean.class_index[row]]} → {names[scores.argmax()]}"
        assert shown[image] == [taken, f"score {scores.max():.3f}"]
    right = next(int(image) for image in run.measures.images if image not in wrong)
    assert page.model.index(page.model.row_of(right)).data().endswith(" % wrong")
    page.only.setFocus()
    page.only.setCurrentIndex(page.only.findText("misclassified when clean") - 1)
    qtbot.keyClick(page.only, Qt.Key.Key_Down)
    assert captions() == shown
    page.only.setCurrentIndex(0)
    page.showing.setFocus()
    qtbot.keyClick(page.showing, Qt.Key.Key_Down)  # degraded
    assert all(caption[-1].endswith(" % wrong") for caption in captions().values())

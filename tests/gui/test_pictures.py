"""Pictures in the tables, runners-up, groups of rows, and degraded images in the gallery."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt

from tfstab import open_run
from tfstab.gui.background import Background
from tfstab.gui.content.runner_up import UNKNOWN, certain_runner_up, runner_up, second_when_clean
from tfstab.gui.jobs.protocol import Failed
from tfstab.gui.sessions import lazy_pictures, runners_up
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.widgets.thumbnails import PICTURES


@pytest.fixture
def run(runs):
    return open_run(runs / "sweep")


@pytest.fixture
def window(open_window, runs, settle):
    """The table of all classes."""
    window = open_window(runs / "search", runs / "sweep", first=1, view="Misclassifications")
    window.controller.current.select_class(None)
    settle(window)
    return window


def pictures_of(model, row):
    place = next(n for n, column in enumerate(model.columns) if column.name == "pictures")
    return model.index(row, place).data(PICTURES)


def rounded(image):
    return np.rint(image).clip(0, 255)


def test_rows_in_view_have_both_images_and_no_others_are_made(window, run, qtbot):
    page = window.page().points_page
    last = page.table.rowAt(page.table.viewport().height() - 1)
    qtbot.waitUntil(lambda: all(pictures_of(page.model, row)[1] is not None for row in range(last + 1)))
    for row in (0, last):
        key = page.model.key(row)
        (_, clean), (_, degraded) = pictures_of(page.model, row)
        assert np.array_equal(clean, run.clean.images[run.clean.row(key[0])])
        assert np.array_equal(degraded, rounded(run.degraded_image(*key)))
    assert page.model.rowCount() > last + 50 and pictures_of(page.model, last + 40)[1] is None
    page.table.selectRow(1)
    page.table.setFocus()
    copied = page.table.text([0]).splitlines()[0].split("\t")
    assert copied[:3] == ["★", "Image", "True"], "pictures are not text"


def test_results_of_a_search_have_both_images(window, runs, qtbot, settle):
    window.controller.select(window.controller.sessions[0])
    page = window.page()
    page.tabs.setCurrentWidget(page.results.parentWidget())
    settle(window)
    found = next(n for n, entry in enumerate(window.controller.current.entries) if entry.found and entry.size > 0)
    qtbot.waitUntil(lambda: pictures_of(page.results.model, found)[1] is not None)
    result = open_run(runs / "search").result(window.controller.current.entries[found].image)
    (_, clean), (_, degraded) = pictures_of(page.results.model, found)
    assert np.array_equal(clean, result.clean) and np.array_equal(degraded, rounded(result.degraded))


def test_the_latest_wanted_are_made_first_and_few_are_kept(qapp, qtbot, monkeypatch):
    monkeypatch.setattr(lazy_pictures, "AT_ONCE", 2)
    monkeypatch.setattr(lazy_pictures, "MOST_WANTED", 3)
    monkeypatch.setattr(lazy_pictures, "ROOM", 3 * 16)
    background, made, arrived = Background(), [], []

    def make(key):
        made.append(key)
        return np.full((4, 4, 1), key + 0.6, np.float32)

    pictures = LazyPictures(background, make)
    pictures.arrived.connect(lambda: arrived.append(len(made)))
    assert [pictures.get(key) for key in range(5)] == [None] * 5
    qtbot.waitUntil(lambda: len(made) == 3 and not background.busy)
    assert made == [4, 3, 2] and arrived[-1] == 3 and (pictures.get(4) == 5).all()
    pictures.get(7)
    qtbot.waitUntil(lambda: len(made) == 4 and not background.busy)
    assert pictures.get(4) is not None and pictures.get(3) is None, "3 was unused for longest"
    background.stop()


def test_runners_up_by_hand():
    assert runner_up(np.array([[0.1, 0.6, 0.3], [0.5, 0.5, 0.0]])).tolist() == [2, 1]
    assert runner_up(np.array([[1.0]])).tolist() == [UNKNOWN]
    assert certain_runner_up(3, 1, 0.5, 0.3, 4) == 3  # only 0.2 are left for all others
    assert certain_runner_up(3, 1, 0.5, 0.2, 4) == UNKNOWN and certain_runner_up(1, 1, 0.9, 0.9, 4) == UNKNOWN
    assert certain_runner_up(1, 1, 0.9, 0.9, 2) == 0 and certain_runner_up(1, 0, 0.9, 0.1, 2) == 1


def test_who_came_second_when_clean(run):
    images = run.clean.indices[[3, 0, 3]]
    expected = [np.argsort(run.clean.scores[row])[-2] for row in (3, 0, 3)]
    assert second_when_clean(run.clean, images).tolist() == expected


def test_runners_up_of_rows_in_view_are_asked_for_together(window, run, qtbot, settle, monkeypatch):
    monkeypatch.setattr(runners_up, "PATIENCE", 0)
    session, asked = window.controller.current, []

    def ask(model, question, arguments, on_part, on_failed, owner):
        asked.append(arguments["images"])
        scores = np.zeros((len(arguments["images"]), 10))
        scores[:, 4], scores[:, 7] = 0.9, 0.1
        on_part("scores", {"scores": scores})

    scorer = SimpleNamespace(lacks=lambda model: "", has_failed=lambda model: False, ask=ask)
    second, keys = RunnersUp(session, scorer), [session.points.key(place) for place in (5, 9)]
    assert [second.get(key) for key in keys] == [UNKNOWN] * 2
    with qtbot.waitSignal(second.arrived):
        pass
    assert [second.get(key) for key in keys] == [7, 7]
    (images,) = asked
    assert np.array_equal(images, np.stack([run.degraded_image(*key) for key in keys]))
    # What is forgotten because there are many is asked for again when it is in view again.
    monkeypatch.setattr(runners_up, "MOST_KEPT", 1)
    monkeypatch.setattr(runners_up, "MOST_ASKED", 1)
    others = [session.points.key(place) for place in (7, 11)]
    for key in (*others, others[0]):
        second.get(key)
        if key != others[0] or len(asked) > 1:
            with qtbot.waitSignal(second.arrived):
                pass
    assert len(asked) == 3 and second.get(others[0]) == 7


def test_a_runner_up_that_is_not_known_says_why(window, qtbot):
    scorer, model = window.controller.scorer, window.page().points_page.model
    column = next(n for n, column in enumerate(model.columns) if column.name == "runner-up")

    def unknown():
        cells = [model.index(row, column) for row in range(10)]
        told = {(cell.data(), cell.data(Qt.ItemDataRole.ToolTipRole)) for cell in cells}
        return {(sign, why) for sign, why in told if why}

    ((sign, why),) = unknown()
    assert sign == "…" and "some seconds to load" in why

    def asked():
        return [order for order in scorer.process.orders if getattr(order, "question", "") == "scores"]

    qtbot.waitUntil(lambda: bool(asked()))
    scorer.process.message.emit(Failed("It cannot score.", "", ticket=asked()[-1].ticket))
    assert unknown() == {("–", "Sweeps do not record the runner-up. It cannot score.")}


def choose(qtbot, box, text):
    box.setFocus()
    box.setCurrentIndex(box.findText(text))


def picture_in(gallery, row, size):
    """The middle pixel that the gallery paints for a row."""
    icon = gallery.model.index(row).data(Qt.ItemDataRole.DecorationRole)
    return None if icon.isNull() else icon.pixmap(QSize(size, size), 1.0).toImage()


def test_the_gallery_shows_degraded_images_and_selects_the_copy_that_it_shows(window, run, qtbot, settle):
    page, session = window.page(), window.controller.current
    gallery = page.gallery
    page.tabs.setCurrentWidget(gallery.parentWidget())
    settle(window)
    choose(qtbot, gallery.showing, f"degraded, sigma {run.severities[1]:g}")
    qtbot.waitUntil(lambda: picture_in(gallery, 2, 56) is not None)
    image = int(gallery.model.gallery.image[gallery.model.places[2]])
    copies = run.samples(image=image, severity=run.severities[1]).to_pandas()
    wrong = copies[copies.predicted != copies.class_index]
    copy = int((wrong if len(wrong) else copies).sort_values("true_score")["copy"].iloc[0])
    degraded = rounded(run.degraded_image(image, 1, copy))
    shown = picture_in(gallery, 2, 56)
    assert shown.pixelColor(shown.width() // 2 + 1, shown.height() // 2 + 1).red() == degraded[14, 14, 0]
    settle(window)
    spot = gallery.list.visualRect(gallery.model.index(2)).center()
    qtbot.mouseClick(gallery.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    settle(window)
    assert session.mark_key == (image, 1, copy)
    choose(qtbot, gallery.showing, "degraded, first failure")
    qtbot.waitUntil(lambda: picture_in(gallery, 2, 56) is not None)
    settle(window)
    qtbot.mouseClick(gallery.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    session.select(image)
    first = session.mark_key
    assert page._copies[image, None] == first


def test_images_of_the_gallery_grow_with_the_slider(window, qtbot, settle):
    page = window.page().gallery
    window.page().tabs.setCurrentWidget(page.parentWidget())
    settle(window)
    before = page.list.gridSize()
    page.side.setFocus()
    qtbot.keyClick(page.side, Qt.Key.Key_End)
    after = page.list.gridSize()
    assert page.side.value() == 200 and after.height() == before.height() + 200 - 56 and after.width() >= 244
    image = picture_in(page, 0, 200)
    assert max(image.width(), image.height()) == 200


# --- groups of rows ---


def texts(model, row):
    return [model.index(row, column).data() for column in (0, 1, 3)]


def titles(model):
    return [row for row in range(model.rowCount()) if model.group_at(row) is not None]


def click(qtbot, table, row):
    table.scrollTo(table.model().index(row, 3))
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(row, 3)).center()
    )


def test_rows_are_grouped_by_true_and_predicted_class(window, run, qtbot, settle, tmp_path):
    page, session = window.page().points_page, window.controller.current
    choose(qtbot, page.groups, "true and predicted class")
    settle(window)
    confusion = run.class_metrics().confusion * ~np.eye(10, dtype=bool)
    expected = sorted(confusion[confusion > 0].tolist(), reverse=True)
    assert [texts(page.model, row)[1] for row in range(page.model.rowCount())] == [f"{n:,}" for n in expected]
    whole = f"{run.samples().num_rows:,} degraded images"
    assert page.count.text() == f"{sum(expected):,} misclassified of {whole} in {len(expected)} groups"
    arrow, count, title = texts(page.model, 1)
    actual, predicted = (int(name) for name in title.split(" → "))
    assert arrow == "▸" and int(count) == confusion[actual, predicted]
    click(qtbot, page.table, 1)
    inside = [page.model.key(row) for row in range(2, 2 + int(count))]
    assert page.model.rowCount() == len(expected) + int(count) and texts(page.model, 1)[0] == "▾"
    assert {page.model.index(2 + n, 3).data() for n in range(int(count))} == {str(actual)}
    assert {page.model.index(2 + n, 4).data() for n in range(int(count))} == {str(predicted)}
    assert inside == sorted(inside), "they keep their order"
    click(qtbot, page.table, 3)
    assert session.mark_key == inside[1]
    qtbot.keyClick(window, Qt.Key.Key_M)
    page.table.setFocus()
    page.table.selectAll()
    assert sum(1 for _ in page.table.selected_keys()) == int(count), "titles are no points"
    page.table.setCurrentIndex(page.model.index(1, 0))
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert page.model.rowCount() == len(expected) and session.mark_key == inside[1]


def test_the_group_of_the_selected_point_is_opened(window, run, qtbot, settle):
    page, session = window.page().points_page, window.controller.current
    choose(qtbot, page.groups, "sigma")
    settle(window)
    names = [texts(page.model, row)[2] for row in titles(page.model)]
    wrong = run.measures.total.sum(axis=0) - np.einsum("cskk->s", run.confusion)
    assert names == [f"Sigma {run.severities[s]:g}" for s in run.config.mildest_first if wrong[s]]
    key = session.points.key(int(session.view.rows[-1]))
    session.select(key)
    row = page.table.currentIndex().row()
    assert page.model.key(row) == key and row == page.model.rowCount() - 1
    assert len(titles(page.model)) == len(names) and texts(page.model, row - 1)[0] != "▸"
    session.select(session.points.key(int(session.view.rows[0])))
    assert page.table.currentIndex().row() == 1
    qtbot.mouseClick(page.fold, Qt.MouseButton.LeftButton)
    assert page.model.rowCount() == len(names) and page.fold.text() == "Open all"
    qtbot.mouseClick(page.fold, Qt.MouseButton.LeftButton)
    assert page.model.rowCount() == len(names) + len(session.view.rows)
    page.groups.setCurrentIndex(0)
    settle(window)
    assert page.model.rowCount() == len(session.view.rows) and not page.model.grouped and page.fold.isHidden()


def test_groups_by_image_stay_open_while_rows_are_sorted(window, run, qtbot, settle):
    page, session = window.page().points_page, window.controller.current
    choose(qtbot, page.groups, "image")
    settle(window)
    counts = np.bincount(session.points.image[session.view.rows])
    assert int(texts(page.model, 0)[1].replace(",", "")) == counts.max()
    image = int(counts.argmax())
    assert (
        texts(page.model, 0)[2]
        == f"{run.clean.title(image)}: {run.class_names[run.clean.class_index[run.clean.row(image)]]}"
    )
    ((_, clean),) = pictures_of(page.model, 0)
    assert np.array_equal(clean, run.clean.images[run.clean.row(image)])
    click(qtbot, page.table, 0)
    session.sort("score", True)
    settle(window)
    inside = page.model.rows[1 : 1 + counts.max()]
    assert (np.diff(session.points.score[inside]) <= 0).all() and set(session.points.image[inside]) == {image}
    title = page.table.visualRect(page.model.index(0, 3))
    picture = page.table.viewport().grab().toImage()
    button = page.table.palette().button().color().getRgb()[:3]
    assert picture.pixelColor(title.right() + 3, title.top() + 2).getRgb()[:3] == button

"""What single widgets show and tell, against values worked out by hand; each without a window."""

import csv
import math
from types import SimpleNamespace

import numpy as np
import pyqtgraph as pg
import pytest
from doubles import AtOnce, Held
from numpy_runs import NAMES, search, sweep
from PySide6.QtCore import QEvent, QItemSelectionModel, QPersistentModelIndex, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QHelpEvent, QImage, QKeyEvent, QPalette
from PySide6.QtWidgets import QListView, QMenu

from tfstab.gui import exporting, figures
from tfstab.gui.background import at_once
from tfstab.gui.commands import MENUS, TOOLBAR, all_commands
from tfstab.gui.content import colours
from tfstab.gui.content.comparison import Compared, Confusion, Curve, class_rows, headline
from tfstab.gui.content.points import CLEAN_WRONG, CORRECT, WRONG, Cloud, read_points
from tfstab.gui.content.triple import ScoreBar, triple_of_search
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.class_grids import Grid
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import _COLOURS, DARK, LIGHT, SYSTEM, _palette, apply_theme
from tfstab.gui.widgets import palette as palette_module
from tfstab.gui.widgets import score_bars, theme, tips, view_keys
from tfstab.gui.widgets.array_model import ArrayModel, Column, decimals, named, whole
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.colour_scale import ColourScale
from tfstab.gui.widgets.facts_panel import NOTHING, FactsPanel, as_html
from tfstab.gui.widgets.image_pane import ImagePane
from tfstab.gui.widgets.noise_controls import NoiseControls
from tfstab.gui.widgets.pick_box import PickBox, Tool
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.search.history_plot import HistoryPlot, make_plots
from tfstab.gui.widgets.search.image_strip import EntriesModel, ImageStrip
from tfstab.gui.widgets.search.live_list import LiveList, LiveModel
from tfstab.gui.widgets.search.replay_bar import ReplayBar, described
from tfstab.gui.widgets.search.results_table import columns_elsewhere, result_columns
from tfstab.gui.widgets.sweep.accuracy_plot import AccuracyPlot
from tfstab.gui.widgets.sweep.class_multiples import _share, grid_image
from tfstab.gui.widgets.sweep.confusion_view import Confusions, ConfusionView, percent
from tfstab.gui.widgets.sweep.density_item import DensityItem
from tfstab.gui.widgets.sweep.metrics_tables import class_columns, headline_columns, weakest_columns
from tfstab.gui.widgets.sweep.points_model import PointsModel
from tfstab.gui.widgets.sweep.scatter_plot import ScatterPlot
from tfstab.gui.widgets.thumbnails import thumbnail
from tfstab.gui.widgets.triple_panel import TriplePanel

Role = Qt.ItemDataRole


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("widgets") / "sweep")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("widgets") / "search", queries=150)


def key_press(key, modifiers=Qt.KeyboardModifier.NoModifier, kind=QEvent.Type.KeyPress):
    return QKeyEvent(kind, key, modifiers)


# --- tables ---


def test_a_right_click_on_a_columns_title_offers_to_explain_its_term(qtbot):
    model = ArrayModel()
    terms = ("sigma", "", "PSNR")
    model.set_columns([Column(term, "title", np.zeros(1), whole, term=term) for term in terms])
    table = ArrayTable(model, "Results")
    qtbot.addWidget(table)
    table.resize(600, 200)
    table.show()
    header, offered = table.horizontalHeader(), []
    for place in (*(header.sectionViewportPosition(column) + 4 for column in range(3)), 599):
        header.customContextMenuRequested.emit(QPoint(place, 4))
        offered.append([action.text() for menu in table.findChildren(QMenu) for action in menu.actions()])
        for menu in table.findChildren(QMenu):
            menu.close()
        qtbot.waitUntil(lambda: not table.findChildren(QMenu))  # they delete themselves
    assert header.length() < 599 and offered == [["Explain “sigma”"], [], ["Explain “PSNR”"], []]


def test_a_table_over_arrays(qapp):
    model = ArrayModel()
    assert (model.rowCount(), model.columnCount()) == (0, 0)
    model.set_columns(
        [
            Column("a", "A", np.array([1.5, np.nan, 3.0]), decimals(1), tip="what it is"),
            Column("b", "B", np.array([0, -1, 1]), named(("x", "y")), right=False),
        ]
    )
    shown = [[model.index(r, c).data() for c in range(2)] for r in range(3)]
    assert shown == [["1.5", "x"], ["–", "–"], ["3.0", "y"]] and whole(7.0) == "7"
    right, left = (int(model.index(0, c).data(Role.TextAlignmentRole)) for c in range(2))
    assert right & int(Qt.AlignmentFlag.AlignRight) and left & int(Qt.AlignmentFlag.AlignLeft)
    assert model.index(0, 0).data(Role.ToolTipRole) is None
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    assert (model.headerData(1, across), model.headerData(1, down), model.headerData(0, down, Role.ToolTipRole)) == (
        "B", "2", None,
    )  # fmt: skip
    assert model.headerData(0, across, Role.ToolTipRole) == "what it is"
    assert model.headerData(1, across, Role.ToolTipRole) is None
    assert model.headerData(999, down) == "1,000"
    kept = model.index(2, 0)
    stays = QPersistentModelIndex(kept)
    model.set_rows(np.array([2, 0, 1]))
    assert stays.row() == 0 and model.index(0, 0).data() == "3.0"
    model.set_rows(np.array([2]))
    assert model.rowCount() == 1 and not stays.isValid()
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0
    asked = []
    model.sort_asked.connect(lambda name, down: asked.append((name, down)))
    model.sort(1, Qt.SortOrder.DescendingOrder)
    model.sort(0)
    model.sort(-1)
    model.sort(2)
    assert asked == [("b", True), ("a", False), (None, False), (None, False)]


def test_the_columns_of_a_searchs_results(qapp, searched, tmp_path):
    session = SearchSession(searched, AtOnce())
    entries = session.entries
    lost = SimpleNamespace(**{**vars(entries[0]), "found": False, "outcome": "not found"})
    columns = {c.name: c for c in result_columns([entries[1], lost], NAMES)}
    result = searched.result(1)
    said = {name: [c.show(v) for v in c.values] for name, c in columns.items()}
    assert said == {
        "image": ["1", "0"], "true": ["dog", "cat"], "predicted": [NAMES[result.predicted], "–"],
        "runner-up": ["dog", "cat"], "second": ["cat", "dog"],
        "l2": [f"{result.l2:.2f}", "–"], "l2_255": [f"{result.l2 / 255:.4f}", "–"],
        "l2_uint8": [f"{result.l2_uint8:.2f}", "–"], "linf": [f"{np.abs(result.noise).max():.2f}", "–"],
        "psnr": [f"{20 * math.log10(255 * 4 / result.l2):.2f}", "–"], "score": [f"{result.scores.max():.4f}", "–"],
        "margin": [f"{result.margin:.3g}", "–"], "queries": ["251", "251"], "stop": ["query limit reached"] * 2,
    }  # fmt: skip
    l2, predicted = columns_elsewhere(entries, session, "search")
    assert l2.title == "L2 in search" and l2.values.tolist() == [e.l2 for e in entries]
    assert predicted.values.tolist() == [e.predicted for e in entries]
    other = SimpleNamespace(entries=[lost], path="p", run=searched)
    l2, predicted = columns_elsewhere([lost, entries[3]], other, "n")
    assert np.isnan(l2.values).all() and predicted.values.tolist() == [-1, -1]


def test_the_strip_and_its_entries(qapp, searched):
    session = SearchSession(searched, AtOnce())
    model = EntriesModel(session)
    result = searched.result(1)
    assert model.rowCount() == 9 and model.rowCount(model.index(0)) == 0
    assert model.index(1).data() == f"dog → {NAMES[result.predicted]}\nL2 {result.l2:.1f}"
    assert model.index(1).data(Role.ToolTipRole) == (
        f"Image 1: true class dog [1], predicted cat [0], L2 {result.l2:.1f} (query limit reached)"
    )
    assert model.index(8).data() == "cat → 2\nwrong clean" and model.index(1).data(Role.FontRole) is None
    strip = ImageStrip(session)
    assert strip.currentIndex().row() == session.place == 0
    strip.setCurrentIndex(strip.model().index(4))
    assert session.image == 4
    session.step(1)
    assert strip.currentIndex().row() == 5


def test_the_rows_of_a_sweeps_points(qapp, swept):
    session = SweepSession(swept, AtOnce())
    degraded = LazyPictures(session.background, lambda key: swept.degraded_image(*key))
    model = PointsModel(session, degraded, RunnersUp(session, SimpleNamespace(lacks=lambda model: "It is gone.")))
    points, rows = session.points, session.view.rows
    place = int(rows[0])
    titles = [c.title for c in model.columns]
    assert titles == [
        "★", "Image", "Pictures", "True", "Predicted", "Runner-up", "Second when clean", "Sigma", "Copy", "PSNR",
        "Score", "True score", "Note",
    ]  # fmt: skip
    image, severity, copy = points.key(place)
    assert model.key(0) == (image, severity, copy)
    second = NAMES[np.argsort(-swept.clean.scores[swept.clean.row(image)])[1]]
    shown = [model.index(0, c).data() for c in range(13)]
    assert shown.pop(5) in ("cat", "…")
    assert shown == [
        "", str(image), None, "cat", NAMES[points.predicted[place]], second, f"{(5, 90, 30)[severity]}", str(copy),
        f"{points.psnr[place]:.2f}", f"{points.score[place]:.4f}", f"{points.true_score[place]:.4f}", "",
    ]  # fmt: skip
    note = model.index(0, 12)
    assert note.flags() & Qt.ItemFlag.ItemIsEditable and not model.index(0, 1).flags() & Qt.ItemFlag.ItemIsEditable
    assert not model.setData(model.index(0, 1), "x") and not model.setData(note, "x", Role.DisplayRole)
    try:
        assert model.setData(note, " like a dog ")
        assert note.data() == note.data(Role.EditRole) == "like a dog" and model.index(0, 0).data() == "★"
    finally:
        session.marks.toggle([model.key(0)])
    asked = []
    model.sort_asked.connect(lambda name, down: asked.append(name))
    for column in (12, 5, 2, 9):  # neither notes, runners-up nor pictures
        model.sort(column)
    assert asked == ["psnr"]


def test_rows_name_the_images_that_they_list_until_others_are_listed(qapp, swept):
    session, seen = SweepSession(swept, AtOnce()), []
    degraded = LazyPictures(session.background, lambda key: swept.degraded_image(*key))
    model = PointsModel(session, degraded, RunnersUp(session, SimpleNamespace(lacks=lambda model: "It is gone.")))

    def listed():
        return [(model.key(row), model.index(row, 5).data()) for row in range(model.rowCount())]

    session.points_changed.connect(lambda: seen.append(listed()))  # the model hears of the new rows after this
    first = listed()
    session.select_class(1)
    assert seen == [first] and listed() != first and model.key(0) == session.points.key(int(session.view.rows[0]))


def test_the_tables_of_metrics(swept):
    run = Compared("a", swept.class_names, swept.measures)
    m = swept.measures

    def with_ends(value, ends):
        low, high = 100 * ends
        return f"{100 * value:.1f} ({low:.1f}–{high:.1f})" if np.isfinite(value) else "–"

    head = {c.title: [c.text(n) for n in range(len(c.values))] for c in headline_columns([headline(run)], swept.config)}
    low, high = m.intervals.overall
    assert head["Run"] == ["a"] and head["Images"] == ["9"] and head["Clean\n(%)"] == ["88.89"]
    assert head["All\nnoise (%)"] == [f"{100 * m.class_metrics().accuracy:.1f} ({100 * low:.1f}–{100 * high:.1f})"]
    assert head["Sigma50"] == ["–"] and head["ECE\n(%)"] == [f"{100 * headline(run).values['ece']:.2f}"]
    low, high = m.intervals.area
    assert head["Area"] == [f"{m.area:.3f} ({low:.3f}–{high:.3f})"]
    metrics = swept.class_metrics(30)
    rows = {c.title: [c.text(k) for k in range(3)] for c in class_columns([run], class_rows([run], 30, False))}
    ends = m.intervals.class_metrics(30)
    assert rows == {
        "Class": list(NAMES), "Copies": [f"{n}" for n in metrics.support],
        "Precision (%)": [with_ends(v, e) for v, e in zip(metrics.precision, ends.precision.T, strict=True)],
        "Recall (%)": [with_ends(v, e) for v, e in zip(metrics.recall, ends.recall.T, strict=True)],
    }  # fmt: skip
    weakest = {c.title: c for c in weakest_columns([run, run])}
    share = m.wrong_share.mean(axis=1)
    np.testing.assert_allclose(weakest["Wrong (%)"].values, 100 * share)
    np.testing.assert_allclose(weakest["Wrong (%)\na"].values, 100 * share)
    np.testing.assert_array_equal(weakest["Half wrong"].values, m.failing_severity(0.5))
    np.testing.assert_allclose(weakest["Certified L2"].values, m.certified_radii().max(axis=1))
    np.testing.assert_array_equal(weakest["At sigma"].values, m.largest_certified()[1])
    first = m.failing_severity()
    shown = [
        "–" if v == np.inf else f"{v:g}" if right else "clean" for v, right in zip(first, m.clean_correct, strict=True)
    ]
    assert [weakest["First wrong"].show(v) for v in first] == shown and "clean" in shown
    assert "“clean”: the image is wrong when clean" in weakest["First wrong"].tip


def test_a_confusion_by_hand(qapp, show):
    counts = np.array([[90, 10, 0, 0], [0, 0, 0, 0], [3, 0, 1, 0], [0, 0, 0, 0]])
    view = show(ConfusionView())
    view.set_counts(counts, ("a", "b", "<c>", "d"))
    model = view.matrix
    assert (model.rows, model.columns) == ([0, 2], [0, 1, 2])
    shown = [[model.index(r, c).data() for c in range(3)] for r in range(2)]
    assert shown == [[percent(0.9), percent(0.1), ""], [percent(0.75), "", percent(0.25)]]
    assert model.cell(model.index(1, 2)) == (2, 2)
    assert model.index(0, 1).data(Role.AccessibleTextRole) == "a predicted as b: 10 (10.00%); click to list them"
    assert "&lt;c&gt;" in model.index(1, 0).data(Role.ToolTipRole)
    dark = theme.is_dark(view.palette())
    wrong, right = (model.index(0, c).data(Role.BackgroundRole).color() for c in (1, 0))
    assert wrong.alpha() == round(40 + 150 * math.sqrt(0.1)) and right.alpha() == round(90 * math.sqrt(0.9))
    assert wrong.red() == (255 if dark else 205) and right.red() == 128
    assert model.index(0, 2).data(Role.BackgroundRole) is None
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    assert [model.headerData(k, across) for k in range(3)] == ["a", "b", "<c>"] and model.headerData(1, down) == "<c>"
    assert model.headerData(0, across, Role.FontRole) is None
    chosen = []
    view.chosen.connect(lambda *cell: chosen.append(cell))
    view.clicked.emit(model.index(0, 2))
    view.clicked.emit(model.index(0, 1))
    view.setCurrentIndex(model.index(1, 0))
    view.keyPressEvent(key_press(Qt.Key.Key_Return))
    assert chosen == [(0, 1), (2, 0)]
    for classes, header in ((12, "c0"), (13, "0")):
        names = tuple(f"c{k}" for k in range(classes))
        model.set_counts(np.eye(classes, dtype=np.int64), names)
        assert model.headerData(0, across) == header and model.headerData(0, down).startswith("c0")


def test_confusions_of_two_runs(show):
    both = show(Confusions())
    one = Confusion("<a>", ("x", "y"), np.array([[1, 2], [0, 3]]))
    both.set_runs([one, Confusion("b", ("x", "y"), np.array([[4, 0], [0, 5]]))])
    assert [title.text() for title in both.titles] == ["<b>&lt;a&gt;</b>", "<b>b</b>"]
    assert all(view.isVisible() for view in both.views) and both.views[1].matrix.counts[1, 1] == 5
    both.set_runs([one])
    assert not both.views[1].isVisible() and not both.titles[0].isVisible() and both.shown == [one]


# --- images and their colours ---


def test_noise_controls_by_hand(show):
    controls, told = show(NoiseControls()), []
    controls.changed.connect(lambda: told.append(controls.gain))
    assert controls.gain is None and controls.value.text() == "" and controls.slider.maximum() == 60
    controls.slider.setValue(25)
    assert told == [pytest.approx(2**2.5)] and controls.value.text() == "× 5.66" and not controls.fit.isChecked()
    controls.true_scale.setChecked(True)
    assert told[1:] == [1.0] and controls.value.text() == "× 1"
    controls.fit.setChecked(True)
    assert told[2:] == [None] and not controls.true_scale.isChecked()
    controls.channel.setCurrentIndex(2)
    assert len(told) == 4
    controls.set_colour(False)
    assert not controls.channel.isVisible()


def test_the_panel_of_a_triple(show, searched):
    panel, said = show(TriplePanel("Choose one"), 900, 300), []
    panel.said.connect(said.append)
    assert panel.limit == 1.0 and panel.heading.text() == "Choose one" and not panel.clean.isVisible()
    assert panel.offers() == {}
    result = searched.result(1)
    panel.set_triple(triple_of_search(result, NAMES))
    assert panel.limit == np.abs(result.noise).max() and panel.heading.text() == "<b>Image 1</b>"
    assert set(panel.offers()) == {"copy-images", "save-images"}
    np.testing.assert_array_equal(panel.clean.shown, result.clean[..., 0])
    np.testing.assert_array_equal(panel.degraded.shown, np.rint(result.degraded[..., 0]))
    np.testing.assert_array_equal(panel.noise.shown, colours.diverging(result.noise[..., 0], panel.limit))
    panel.set_mark("★ odd")
    assert panel.heading.text() == "<b>Image 1</b> &nbsp;★ odd"
    panel.start_blinking()
    np.testing.assert_array_equal(panel.degraded.shown, result.clean[..., 0])
    panel.stop_blinking()
    np.testing.assert_array_equal(panel.degraded.shown, np.rint(result.degraded[..., 0]))
    panel.clean.hovered.emit(2, 1)
    assert f"x 1, y 2:  clean {result.clean[2, 1, 0]}" in said[-1]
    panel.clean.left.emit()
    assert said[-1] == ""


def test_where_a_pixel_is(show):
    pane = show(ImagePane("Clean", ColourScale(np.repeat(np.arange(256)[:, None], 3, axis=1), ("0", "128", "255"))))
    assert pane.pixel_at(QPointF(5, 5)) is None
    pane.set_image(np.arange(12, dtype=np.uint8).reshape(3, 4))
    for row, column in ((0, 0), (2, 3), (1, 2)):
        scene = pane.view.mapViewToScene(QPointF(column + 0.5, row + 0.5))
        assert pane.pixel_at(scene) == (row, column)
    for x, y in ((-0.1, 1), (4.1, 1), (1, -0.1), (1, 3.1)):
        assert pane.pixel_at(pane.view.mapViewToScene(QPointF(x, y))) is None
    told = []
    pane.hovered.connect(lambda *pixel: told.append(pixel))
    pane.left.connect(lambda: told.append("left"))
    pane._hover(pane.view.mapViewToScene(QPointF(1.5, 2.5)))
    pane._hover(pane.view.mapViewToScene(QPointF(9, 9)))
    assert told == [(2, 1), "left"]
    pane.reset_asked.connect(lambda: told.append("reset"))
    for double in (False, True):
        pane._clicked(SimpleNamespace(double=lambda double=double: double))
    assert told[2:] == ["reset"]
    pane.clear()
    assert pane.shown is None and not pane.item.isVisible() and pane.pixel_at(QPointF(5, 5)) is None
    pane.set_image(np.zeros((3, 4), np.uint8))
    assert pane.item.isVisible()


def test_thumbnails_keep_the_shape_and_grey_is_grey(qapp):
    image = np.zeros((2, 4, 1), np.uint8)
    image[:, 2:] = 200
    picture = thumbnail(image).pixmap(56, 56).toImage()
    assert picture.width() == 2 * picture.height()
    left, right = picture.pixelColor(3, 3), picture.pixelColor(picture.width() - 4, 3)
    assert left.getRgb()[:3] == (0, 0, 0) and right.getRgb()[:3] == (200, 200, 200)


def test_pictures_of_triples_by_hand():
    clean, noise = np.full((2, 3, 1), 10, np.uint8), np.zeros((2, 3, 1), np.float32)
    noise[0, 0], noise[1, 2] = 5, -2.5
    picture = figures.triple_picture(clean, noise, clean + noise)
    side = 256 // 3
    assert picture.shape == (2 * side, 3 * 3 * side + 2 * 8, 3) and picture.dtype == np.uint8
    assert picture[0, 0].tolist() == [10] * 3 and (picture[:, 3 * side : 3 * side + 8] == 255).all()
    assert picture[0, 3 * side + 8].tolist() == colours.DIVERGING[-1].tolist()
    assert picture[-1, 2 * 3 * side + 7].tolist() == colours.diverging(np.array([[-2.5]]), 5)[0, 0].tolist()
    assert picture[0, 6 * side + 16].tolist() == [15] * 3
    assert figures.rgb(np.array([[[1.6]]])).tolist() == [[[2, 2, 2]]]
    assert figures.rgb(np.zeros((1, 1, 3))).shape == (1, 1, 3)
    large = figures.triple_picture(np.zeros((300, 2, 3), np.uint8), np.zeros((300, 2, 3)), np.zeros((300, 2, 3)))
    assert large.shape == (300, 22, 3)


def test_pixels_are_copied_and_saved_one_by_one(qapp, tmp_path):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
    figures.save_pixels(pixels, str(tmp_path / "a.png"))
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (3, 2) and image.pixelColor(2, 1).getRgb()[:3] == (150, 160, 170)
    figures.copy_pixels(np.uint8([[7, 9]]))
    copied = qapp.clipboard().image()
    assert (copied.width(), copied.height()) == (2, 1) and copied.pixelColor(1, 0).getRgb()[:3] == (9, 9, 9)
    with pytest.raises(OSError, match="cannot be written"):
        figures.save_pixels(pixels, str(tmp_path / "a.nosuch"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_score_bars_by_hand(show):
    bars = show(score_bars.ScoreBars(), 200, 200)
    empty = bars.sizeHint().height()
    step = bars.fontMetrics().height() + 21
    assert empty == 32 + step + 8
    bars.set_bars((ScoreBar("cat", 0.25, 0.75, predicted=True), ScoreBar("dog", 0.5, None, actual=True)))
    assert bars.sizeHint().height() == 32 + 2 * step + 8 and bars.minimumSizeHint().width() == 95
    assert bars.accessibleDescription() == (
        "cat, predicted: clean 0.250, degraded 0.7500; dog (true): clean 0.500, degraded not recorded"
    )
    picture = bars.grab().toImage()
    filled = QColor(theme.series_colours(bars.palette())[1])
    y = 32 + bars.fontMetrics().height() + 7 + 2
    row = [picture.pixelColor(x, y) == filled for x in range(200)]
    assert 130 < sum(row) <= 140  # three quarters of 184 pixels
    for at, taken in ((32 + 1, True), (32 + 2 * step - 1, True), (32 + 2 * step + 1, False), (20, False)):
        event = QHelpEvent(QEvent.Type.ToolTip, QPoint(10, at), QPoint(10, at))
        assert bars.event(event) == taken or not taken


def test_facts_as_a_table(show, searched):
    html = as_html((("A & B", (("x", "<1>"),)),))
    assert "<b>A &amp; B</b>" in html and "<td>&lt;1&gt;</td>" in html
    card = FailureCard(Scorer(), held := Held(), lambda: None)
    panel = show(FactsPanel(card, held))
    assert card.content is None and not panel.card.isVisible()
    assert panel.label.text() == NOTHING and not panel.scores.isVisible()
    panel.set_triple(triple_of_search(searched.result(1), NAMES))
    assert panel.scores.isVisible() and len(panel.scores.bars) == 3 and "Stop reason" in panel.label.text()
    panel.set_triple(None)
    assert panel.label.text() == NOTHING and panel.scores.bars == ()


# --- plots ---


def test_the_history_of_a_search_by_hand(show):
    plot, moved = show(HistoryPlot(at_once(make_plots())), 900, 200), []
    plot.replay.moved.connect(moved.append)
    history = np.array([[1e8, 2e8, 5.0, 0.0], [7.0, 1e8, 6.0, 0.25], [-1.0, 0.0, 4.0, 0.5]])
    plot.set_history(history)
    assert plot.norm.line.xData.tolist() == [1, 2, 3] and plot.norm.line.yData.tolist() == [5, 6, 4]
    assert plot.share.line.yData.tolist() == [0, 25, 50]
    assert plot.fitness.lines[0].getOriginalDataset()[1].tolist() == [1e8, 7, 0.01]
    assert plot.fitness.lines[1].getOriginalDataset()[1].tolist() == [2e8, 1e8, 0.01]
    assert plot.replay.isVisible() and moved == [None] and not plot.norm.cursor.isVisible()
    plot.replay.slider.setValue(2)
    assert moved[-1] == 2 and plot.norm.cursor.isVisible() and plot.share.cursor.value() == 2
    assert plot.replay.values.text() == (
        "Generation 2 of 3:  objective 7, mean 1e+08  ·  norm 6.0  ·  misclassified 25 %"
    )
    plot.replay.slider.setValue(3)
    assert moved[-1] is None and not plot.norm.cursor.isVisible()
    plot.set_others([np.array([1.0, 2.0]), np.array([3.0])])
    x, y = plot.norm._others.getData()
    np.testing.assert_array_equal(x, [np.nan, 1, 2, np.nan, 1, np.nan])
    np.testing.assert_array_equal(y, [np.nan, 1, 2, np.nan, 3, np.nan])
    plot.set_history(np.empty((0, 4)))
    assert plot.empty.isVisible() and not plot.replay.isVisible()


def test_a_replay_runs_through_the_generations_once(show):
    bar, moved = show(ReplayBar()), []
    bar.set_history(np.tile([1.0, 2.0, 3.0, 0.5], (400, 1)))
    bar.moved.connect(moved.append)
    assert bar.slider.value() == bar.slider.maximum() == 400 and bar.slider.pageStep() == 40
    bar.play.setChecked(True)
    bar._timer.stop()  # the test beats the time
    assert bar.slider.value() == 1 and moved == [1]
    for _ in range(9):
        bar._advance()
    assert bar.slider.value() == int(1 + 9 * 400 * 33 / 6000) == moved[-1]
    bar.play.setChecked(False)
    bar.play.setChecked(True)
    assert bar.slider.value() == 20 and bar._timer.isActive()
    while bar.play.isChecked():
        bar._advance()
    assert bar.slider.value() == 400 and moved[-1] is None and not bar._timer.isActive()
    assert described(np.array([1e8, 2.0, 3.04, 0.126]), 1234, 5000) == (
        "Generation 1,234 of 5,000:  objective 1e+08, mean 2  ·  norm 3.0  ·  misclassified 13 %"
    )


def test_the_list_of_images_in_work(show):
    view, chosen = show(LiveList()), []
    view.chosen.connect(chosen.append)
    images = [LiveImage(4, 7, 350, True, 12.34), LiveImage(9, 2)]
    view.table.classes = {4: "cat"}
    view.show_images(images, 9)
    model: LiveModel = view.table
    assert [[model.index(r, c).data() for c in range(4)] for r in range(2)] == [
        ["4", "cat", "7", "norm 12.3"], ["9", "", "2", "not flipped yet"],
    ]  # fmt: skip
    assert [model.headerData(c, Qt.Orientation.Horizontal) for c in range(4)] == ["Image", "Class", "Gen.", "Noise"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.index(0, 1).data(Role.AccessibleTextRole) == "Image 4, class cat: norm 12.3"
    assert model.index(0, 1).data(Role.TextAlignmentRole) is None and model.index(0, 2).data(Role.TextAlignmentRole)
    assert view.currentIndex().row() == 1 and chosen == []
    view.setCurrentIndex(model.index(0, 0))
    assert chosen == [4]
    changed = []
    model.dataChanged.connect(lambda *_: changed.append("data"))
    model.modelReset.connect(lambda: changed.append("reset"))
    view.show_images([LiveImage(4, 8), LiveImage(9, 3)], 4)
    view.show_images([LiveImage(9, 4)], 9)
    view.show_images([], None)
    assert changed == ["data", "reset", "reset"] and model.rowCount() == 0 and chosen == [4]


def test_curves_of_accuracy_by_hand(show, swept):
    plot = show(AccuracyPlot(swept.degradation))
    ends = np.array([[0.8, 0.4], [0.95, 0.7]])
    curve = Curve("<a>", np.array([5.0, 90.0]), np.array([0.9, 0.5]), ends, np.array([0.95, 0.3]), np.arange(3))
    plot.set_curves([curve, curve])
    (all_images, right), _ = plot.lines
    assert all_images.yData.tolist() == [90, 50] and right.yData.tolist() == [95, 30]
    assert all_images.xData.tolist() == [5, 90] and len(plot.lines) == 2
    (left, far), (bottom, top) = plot.viewRange()
    assert left < 0 and far > 90 and left == pytest.approx(-0.04 * 90, abs=0.6) and bottom < 30 and 100 < top < 106
    assert "&lt;a&gt;" in plot.legend.text() and plot.legend.text().count("●") == 1 and "■" in plot.legend.text()
    assert not plot.getViewBox().xInverted()
    quality = SimpleNamespace(axis="quality", parameter="quality", at="quality {}".format, neutral=100)
    falling = show(AccuracyPlot(quality))
    falling.set_curves([curve])
    assert falling.getViewBox().xInverted()
    falling.set_curves([])
    assert falling.lines == []


def test_a_scatter_by_hand(show):
    plot = show(ScatterPlot(), 600, 400)
    rng = np.random.default_rng(0)
    many = Cloud.sort(
        rng.uniform(10, 30, 6000).astype(np.float32), rng.uniform(0.5, 1, 6000).astype(np.float32), np.arange(6000)
    )
    few = Cloud.sort(np.float32([12, 20]), np.float32([0.3, 0.6]), np.array([7001, 7000]))
    plot.set_clouds({CORRECT: many, WRONG: few})
    plot.fit()
    plot.draw()
    (left, right), (bottom, top) = plot.viewRange()
    pad = 0.03 * (many.x.max() - many.x.min())
    assert (left, right) == pytest.approx((many.x.min() - pad, many.x.max() + pad), abs=1e-3)
    assert (bottom, top) == pytest.approx((0.26, 1.04), abs=1e-3)
    assert plot.drawn_single == {CORRECT: 0, CLEAN_WRONG: 0, WRONG: 0}
    assert plot._image.shown is not None
    plot.set_clouds({WRONG: few})
    assert plot._image.shown is None and plot.drawn_single == {CORRECT: 0, CLEAN_WRONG: 0, WRONG: 2}
    plot.fit()
    assert plot.viewRange()[0] == pytest.approx([11.5, 20.5])
    spot = plot.getViewBox().mapViewToScene(QPointF(20, 0.6))
    assert plot.nearest(spot) == 7000 and plot.nearest(spot + QPointF(11, 0)) == 7000
    assert plot.nearest(spot + QPointF(14, 0)) is None and plot.nearest(QPointF(-50, -50)) is None
    told = []
    plot.clicked.connect(told.append)

    def click(button, double=False, at=spot):
        return SimpleNamespace(button=lambda: button, double=lambda: double, scenePos=lambda: at)

    plot._click(click(Qt.MouseButton.RightButton))
    plot._click(click(Qt.MouseButton.LeftButton, at=spot + QPointF(40, 40)))
    plot._click(click(Qt.MouseButton.LeftButton))
    assert told == [7000]
    plot.setRange(QRectF(0, 0, 1, 1))
    plot._click(click(Qt.MouseButton.LeftButton, double=True))
    assert plot.viewRange()[0] == pytest.approx([11.5, 20.5]) and told == [7000]
    plot.mark_outline(np.array([(0, 0), (1, 0), (1, 1)]))
    assert plot._outline.getData()[0].tolist() == [0, 1, 1, 0]
    plot.mark_outline(None)
    assert plot._outline.getData()[0] is None or not len(plot._outline.getData()[0])
    plot.mark_near((1.0, 2.0))
    assert len(plot._near.points()) == 1
    plot.set_clouds({})
    assert len(plot._near.points()) == 0


def test_drawing_an_outline_with_the_mouse(show):
    box = PickBox()
    view = show(pg.GraphicsView())
    view.setCentralItem(box)
    box.setRange(QRectF(0, 0, 10, 10), padding=0)
    drawn, picked = [], []
    box.drawing.connect(drawn.append)
    box.picked.connect(picked.append)

    def drag(points, down):
        for k, (x, y) in enumerate(points):
            box.mouseDragEvent(
                SimpleNamespace(
                    button=lambda: Qt.MouseButton.LeftButton,
                    accept=lambda: None,
                    isStart=lambda k=k: k == 0,
                    isFinish=lambda k=k: k == len(points) - 1,
                    pos=lambda x=x, y=y: box.mapFromView(QPointF(x, y)),
                    buttonDownPos=lambda: box.mapFromView(QPointF(*down)),
                )
            )

    box.tool = Tool.RECTANGLE
    drag([(3, 3), (5, 7)], (1, 2))
    np.testing.assert_allclose(picked[-1], [(1, 2), (5, 2), (5, 7), (1, 7)], atol=0.05)
    assert len(drawn) == 2 and len(picked) == 1
    box.tool = Tool.LASSO
    drag([(2, 2), (3, 5), (4, 1)], (1, 1))
    np.testing.assert_allclose(picked[-1], [(1, 1), (2, 2), (3, 5), (4, 1)], atol=0.05)
    drag([(1 + k / 100, 2) for k in range(319)], (1, 1))
    assert len(picked[-1]) == 320 // 3 + 1


def test_a_density_as_a_picture():
    item = DensityItem()
    image = np.zeros((2, 1, 4), np.uint8)
    image[0, 0] = (200, 100, 50, 255)
    image[1, 0] = (200, 100, 50, 51)
    item.show_image(image, QRectF(1, 2, 3, 4))
    assert item.boundingRect() == QRectF(1, 2, 3, 4) and item.shown is image
    assert item._picture.pixelColor(0, 1).getRgb() == (200, 100, 50, 255)  # its first row is the lowest
    faint = item._picture.pixelColor(0, 0)
    assert faint.alpha() == 51 and faint.red() == pytest.approx(200, abs=3)
    item.show_image(None, QRectF())
    assert item._picture is None


def test_a_class_in_small():
    counts = np.zeros((2, 3), np.int64)
    counts[0, 1] = 1
    grid = Grid(0, {CORRECT: counts, WRONG: np.zeros((2, 3), np.int64)}, 8, 9, 2, 0)
    picture = grid_image(grid, ((1, 2, 3), (4, 5, 6), (7, 8, 9)))
    assert (picture.width(), picture.height()) == (3, 2)
    assert picture.pixelColor(1, 1).getRgb() == (1, 2, 3, 140) and picture.pixelColor(1, 0).alpha() == 0
    assert _share(grid) == "25.0 % wrong" and _share(Grid(0, {}, 0, 9, 0, 0)) == "nothing shown"


# --- keys, palette, themes ---


def test_keys_zoom_and_move_a_plot(show):
    plot = show(ThemedPlot("name", "x", "y"))
    box = plot.getViewBox()
    box.setRange(QRectF(0, 0, 10, 20), padding=0)
    shift = Qt.KeyboardModifier.ShiftModifier

    def after(key, modifiers=Qt.KeyboardModifier.NoModifier, obeyed=True):
        box.setRange(QRectF(0, 0, 10, 20), padding=0)
        assert view_keys.obey(box, key_press(key, modifiers)) == obeyed
        (left, right), (bottom, top) = box.viewRange()
        return left, right, bottom, top

    assert after(Qt.Key.Key_Plus) == after(Qt.Key.Key_Equal) == pytest.approx((1, 9, 2, 18))
    assert after(Qt.Key.Key_Minus) == after(Qt.Key.Key_Underscore) == pytest.approx((-1.25, 11.25, -2.5, 22.5))
    assert after(Qt.Key.Key_Right, shift) == pytest.approx((1, 11, 0, 20))
    assert after(Qt.Key.Key_Left, shift) == pytest.approx((-1, 9, 0, 20))
    assert after(Qt.Key.Key_Up, shift) == pytest.approx((0, 10, 2, 22))
    assert after(Qt.Key.Key_Down, shift) == pytest.approx((0, 10, -2, 18))
    assert after(Qt.Key.Key_Up, obeyed=False) == after(Qt.Key.Key_A, shift, False) == pytest.approx((0, 10, 0, 20))
    box.invertY(True)
    assert after(Qt.Key.Key_Up, shift) == pytest.approx((0, 10, -2, 18))


def test_lists_and_sliders_keep_their_keys(show):
    view, chosen = show(QListView()), []
    model = ArrayModel(view)
    model.set_columns([Column("a", "A", np.arange(2), whole)])
    view.setModel(model)
    assert not view_keys.chooses(view, key_press(Qt.Key.Key_Return), chosen.append)
    view.selectionModel().setCurrentIndex(model.index(1, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert view_keys.chooses(view, key_press(Qt.Key.Key_Enter), chosen.append)
    assert not view_keys.chooses(view, key_press(Qt.Key.Key_A), chosen.append)
    assert [index.row() for index in chosen] == [1]
    assert not view_keys.passes_on(key_press(Qt.Key.Key_A)) and view_keys.passes_on(key_press(Qt.Key.Key_Space))
    keeper, override = view_keys._ArrowKeeper(), QEvent.Type.ShortcutOverride
    control, pad = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.KeypadModifier
    for event, kept in (
        (key_press(Qt.Key.Key_Left, kind=override), True), (key_press(Qt.Key.Key_Right, pad, override), True),
        (key_press(Qt.Key.Key_Up, kind=override), False), (key_press(Qt.Key.Key_Left, control, override), False),
        (key_press(Qt.Key.Key_Left), False),
    ):  # fmt: skip
        event.ignore()
        assert keeper.eventFilter(view, event) == kept == event.isAccepted()


@pytest.mark.parametrize(
    ("letters", "text", "expected"),
    [("", "File: Open", -1.0), ("open", "File: Open", -1.0), ("pen", "File: Open", -0.5), ("fo", "File: Open", 0.5),
     ("fl", "File: Open", 1.01), ("fe", "File", 1.02), ("xz", "File: Open", None), ("nep", "File: Open", None),
     ("F O", "File: Open", 0.5), ("le", "File", -0.5)],
)  # fmt: skip
def test_how_well_a_command_fits_what_is_typed(letters, text, expected):
    assert palette_module.score(letters, text) == (expected if expected is None else pytest.approx(expected))


def test_the_palette_lists_what_can_be_done(qapp):
    done = []
    actions = [("File", QAction("&Open run…")), ("View", QAction("&Next")), ("Edit", QAction("Undo"))]
    actions[1][1].setShortcut("Ctrl+N")
    actions[2][1].setEnabled(False)
    for _, action in actions:
        action.triggered.connect(lambda *_, a=action: done.append(a.text()))
    entries = palette_module.entries_of(actions)
    assert [entry.text for entry in entries] == ["File: Open run", "View: Next"] and entries[1].keys == "Ctrl+N"
    model = palette_module.EntriesModel(entries)
    model.find("ne")
    assert [e.text for e in model.entries] == ["View: Next"]
    model.find("nu")
    assert [e.text for e in model.entries] == ["File: Open run"]
    model.find("n")
    assert [e.text for e in model.entries] == ["View: Next", "File: Open run"]
    model.find("zz")
    assert model.rowCount() == 0
    model.find("")
    assert model.rowCount() == 2 and model.index(1).data(palette_module.KEYS) == "Ctrl+N"
    assert model.index(1).data(Role.AccessibleTextRole) == "View: Next Ctrl+N" and model.rowCount(model.index(0)) == 0


def test_commands_and_keys_are_named_once():
    names = [command.name for _, command in all_commands()]
    assert len(names) == len(set(names)) and {title for title, _ in all_commands()} == {
        title.replace("&", "") for title, _ in MENUS
    }
    assert {name for group in TOOLBAR for name in group} <= set(names)
    keys = [key for _, command in all_commands() for key in command.keys]
    assert len(keys) == len(set(keys))


def test_light_and_dark(qapp):
    light, dark = _palette(LIGHT), _palette(DARK)
    assert not theme.is_dark(light) and theme.is_dark(dark)
    for palette, kind in ((light, LIGHT), (dark, DARK)):
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText, QPalette.ColorRole.ToolTipText):
            assert palette.color(role).name() == _COLOURS[kind][QPalette.ColorRole.Text]
        faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        text = palette.color(QPalette.ColorRole.Text)
        assert faint.alpha() == 140 and faint.name() == text.name()
        assert len(set(theme.run_colours(palette))) == 6 and len(set(theme.series_colours(palette))) == 2
    assert theme.point_colours(light)[WRONG] == (205, 20, 30) and theme.point_colours(dark)[WRONG] == (255, 85, 80)
    grey = QPalette()
    for level, is_dark in ((127, True), (128, False)):
        grey.setColor(QPalette.ColorRole.Window, QColor(level, level, level))
        assert theme.is_dark(grey) == is_dark
    try:
        for wanted, is_dark in ((DARK, True), (LIGHT, False)):
            apply_theme(qapp, wanted)
            assert theme.is_dark(qapp.palette()) == is_dark
    finally:
        apply_theme(qapp, SYSTEM)
    assert tips.plain("a & b") == "a & b" and "&lt;b&gt;" in tips.plain("<b>")


# --- what is saved ---


def test_points_and_tables_are_saved_in_full(swept, tmp_path):
    points = read_points(swept, 0)
    rows = np.array([5, 0])
    notes = {points.key(5): "=odd"}
    assert exporting.save_rows(str(tmp_path / "p.csv"), swept, points, rows, notes) == 2
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        titles, first, second = csv.reader(file)
    image, severity, copy = points.key(5)
    assert titles == ["image", "class_index", "class", "predicted", "predicted_class", "sigma", "copy", "psnr", "score",
                      "true_score", "marked", "note"]  # fmt: skip
    predicted = int(points.predicted[5])
    assert first[:7] == [str(image), "0", "cat", str(predicted), NAMES[predicted],
                         str(float((5, 90, 30)[severity])), str(copy)]  # fmt: skip
    assert [np.float32(v) for v in first[7:10]] == [points.psnr[5], points.score[5], points.true_score[5]]
    assert first[10:] == ["1", "'=odd"] and second[10:] == ["0", ""]
    model = ArrayModel()
    marks, l2 = Column("m", "★", np.array([1.0]), whole), Column("b", "L2\nof it", np.array([2.5]), decimals(1))
    model.set_columns([marks, l2])
    exporting.save_table(str(tmp_path / "t.csv"), model)
    assert (tmp_path / "t.csv").read_text() == "Marked,L2 of it\n1,2.5\n"
    one = Confusion("a", ("x", "=y"), np.array([[1, 2], [3, 4]]))
    other = Confusion("=b", ("z",), np.array([[5]]))
    exporting.save_confusions(str(tmp_path / "c.csv"), [one, one, other])
    assert (tmp_path / "c.csv").read_text().splitlines() == [
        "run,true class,x,'=y", "a,x,1,2", "a,'=y,3,4", "a,x,1,2", "a,'=y,3,4", "run,true class,z", "'=b,z,5",
    ]  # fmt: skip


def test_marked_images_are_saved_beside_what_is_there(qapp, searched, tmp_path):
    session = SearchSession(searched, AtOnce())
    saved = exporting.save_marked(str(tmp_path), [(1,), (99,)], session.picture)
    assert saved.count == 2 and len(saved.problems) == 1 and "image 99 is not in this run" in saved.problems[0]
    again = exporting.save_marked(str(tmp_path), [(1,)], session.picture)
    assert again.count == 2 and again.problems == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "image-1-2-triple.png", "image-1-2.png", "image-1-triple.png", "image-1.png",
    ]  # fmt: skip
    image = QImage(str(tmp_path / "image-1.png"))
    levels = np.rint(searched.result(1).degraded[..., 0]).astype(int)
    assert [[image.pixelColor(x, y).red() for x in range(4)] for y in range(4)] == levels.tolist()

"""What single widgets show and tell, against values worked out by hand; each without a window."""

import csv
import math
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import AtOnce
from numpy_runs import NAMES, search, sweep
from PySide6.QtCore import QEvent, QItemSelectionModel, QPersistentModelIndex, QPoint, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QImage, QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QListView, QMenu

from tfstab.gui import exporting
from tfstab.gui.commands import MENUS, TOOLBAR, all_commands
from tfstab.gui.content.comparison import Compared, class_rows, headline
from tfstab.gui.content.confusion import Confusion
from tfstab.gui.content.points import WRONG, read_points
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import _COLOURS, DARK, LIGHT, SYSTEM, _palette, apply_theme
from tfstab.gui.widgets import palette as palette_module
from tfstab.gui.widgets import theme, tips, view_keys
from tfstab.gui.widgets.array_model import ArrayModel, Column, decimals, named, whole
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.search.image_strip import EntriesModel, ImageStrip
from tfstab.gui.widgets.search.results_table import columns_elsewhere, result_columns
from tfstab.gui.widgets.sweep.confusion_view import Confusions, ConfusionView, percent
from tfstab.gui.widgets.sweep.metrics_tables import class_columns, headline_columns, weakest_columns
from tfstab.gui.widgets.sweep.points_model import PointsModel
from tfstab.gui.widgets.wrapped import SentenceLabel, unbroken

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
        "psnr": [f"{20 * math.log10(255 * 4 / result.l2):.2f}", "–"], "score": [f"{result.scores.max():.3f}", "–"],
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
        f"{points.psnr[place]:.2f}", f"{points.score[place]:.3f}", f"{points.true_score[place]:.3f}", "",
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


def test_no_line_ends_between_a_number_and_its_unit(qtbot, show):
    for said in ("24 %", "<b>24 %</b>", "9.5 dB", "2 h", "20 min"):
        label, usual = show(SentenceLabel(said)), show(QLabel(said, wordWrap=True))
        narrow = QLabel(said).sizeHint().width() - 1
        assert label.text() == said and label.heightForWidth(narrow) < usual.heightForWidth(narrow)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
    for key in (Qt.Key.Key_A, Qt.Key.Key_C):
        qtbot.keyClick(label, key, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "20 min", "with an ordinary space"
    assert unbroken("5 images, 3 sigmas, 2 seconds") == "5 images, 3 sigmas, 2 seconds"
    tip = "x" * (tips.WIDEST - 3) + " 24 % are right"
    assert tips.plain(tip).split("\n")[1] == "24 % are right"


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
                      "true_score", "runner_up", "second_when_clean", "marked", "note"]  # fmt: skip
    predicted = int(points.predicted[5])
    assert first[:7] == [str(image), "0", "cat", str(predicted), NAMES[predicted],
                         str(float((5, 90, 30)[severity])), str(copy)]  # fmt: skip
    assert [np.float32(v) for v in first[7:10]] == [points.psnr[5], points.score[5], points.true_score[5]]
    assert first[12:] == ["1", "'=odd"] and second[12:] == ["0", ""]
    model = ArrayModel()
    marks, l2 = Column("m", "★", np.array([1.0]), whole), Column("b", "L2\nof it", np.array([2.5]), decimals(1))
    model.set_columns([marks, l2])
    exporting.save_table(str(tmp_path / "t.csv"), model)
    assert (tmp_path / "t.csv").read_text() == "Marked,L2 of it\n1,2.5\n"
    one = Confusion("a", ("x", "=y"), np.array([[1, 3], [0, 0]]))
    other = Confusion("=b", ("z",), np.array([[5]]))
    exporting.save_confusions(str(tmp_path / "c.csv"), [one, one, other])
    assert (tmp_path / "c.csv").read_text().splitlines() == [
        "run,true class,x,'=y,x (%),'=y (%)", "a,x,1,3,25.0,75.0", "a,'=y,0,0,,", "a,x,1,3,25.0,75.0", "a,'=y,0,0,,",
        "run,true class,z,z (%)", "'=b,z,5,100.0",
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

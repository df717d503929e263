"""What is kept, painted and saved, by hand: settings, themes, pictures, tables, marks, and dropped files."""

import csv
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyqtgraph as pg
import pytest
from numpy_runs import NAMES, sweep
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QGraphicsRectItem, QGraphicsScene, QGraphicsView, QLabel

from tfstab import SweepConfig
from tfstab.errors import DiskError, RunError
from tfstab.gui import exporting, figures, theme
from tfstab.gui.content.confusion import Confusion
from tfstab.gui.content.points import read_points
from tfstab.gui.dropping import look_at, paths_of
from tfstab.gui.figures import Figure
from tfstab.gui.sessions.marks import Marks
from tfstab.gui.settings import Settings
from tfstab.gui.widgets.blocks import Block
from tfstab.gui.widgets.figure_dialog import FigureDialog, figure_offers
from tfstab.runs.known_models import changed_at

# --- settings ---


def test_places_of_windows_are_kept_by_the_version_of_the_layout(qapp):
    settings = Settings()
    assert settings.geometry() is None and settings.layout() is None
    settings.save_geometry(QByteArray(b"place"))
    settings.save_layout(QByteArray(b"docks"))
    again = Settings()
    assert (again.geometry(), again.layout()) == (QByteArray(b"place"), QByteArray(b"docks"))
    assert {key for key in again._store.allKeys() if "window" in key} == {"window-4/geometry", "window-4/layout"}
    again._store.setValue("window-4/layout", "text")
    assert again.layout() is None


def test_names_with_slashes_are_kept_apart(qapp):
    settings = Settings()
    for model, rate in (("a/b", 1.0), ("a\\c", 2.0), ("a", 3.0)):
        settings.remember_rate("sweep", model, rate)
    assert [settings.rate("sweep", model) for model in ("a/b", "a\\c", "a")] == [1.0, 2.0, 3.0]
    assert settings.rate("search", "a") is None
    settings._store.setValue("rates/sweep a", "12.5")
    assert settings.rate("sweep", "a") == 12.5
    for wrong in ("x", "1" * 400, ["1"], "0"):
        settings._store.setValue("rates/sweep a", wrong)
        assert settings.rate("sweep", "a") is None


def test_the_look_of_the_last_figure_is_kept(qapp):
    settings = Settings()
    assert settings.figure_look() == ("light", 300)
    for look, kept in ((("dark", 9999), ("dark", 9999)), (("pink", 10_000), ("light", 300)), (("light", 72),) * 2):
        settings.save_figure_look(*look)
        assert settings.figure_look() == kept
    settings._store.setValue("figure/dpi", "x")
    assert settings.figure_look() == ("light", 300) and settings.toolbar_text()
    settings.save_toolbar_text(False)
    assert not settings.toolbar_text()
    for rate, kept in ((0.5, 0.5), (0.0, None), (float("nan"), None)):
        settings.remember_rate("sweep", "slow", rate)
        assert settings.rate("sweep", "slow") == kept


def test_one_recent_run_and_an_empty_folder_for_runs(qapp, tmp_path):
    settings = Settings()
    (tmp_path / "run.json").touch()
    settings.add_recent(tmp_path / "x" / "..")
    settings._store.sync()
    assert settings.recent() == Settings().recent() == [tmp_path]
    settings._store.setValue("recent", str(tmp_path))  # as an INI file returns one
    assert settings.recent() == [tmp_path]
    settings._store.setValue("recent", {"a": 1})
    assert settings.recent() == []
    for wrong in ("", 5):
        settings._store.setValue("runs-folder", wrong)
        assert settings.runs_folder() == Path.home() / "tfstab-runs"


def test_a_folder_changes_with_anything_in_it(tmp_path):
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "variables" / "data").touch()
    for path, when in ((folder / "variables" / "data", 9_000), (folder / "variables", 7_000), (folder, 5_000)):
        os.utime(path, ns=(when, when))
    assert changed_at(folder) == 9_000 and changed_at(folder / "variables" / "data") == 9_000
    assert changed_at(tmp_path / "none") == 0 and changed_at(Path("x" * 300)) == 0
    os.utime(folder, ns=(11_000, 11_000))
    assert changed_at(folder) == 11_000


# --- themes ---


def test_what_is_dark(qapp):
    palette = QPalette()
    for level, dark in ((127, True), (128, False), (0, True), (255, False)):
        palette.setColor(QPalette.ColorRole.Window, QColor(level, level, level))
        assert theme.is_dark(palette) == dark


@pytest.mark.parametrize(("name", "text"), [("light", "#1b1b1b"), ("dark", "#dfe1e5")])
def test_a_palette_has_a_colour_for_each_role(qapp, name, text):
    palette, role, disabled = theme._palette(name), QPalette.ColorRole, QPalette.ColorGroup.Disabled
    named = theme._COLOURS[name]
    assert {key: palette.color(key).name() for key in named} == named
    assert {palette.color(key).name() for key in (role.WindowText, role.ButtonText, role.ToolTipText)} == {text}
    assert palette.color(role.HighlightedText) == palette.color(role.BrightText) == QColor("white")
    assert palette.color(role.ToolTipBase).name() == named[role.Button]
    assert palette.color(role.LinkVisited).name() == named[role.Link]
    assert palette.color(role.Accent).name() == named[role.Highlight]
    faint = QColor(text)
    faint.setAlpha(140)
    assert palette.color(role.PlaceholderText) == faint and palette.color(disabled, role.Text) == faint
    assert palette.color(disabled, role.WindowText) == palette.color(disabled, role.ButtonText) == faint
    assert palette.color(disabled, role.Highlight).name() == named[role.Mid] != palette.color(role.Highlight).name()
    assert theme.is_dark(palette) == (name == "dark")


def test_a_theme_replaces_a_palette_of_the_other_kind_only(qapp):
    try:
        for name in ("dark", "light"):
            theme.apply_theme(qapp, name)
            assert theme.is_dark(qapp.palette()) == (name == "dark")
            assert qapp.styleHints().colorScheme() in (
                {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}[name], Qt.ColorScheme.Unknown,
            )  # fmt: skip
    finally:
        theme.apply_theme(qapp, "system")
    assert qapp.palette() == QPalette()


# --- pictures ---


def test_a_triple_as_a_picture(qapp, tmp_path):
    clean = np.zeros((2, 4, 1), np.float32)
    clean[0, 3] = 200
    degraded = clean + 0.6
    degraded[1, 0] = 100
    picture = figures.triple_picture(clean, degraded - clean, degraded)
    assert picture.shape == (128, 3 * 256 + 16, 3) and picture.dtype == np.uint8
    assert (picture[:, 256:264] == 255).all() and (picture[:, 520:528] == 255).all()
    assert picture[0, 255].tolist() == picture[63, 192].tolist() == [200] * 3 and picture[64, 255].tolist() == [0] * 3
    assert picture[0, 528].tolist() == [1] * 3 and picture[127, 528].tolist() == [100] * 3
    middle = picture[:, 264:520]
    assert len(np.unique(middle[64:, :64].reshape(-1, 3), axis=0)) == 1 and (middle[127, 0] != middle[0, 0]).any()
    large = figures.triple_picture(np.zeros((300, 2, 3)), np.zeros((300, 2, 3)), np.zeros((300, 2, 3)))
    assert large.shape == (300, 6 + 16, 3), "an image is never made smaller"
    same = figures.triple_picture(clean, clean * 0, clean)
    assert len(np.unique(same[:, 264:520].reshape(-1, 3), axis=0)) == 1
    clipboard = QApplication.clipboard()
    figures.copy_pixels(picture)
    assert (clipboard.image().width(), clipboard.image().height()) == (784, 128)
    assert clipboard.image().pixelColor(0, 0) == QColor(0, 0, 0) and clipboard.image().pixelColor(255, 0).red() == 200
    figures.copy_pixels(np.uint8([[1, 2, 3]]))
    assert [clipboard.image().pixelColor(x, 0).getRgb()[:3] for x in range(3)] == [(k, k, k) for k in (1, 2, 3)]
    colours = np.uint8([[[1, 2, 3]], [[4, 5, 6]]])
    figures.copy_pixels(colours)
    assert clipboard.image().pixelColor(0, 1).getRgb()[:3] == (4, 5, 6)
    figures.save_pixels(colours, str(tmp_path / "a.png"))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), colours)
    with pytest.raises(DiskError, match=r"a\.nosuch cannot be written: choose another folder"):
        figures.save_pixels(colours, str(tmp_path / "a.nosuch"))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.png"]


@pytest.fixture
def label(qtbot):
    label = QLabel("content")
    qtbot.addWidget(label)
    label.resize(200, 40)
    return label


def test_a_figure_is_copied_and_saved_when_it_is_asked_for(label, tmp_path):
    said, failed, made = [], [], []

    def figure():
        made.append(Figure(label, "proposed", "caption"))
        return made[-1]

    offers = figure_offers(figure, said.append, lambda *of: failed.append(of))
    assert list(offers) == ["copy-figure", "save-figure"] and made == []
    offers["copy-figure"]()
    copied = QApplication.clipboard().image()
    assert copied.width() == 2 * 220 and len(made) == 1
    base = label.palette().base().color().name()
    assert copied.pixelColor(1, 1).name() == base == copied.pixelColor(439, copied.height() - 1).name()
    head = 2 * made[0]._head()
    dark = [(x, y) for x in range(440) for y in range(head) if copied.pixelColor(x, y).lightness() < 100]
    assert dark and min(x for x, _ in dark) >= 20, "the caption stands above, after the margin"
    offers["save-figure"]()
    asked = label.findChild(FigureDialog)
    asked.save_button.click()
    dialog = asked.findChild(figures.QWidget, "QFileDialog")
    assert dialog.windowTitle() == "Save the figure" and dialog.nameFilters() == [
        "PNG (*.png)",
        "SVG (*.svg)",
        "PDF (*.pdf)",
    ]
    dialog.fileSelected.emit(str(tmp_path / "none" / "a.png"))
    assert asked.isVisible() and said == ["Copied the figure."] and len(failed) == 1 and failed[0][1] == ""
    dialog.fileSelected.emit(str(tmp_path / "a.png"))
    dialog.close()
    assert said[1:] == [f"Saved the figure as {tmp_path / 'a.png'}."] and "cannot be written" in failed[0][0]
    assert Image.open(tmp_path / "a.png").size == (asked.look.pixels.width(), asked.look.pixels.height())


def test_a_drawing_has_a_size_and_leaves_its_plot_as_it_was(label, tmp_path, monkeypatch):
    modes = []

    class Item(QGraphicsRectItem):
        def setExportMode(self, on, options=None):
            modes.append(on)
            assert options == ({"antialias": True} if on else None)

    view = QGraphicsView(label)
    scene = QGraphicsScene(view)
    view.setScene(scene)
    item = Item(0, 0, 5, 5)
    scene.addItem(item)
    figure = Figure(label, "name", "caption")
    figure.save(str(tmp_path / "a.svg"))
    text = (tmp_path / "a.svg").read_text()
    size = figure._size()
    assert modes == [True, False] and figure._font().bold()
    head = text[: text.index("viewBox")]
    width, height = (float(re.search(rf'{name}="([0-9.]+)mm"', head)[1]) for name in ("width", "height"))
    assert width / height == pytest.approx(size.width() / size.height(), rel=0.02) and width > 1
    monkeypatch.setattr(Figure, "_paint", lambda *_: False)
    with pytest.raises(DiskError, match=r"b\.svg cannot be written: choose another folder"):
        figure.save(str(tmp_path / "b.svg"))
    assert not (tmp_path / "b.svg").exists() and modes == [True, False] * 2


@pytest.mark.parametrize("dpi", [96, 288])
def test_lines_and_points_of_a_saved_plot_are_as_wide_as_on_the_screen(show, dpi):
    plot = show(pg.PlotWidget(background="w"), 400, 300)
    drawn = plot.plot([0, 1], [0, 0], pen=pg.mkPen("#0000ff", width=3))
    plot.plot([0.5], [0.5], pen=None, symbol="s", symbolSize=12, symbolBrush="#ff0000", symbolPen=None)
    plot.setRange(xRange=(0, 1), yRange=(-1, 1))
    image = (
        Figure(plot, "name", "caption")
        .image(figures.Look("light", 12, 8, dpi))
        .convertToFormat(QImage.Format.Format_RGB888)
    )
    rows = np.array(image.constBits()).reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    red, green, blue = np.moveaxis(rows.reshape(image.height(), -1, 3).astype(int), 2, 0)
    line = ((blue > 200) & (red < 60)).sum(axis=0)[image.width() // 3]
    point = ((red > 200) & (blue < 60) & (green < 60)).sum(axis=0).max()
    assert abs(line - 3 * dpi / 96) <= 1 and abs(point - 12 * dpi / 96) <= 2 * dpi / 96
    assert drawn.curve.opts["pen"].widthF() == 3, "the plot stays as it was"


def test_a_picture_has_no_link_and_no_question_mark(show):
    plain, block = Block("title"), Block("title", "Elsewhere", lambda: None, term="accuracy")
    images = [Figure(show(each, 300, 60), "name", "caption").image() for each in (plain, block)]
    assert images[0] == images[1] and block.link.isVisible() and block.help.isVisible()


def test_a_figure_of_another_look_has_its_size_and_resolution(label):
    figure, before = Figure(label, "name", "caption"), label.size()
    own = figure._size()
    assert figure.on_screen() == pytest.approx((own.width() / 96 * 2.54, own.height() / 96 * 2.54))
    image = figure.image(figures.Look("dark", 5.08, 2.54, 300))
    assert (image.width(), image.height()) == (600, 300)
    assert image.dotsPerMeterX() == image.dotsPerMeterY() == 11811
    dark = theme.palette_of("dark").base().color()
    assert image.pixelColor(0, 0) == image.pixelColor(599, 299) == dark
    assert label.size() == before and label.palette().base().color() != dark


def test_faint_noise_is_coloured_faintly(qapp):
    clean, noise = np.zeros((300, 1, 1)), np.full((300, 1, 1), 0.5)
    faint = figures.triple_picture(clean, noise, clean + noise)[0, 9]
    assert faint.tolist() == figures.diverging(noise[..., 0], 1.0)[0, 0].tolist()


# --- tables ---


def rows_of(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_points_are_saved_in_blocks_with_notes(tmp_path, monkeypatch):
    run = sweep(tmp_path / "run")
    points = read_points(run, 1)
    monkeypatch.setattr(exporting, "BLOCK", 2)
    rows = np.array([5, 0, 3, 7, 2])
    notes = {points.key(3): "=a note", points.key(1): "of another"}
    assert exporting.save_rows(str(tmp_path / "a.csv"), run, points, rows, notes) == 5
    head, *lines = rows_of(tmp_path / "a.csv")
    assert head == ["image", "class_index", "class", "predicted", "predicted_class", "sigma", "copy", "psnr", "score",
                    "true_score", "runner_up", "second_when_clean", "marked", "note"]  # fmt: skip
    assert len(lines) == 5
    for place, line in zip(rows, lines, strict=True):
        image, severity, copy = points.key(place)
        assert [int(line[k]) for k in (0, 1, 3, 6)] == [image, 1, points.predicted[place], copy]
        assert (line[2], line[4]) == ("dog", NAMES[points.predicted[place]])
        assert float(line[5]) == run.severities[severity] and np.float32(line[8]) == points.score[place]
        assert np.float32(line[7]) == points.psnr[place] and np.float32(line[9]) == points.true_score[place]
        assert line[12:] == (["1", "'=a note"] if place == 3 else ["0", ""])


def test_points_are_saved_with_what_other_runs_predict(tmp_path, monkeypatch):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1))
    points = read_points(run, None)
    monkeypatch.setattr(exporting, "BLOCK", 2)
    other = ("=other", ("a", "=b", "c"), np.array([0, -1, 1, 2, 0, 0, 0, 0, 0]))
    exporting.save_rows(str(tmp_path / "a.csv"), run, points, np.array([3, 1, 0, 2]), {}, [other])
    head, *lines = rows_of(tmp_path / "a.csv")
    assert head[14:] == ["predicted in =other", "predicted_class in =other"]
    assert [line[14:] for line in lines] == [["2", "c"], ["", ""], ["0", "a"], ["1", "'=b"]]


def test_tables_are_saved_as_they_are_shown(qapp, tmp_path):
    model = QStandardItemModel(2, 3)
    model.setHorizontalHeaderLabels(["★", "two\nlines", "c"])
    for row, column, text in ((0, 0, "x"), (0, 1, "=1"), (1, 2, "é")):
        model.setItem(row, column, QStandardItem(text))
    exporting.save_table(str(tmp_path / "a.csv"), model)
    head, first, second = rows_of(tmp_path / "a.csv")
    assert head == ["Marked", "two lines", "c"] and first[:2] == ["x", "'=1"] and second[2] == "é"
    exporting.save_table(str(tmp_path / "some.csv"), model, iter([2, 0]))
    assert rows_of(tmp_path / "some.csv")[::2] == [["c", "Marked"], ["é", ""]]
    runs = [Confusion("one", ("a", "=b"), np.array([[1, 3], [1, 4]]), np.array([[0.5, 0.5], [0.25, 0.75]])),
            Confusion("two", ("a", "=b"), np.eye(2, dtype=int)),
            Confusion("three", ("c",), np.array([[9]]))]  # fmt: skip
    exporting.save_confusions(str(tmp_path / "b.csv"), runs)
    assert rows_of(tmp_path / "b.csv") == [
        ["run", "true class", "a", "'=b", "a (%)", "'=b (%)"],
        ["one", "a", "1", "3", "50.0", "50.0"], ["one", "'=b", "1", "4", "25.0", "75.0"],
        ["two", "a", "1", "0", "100.0", "0.0"], ["two", "'=b", "0", "1", "0.0", "100.0"],
        ["run", "true class", "c", "c (%)"], ["three", "c", "9", "100.0"],
    ]  # fmt: skip


def test_marked_images_are_saved_beside_what_is_there(qapp, tmp_path):
    image = np.full((2, 2, 1), 7.4)

    def picture(key):
        if key == (2,):
            raise RunError("It is damaged.")
        return "image", image, image - 1

    saved = exporting.save_marked(str(tmp_path), [(1,), (2,), (3,)], picture)
    assert saved == exporting.Saved(4, ["It is damaged."])
    names = ["image-2-triple.png", "image-2.png", "image-triple.png", "image.png"]
    assert sorted(path.name for path in tmp_path.glob("*.png")) == names
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "image.png")), np.full((2, 2, 3), 6))
    triple = np.asarray(Image.open(tmp_path / "image-triple.png"))
    np.testing.assert_array_equal(triple, figures.triple_picture(image, image * 0 - 1, image - 1))
    assert Image.open(tmp_path / "image-2-triple.png").size == (3 * 256 + 16, 256)
    (tmp_path / "image-3-triple.png").touch()
    assert exporting.save_marked(str(tmp_path), [(1,)], picture).count == 2 and (tmp_path / "image-4.png").exists()


# --- marks and dropped files ---


def test_a_file_of_marks_is_renamed_when_it_is_damaged(qapp, tmp_path):
    path, failed = tmp_path / "m.json", []
    path.with_suffix(".1.bak").touch()
    path.write_text("{")
    marks = Marks(path)
    marks.failed.connect(failed.append)
    assert "they are renamed once you mark an image" in marks.problem and len(marks) == 0
    marks.mark([(1,)])
    assert path.with_suffix(".2.bak").read_text() == "{" and len(failed) == 1 and "m.2.bak" in failed[0]
    assert json.loads(path.read_text()) == {"format": 2, "marks": {"1": {"note": "", "tags": []}}}
    for content in ('{"format": 3, "marks": {}}', '{"format": 1, "marks": {"1/2": ""}}', '{"format": 1, "marks": []}',
                    '{"format": 1, "marks": {"-1": ""}}'):  # fmt: skip
        path.write_text(content)
        assert "cannot be read" in Marks(path, length=1).problem
    path.write_text('{"format": 1, "marks": {"1/2": "é", "0/5": "7"}}')
    both = Marks(path, length=2)
    assert both.problem == "" and both.keys() == [(0, 5), (1, 2)]
    assert both.note((0, 5)) == "7" and both.note((9, 9)) == ""


def test_marks_of_the_undone_are_as_before(qapp, tmp_path):
    marks = Marks(tmp_path / "m.json")
    marks.write((1,), "a")
    marks.mark([(1,), (2,)], on=False)
    assert marks.keys() == [] and marks.undo_stack.undoText() == "unmark 1 image"
    marks.undo_stack.undo()
    assert marks.note((1,)) == "a" and (2,) not in marks and Marks(tmp_path / "m.json").note((1,)) == "a"
    marks.undo_stack.redo()
    marks.mark([(5,)], on=False)
    assert len(marks) == 0 and marks.undo_stack.count() == 2
    marks.toggle([(1,), (2,)])
    assert marks.undo_stack.undoText() == "mark 2 images" and marks.keys() == [(1,), (2,)]


def test_files_of_known_kinds_and_folders_are_taken(tmp_path):
    for name in ("a.keras", "b.PNG", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    mime = QMimeData()
    names = ("a.keras", "b.PNG", "c.txt", "folder", "gone")
    mime.setUrls([QUrl("http://here/d.png"), *(QUrl.fromLocalFile(str(tmp_path / name)) for name in names)])
    taken = paths_of(SimpleNamespace(mimeData=lambda: mime))
    assert [path.name for path in taken] == ["a.keras", "b.PNG", "folder"]
    (tmp_path / "folder" / "run.json").touch()
    both = look_at([tmp_path / "a.keras", tmp_path / "b.PNG", tmp_path / "folder"])
    assert both.runs == [tmp_path / "folder"] and both.problem == ""
    assert (both.draft.model, both.draft.data) == (str(tmp_path / "a.keras"), f"images:{tmp_path / 'b.PNG'}")
    two = look_at([tmp_path / "b.PNG", tmp_path / "a.keras", tmp_path / "folder", tmp_path / "b.PNG"])
    assert two.runs == [tmp_path / "folder"] and "and 2 were dropped" in two.problem and two.draft is None
    assert look_at([]) == type(two)()

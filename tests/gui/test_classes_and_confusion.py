"""*Classes* and *Confusion* of a sweep: the same shares, of unequally many copies too, and of clean images."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl

import made_runs
from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.glossary import terms
from tfstab.gui import exporting
from tfstab.gui.widgets.sweep.confusion_view import percent
from tfstab.gui.widgets.sweep.metrics_page import TERMS
from tfstab.metrics import wilson_interval
from tfstab.wording import counted

LABELS = np.repeat([0, 1, 2], [8, 6, 4])
CLEAN = LABELS.copy()
CLEAN[[0, 1, 2, 8, 9, 14]] = 1, 1, 2, 0, 2, 0  # three of class 0 are wrong, two of class 1, one of class 2
COPIES = 4


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A sweep of 18 images in progress: some have four copies at each severity, the others only one."""
    monkeypatch.setattr(made_runs, "MOST_ROWS", 12)
    predicted = np.random.default_rng(3).integers(0, 3, (len(LABELS), 2, COPIES))
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10, 20), copies=COPIES), predicted, LABELS, CLEAN)
    parts = [path for path in run.path.rglob("block-*.parquet") if not path.stem.split("-")[3].endswith("00000")]
    assert len(parts) > 3
    for path in parts[::2]:
        path.unlink()
    return run.path


@pytest.fixture
def metrics(open_window, folder, settle):
    """The window and its page of metrics, with the matrix in view."""
    window = open_window(folder, view="Metrics")
    page = window.page().metrics
    page.tabs.show_view("Confusion")
    settle(window)
    return window, page


def choose(window, page, data, settle):
    page.severities.setCurrentIndex([page.severities.itemData(n) for n in range(page.severities.count())].index(data))
    settle(window)


def cells(view):
    model = view.model()
    return {model.cell(index): index for r in range(3) for c in range(3) if (index := model.index(r, c)).isValid()}


def recalls(page):
    """What *Classes* shows as recall, without the intervals."""
    column = next(column for column in page.classes.array.columns if column.name == "recall-0")
    return [text.split(" ")[0] for text in column.texts]


def test_the_diagonal_is_the_recall_with_unequally_many_copies(metrics, folder, settle):
    window, page = metrics
    run = open_run(folder)
    copies = run.measures.total.max(axis=1)
    assert len(set(copies.tolist())) > 1
    rows = run.samples().to_pandas()
    for place in (None, 0, 1):
        choose(window, page, place, settle)
        some = rows if place is None else rows[rows["severity_index"] == place]
        view = page.confusion.views[0]
        for (actual, predicted), index in cells(view).items():
            here = some[some["class_index"] == actual]
            taken = (here["predicted"] == predicted).groupby(here["image"]).agg(["sum", "mean"])
            share, count = taken["mean"].mean(), int(taken["sum"].sum())
            assert index.data() == (percent(share) if count else "")
            text = index.data(Qt.ItemDataRole.AccessibleTextRole)
            assert f": {count} ({share:.2%}, each image counting equally)" in text
            assert f". 95 % interval from {counted(here['image'].nunique())}: " in text
            assert ("The other way round: " in text) == (actual != predicted)
            if actual == predicted:
                assert recalls(page)[actual] == f"{100 * share:.1f}"
    assert "each image counting equally" in page.state.text()


def test_the_shares_are_saved_beside_the_counts(metrics, folder, tmp_path):
    _, page = metrics
    exporting.save_confusions(str(tmp_path / "c.csv"), page.confusion.shown)
    with (tmp_path / "c.csv").open(newline="") as file:
        titles, *rows = csv.reader(file)
    run = open_run(folder)
    of = run.class_metrics()
    assert titles == ["run", "true class", "0", "1", "2", "0 (%)", "1 (%)", "2 (%)"]
    assert np.array_equal(np.array([row[2:5] for row in rows], int), of.counts)
    np.testing.assert_allclose(np.diag(np.array([row[5:] for row in rows], float)), 100 * of.recall)
    # what the cards and the verdict say about the images of other classes weighs images in the same way
    for s, severity in enumerate(run.severities):
        weighted = run.class_metrics(severity).confusion
        for k in range(3):
            others = np.delete(weighted, k, axis=0)
            assert run.measures.taken_by_severity[s, k] == pytest.approx(others[:, k].sum() / others.sum())


def test_clean_images_have_an_entry_of_their_own(metrics, folder, qtbot, settle):
    window, page = metrics
    assert [page.severities.itemText(n) for n in range(4)] == ["all noise", "clean", "10", "20"]
    choose(window, page, "clean", settle)
    (confusion,) = page.confusion.shown
    assert confusion.counts.tolist() == [[5, 2, 1], [1, 4, 1], [1, 0, 3]]
    assert recalls(page) == ["62.5", "66.7", "75.0"]
    support = next(column for column in page.classes.array.columns if column.name == "images")
    assert support.title == "Images" and support.values.tolist() == [8, 6, 4]
    low, high = wilson_interval(5, 8)
    assert next(c for c in page.classes.array.columns if c.name == "recall-0").texts[0] == (
        f"62.5 ({100 * low:.1f}–{100 * high:.1f})"
    )
    assert "click a mistake" in page.state.text()
    assert page.viewpoint_state()["metrics"]["severity_index"] == "clean"
    view = page.confusion.views[0]
    here = cells(view)
    assert "click" not in here[0, 0].data(Qt.ItemDataRole.AccessibleTextRole)
    assert here[0, 1].data() == "25"

    def click(cell):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(here[cell]).center())
        settle(window)

    click((0, 0))
    assert window.page().tabs.title() == "Metrics", "right images have no place of their own"
    click((0, 1))
    gallery = window.page().gallery
    assert window.page().tabs.title() == "Gallery"
    assert gallery.model.gallery.image[gallery.model.places].tolist() == [0, 1]
    chosen = gallery.only.currentText(), gallery.showing.currentText(), gallery.classes.currentData()
    assert chosen == ("misclassified when clean", "clean", 0) and gallery.predicted.currentText() == "1"
    kept = gallery.viewpoint_state()["gallery"]
    gallery.predicted.setCurrentIndex(0)
    assert gallery.model.gallery.image[gallery.model.places].tolist() == [0, 1, 2]
    gallery.restore({"gallery": kept})
    assert gallery.count.text().startswith("2 of ")


def test_only_right_clean_images_leave_the_diagonal(metrics, settle):
    window, page = metrics
    page.clean_correct.setChecked(True)
    choose(window, page, "clean", settle)
    assert page.confusion.shown[0].counts.tolist() == np.diag([5, 4, 3]).tolist() and recalls(page) == ["100.0"] * 3


def test_the_question_mark_opens_the_entry_of_the_table_in_view(metrics, qtbot):
    window, page = metrics
    assert {term for table in TERMS for term in table} <= {*terms()}
    qtbot.mouseClick(page.help, Qt.MouseButton.LeftButton)
    assert window.guide.window.browser.source() == QUrl("guide:glossary#confusion-matrix")

"""The page of an assessment: what it shows, where it leads, and the way through it by keys."""

import csv
import html
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import brightness, classifier, sweep
from opened_folders import press
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from tfstab import SweepConfig, open_run
from tfstab.explanation.failure import failure_when_clean
from tfstab.gui.content.robustness import TONES
from tfstab.gui.theme import MIDDLE
from tfstab.gui.widgets.robustness.assessment_page import AssessmentPage
from tfstab.gui.widgets.sweep.sweep_page import SweepPage
from tfstab.report.charts import family_dots
from tfstab.report.numbers import big_numbers


def test_runs_that_belong_together_open_as_one_item(open_window, together, qtbot):
    window = open_window(together, overview=True)
    (session,) = window.controller.sessions
    page = window.page()
    assert isinstance(page, AssessmentPage) and session.kind == "assessment" and session.path == together
    figures = session.computed.figures
    assert session.headline.endswith("% kept")
    assert page.overview.verdict.label.text() == "<br><br>".join(map(html.escape, session.computed.verdict.paragraphs))
    heat_map = page.robustness.heat_map
    assert [row.name for row in heat_map.rows] == [family.name for family in figures.families]
    assert {row.name for row in heat_map.rows} == {"gaussian_noise", "jpeg", "occlusion"}
    dots, _ = family_dots(figures.families)  # of the report
    assert [(row.tone, row.sure) for row in heat_map.rows] == [(TONES[dot.level], dot.sure) for dot in dots]
    assert [(bar.tone, bar.sure) for bar in page.overview.kept.bars] == [(r.tone, r.sure) for r in heat_map.rows]
    assert "the measured images do not show" in page.robustness.legend.text() and not all(dot.sure for dot in dots)
    jpeg = next(row for row in heat_map.rows if row.name == "jpeg")
    assert [cell.severity for cell in jpeg.cells] == [60, 5, 1], "the mildest first"


def click_cell(qtbot, table, y, x):
    table.scrollToItem(table.item(y, x))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(y, x)).center())


def test_one_image_under_all_families(open_window, together, qtbot, settle):
    window = open_window(together)
    page, session = window.page(), window.controller.current
    page.tabs.setCurrentWidget(page.robustness.parentWidget())
    assert session.grid is None, "made only when it is looked at"
    press(qtbot, page.robustness.buttons.button(1))
    settle(window)
    view, first = page.robustness.image_view, session.image
    assert [line.name for line in session.grid.lines] == [row.name for row in session.computed.families]
    press(qtbot, view.next)
    settle(window)
    assert session.image == session.computed.images[session.computed.images.index(first) + 1] == session.grid.image
    y = next(k for k, line in enumerate(session.grid.lines) if line.name == "gaussian_noise")
    shown = session.grid.lines[y].shown[1]
    click_cell(qtbot, view.table, y, 1)
    settle(window)
    run = open_run(together / "sweep")
    assert np.array_equal(page.triple.triple.degraded, run.degraded_image(session.image, shown.severity_index, 0))
    assert page.triple.isVisible() and shown.right == (
        run.sample(session.image, 1, 0)["predicted"] == int(view.about.text()[-1])
    )
    # Where there are several copies, the first is shown; the colour and the tip are about all of them.
    copies = run.samples(image=session.image).to_pandas().groupby("severity_index")
    for each in session.grid.lines[y].shown:
        of = copies.get_group(each.severity_index)
        right = int((of["predicted"] == of["class_index"]).sum())
        assert (each.copies, each.right_copies) == (len(of), right) and len(of) > 1
        assert f"{right} of {len(of)} copies are right. Shown is the first copy: " in each.tip
        assert each.tone == ("good" if right == len(of) else "middle" if right else "bad")
    press(qtbot, view.weakest)
    assert session.image == session.computed.weakest


def test_the_accuracy_kept_is_saved(open_window, explained, tmp_path):
    window = open_window(explained)
    page, fog = window.page(), window.controller.current.computed.figures.family("fog")
    page.tabs.show_view("Robustness")
    window.commands["save-table"].trigger()
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    assert Path(dialog.selectedFiles()[0]).name == "explained-robustness.csv"
    dialog.fileSelected.emit(str(tmp_path / "kept.csv"))
    with (tmp_path / "kept.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["degradation"] == "fog"]
    assert [float(row["severity"]) for row in rows[1:]] == list(fog.run.severities) and rows[0]["severity"] == "all"
    clean = fog.clean_right.mean()
    assert [float(row["kept"]) for row in rows[1:]] == pytest.approx(fog.share_right.mean(axis=0) / clean)
    assert float(rows[0]["kept_low"]) == fog.kept.low
    assert [float(row["accuracy"]) for row in rows[1:]] == pytest.approx(fog.share_right.mean(axis=0))


def test_a_cell_opens_the_run_of_its_family(open_window, together, qtbot, settle):
    window = open_window(together)
    page = window.page()
    page.tabs.setCurrentWidget(page.robustness.parentWidget())
    heat_map = page.robustness.heat_map
    y = next(k for k, row in enumerate(heat_map.rows) if row.name == "jpeg")
    click_cell(qtbot, heat_map, y, 3)
    settle(window)
    assert isinstance(window.page(), SweepPage) and window.controller.current.path == together / "jpeg"


@pytest.fixture(scope="module")
def never_right(tmp_path_factory):
    """Two sweeps of a network that is wrong on all clean images."""
    folder = tmp_path_factory.mktemp("none") / "never-right"
    model = classifier(lambda images: brightness(images)[:, [1, 2, 0]], "rolled")
    sweep(folder / "noise", SweepConfig(sigmas=(5, 90), copies=2), model=model)
    sweep(folder / "fog", SweepConfig(degradation="fog", severities=(20, 40)), model=model)
    return folder


def test_where_no_image_is_right_when_clean_accuracies_are_shown_and_the_images_listed(
    open_window, never_right, qtbot, settle, monkeypatch
):
    monkeypatch.setattr("tfstab.gui.sessions.failure_card.PATIENCE", 1)
    window = open_window(never_right, overview=True)
    page, session, families = window.page(), window.controller.current, window.controller.current.computed.families
    assert [number.isVisible() for number in page.overview.numbers] == [True, False, False, False]
    assert page.overview.kept.title.text() == "Accuracy under each degradation"
    right = [family.share_right.mean() for family in session.computed.figures.families]
    assert [bar.share for bar in page.overview.kept.bars] == pytest.approx(right) and max(right) > 0
    assert all(bar.text_right.endswith(" %") for bar in page.overview.kept.bars)
    assert page.overview.key.text().endswith("; 0 % are right when clean."), "there is no dashed curve"
    assert "no accuracy to keep" in " ".join(label.text() for label in page.overview.kept.findChildren(QLabel))
    robustness, asked = page.robustness, []
    table = robustness.heat_map
    assert table.horizontalHeaderItem(0).text() == "accuracy (95 % interval)" and "–" not in table.item(0, 1).text()
    assert "no accuracy to keep" in robustness.waiting.text() and robustness.legend.isHidden()
    assert " images are right" in table.item(0, 1).toolTip()
    before = page.viewpoint()
    robustness.visit_asked.connect(asked.append)
    table.cell_asked.emit(families[0], families[0].cells[0])
    settle(window)
    assert asked[0].state["filter"] == {"severity_index": 0}, (
        "no image is right when clean, so a filter would leave none"
    )
    window.controller.visit(before)
    settle(window)
    # There is no weakest image; the image chosen in the explorer is shown under all degradations.
    view = page.robustness.image_view
    assert not view.weakest.isEnabled() and "right when clean" in view.weakest.toolTip() and session.image == 0
    page.tabs.show_view("Explorer")
    press(qtbot, page.explorer.view.next)
    assert page.explorer.view.explorer.state.image == session.image == 1
    page.tabs.show_view("Robustness")
    press(qtbot, robustness.buttons.button(1))
    settle(window)
    assert session.grid.image == 1 and view.about.text().startswith("Image 1")
    # The card gives the answer of `inspect --why` about the assessment, from all of its sweeps.
    card, wrong = window.controller.card, failure_when_clean(session.run.opened.runs, 1)
    window.panels.want_image(True)
    click_cell(qtbot, view.table, 1, 1)
    qtbot.waitUntil(lambda: card.content is not None and card.content.at_once is not None)
    said = window.facts.card.verdict.label.text()
    assert "Wrong already when clean" in said and all(html.escape(each) in said for each in wrong.sentences)
    assert "changes that were tried (2 degradations)" in said and window.facts.card.verdict.tone == MIDDLE
    # The number counts the images that are wrong when clean, and leads to them.
    page.tabs.show_view("Overview")
    press(qtbot, page.overview.numbers[0])
    settle(window)
    gallery = window.page().gallery
    assert gallery.only.currentText() == "misclassified when clean" and gallery.model.rowCount() == 9
    run = window.controller.current.run
    scores = run.clean.scores[0]
    assert gallery.model.index(0).data() == f"cat → {run.class_names[scores.argmax()]}\nscore {scores.max():.3f}"
    gallery.showing.setCurrentIndex(1)
    assert gallery.model.index(0).data().endswith(" % wrong"), "of degraded images"


def test_the_overview_leads_to_what_it_counts(open_window, explained, qtbot, settle):
    window = open_window(explained, overview=True)
    page, session = window.page(), window.controller.current
    numbers = {number.caption.split(",")[0].split(" (")[0].split(" of ")[0]: number for number in page.overview.numbers}
    of_report = [number.value for number in big_numbers(session.computed.figures)]
    assert [numbers["clean accuracy"].number, numbers["kept"].number] == of_report[:2]
    assert session.headline == f"{of_report[1]} kept"
    assert [bar.label for bar in page.overview.kept.bars] == [row.label for row in session.computed.families]
    press(qtbot, numbers["kept"])
    assert page.tabs.title() == "Robustness"
    page.tabs.show_view("Overview")
    tile = page.overview.weakest.tiles[-1]
    image = int(tile.pictures[0].tip.split(":")[0].split()[-1])
    qtbot.keyClick(tile, Qt.Key.Key_Space)
    settle(window)
    assert page.robustness.image_view.isVisible() and session.image == session.grid.image == image
    page.tabs.show_view("Overview")
    press(qtbot, page.overview.kept.bars[0])
    settle(window)
    assert window.controller.current.path == session.computed.families[0].path
    window.controller.visits.step(-1)
    settle(window)
    assert window.controller.current is session


def test_tab_leaves_every_table_and_arrows_go_to_its_cells(open_window, together, settle, qtbot):
    window = open_window(together, overview=True)
    page, asked = window.page(), []
    page.tabs.show_view("Robustness")
    settle(window)
    heat_map, image = page.robustness.heat_map, window.controller.current.image
    heat_map.cell_asked.connect(lambda row, cell: asked.append((row, cell)))
    heat_map.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(heat_map, key)
    assert (heat_map.currentRow(), heat_map.currentColumn()) == (1, 2)
    assert window.controller.current.image == image
    qtbot.keyClick(heat_map, Qt.Key.Key_Return)
    assert asked == [(heat_map.rows[1], heat_map.rows[1].cells[1])]
    settle(window)
    window.commands["back"].trigger()
    settle(window)
    robustness = page.robustness
    tables = heat_map, robustness.image_view.table, robustness.pair_view.table, robustness.class_view.table
    for part, table in enumerate(tables):
        page.robustness.show_part(part)
        table.setFocus()
        qtbot.keyClick(table, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not table


def test_tab_visits_an_overview_and_the_steps_of_the_explorer_as_they_are_on_the_page(
    open_window, together, settle, qtbot
):
    window = open_window(together, overview=True)
    page = window.page()
    page.overview.setFocus()
    names = []
    for _ in range(3 + 2 * sum(block.isVisible() for block in page.overview.numbers)):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    assert names[0] == page.overview.numbers[0].accessibleName() and names[1].startswith("Explain ")
    assert names.index("All severities") > names.index(page.overview.numbers[1].accessibleName())
    page.tabs.show_view("Explorer")
    settle(window)
    steps = page.explorer.view.steps
    steps.setFocus()
    reached = []
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    row = steps.rows[0]
    assert reached == [row.remove, row.slider.slider, row.number, steps.adding]

"""A folder of runs that belong together is one item: opening it, its page, and the way to its runs."""

import csv
import html
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from assessment_runs import first_of, sweep_of
from numpy_runs import brightness, classifier, dataset, sweep
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox

from tfstab import SweepConfig, open_run
from tfstab.errors import InputError
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import lead
from tfstab.explanation import ExplanationConfig, run_explanation
from tfstab.explanation.failure import failure_when_clean
from tfstab.explanation.lead import lead as lead_of_explanation
from tfstab.gui.content.assessment import OpenedAssessment
from tfstab.gui.content.robustness import TONES
from tfstab.gui.opening import NEW_RUN, items_of, open_folder
from tfstab.gui.theme import BAD, GOOD, MIDDLE, tone_colour
from tfstab.gui.widgets.bars import BarRow
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.gui.widgets.legend import Legend
from tfstab.gui.widgets.levels_legend import LevelsLegend
from tfstab.gui.widgets.robustness.assessment_page import AssessmentPage
from tfstab.gui.widgets.robustness.why_page import NO_REPORT, NOTHING, REPORT_LATER
from tfstab.gui.widgets.sweep.sweep_page import SweepPage
from tfstab.report.charts import family_dots
from tfstab.report.numbers import big_numbers
from tfstab.runs.together import SIDES


@pytest.fixture(scope="module")
def together(runs, tmp_path_factory):
    """A search and three sweeps of one network on the same digits, in one folder."""
    folder = tmp_path_factory.mktemp("robust") / "together"
    for name in ("search", "sweep", "jpeg", "occlusion"):
        shutil.copytree(runs / name, folder / name)
    return folder


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
    assert "the measured images do not tell" in page.robustness.legend.text() and not all(dot.sure for dot in dots)
    jpeg = next(row for row in heat_map.rows if row.name == "jpeg")
    assert [cell.severity for cell in jpeg.cells] == [60, 5, 1], "the mildest first"


def press(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


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


def test_a_folder_of_an_assessment_and_other_runs_opens_all_of_them(open_window, together, tmp_path):
    shutil.copytree(together, tmp_path / "assessed")
    for name in ("jpeg", "search"):  # which would belong together
        shutil.copytree(together / name, tmp_path / name)
    window = open_window(tmp_path)
    assert [session.path.name for session in window.controller.sessions] == ["assessed", "jpeg", "search"]


def test_another_network_beside_it(open_window, together, qtbot, settle, tmp_path):
    other = shutil.copytree(together, tmp_path / "other")
    window = open_window(together, other, overview=True)
    page, session = window.page(), window.controller.current
    page.compare.choices[window.controller.sessions[1]].trigger()
    press(qtbot, page.robustness.buttons.button(2))
    settle(window)
    table = page.robustness.pair_view.table
    titles = [table.item(y, 0).text() for y in range(table.rowCount())]
    assert titles == ["mean of all", "clean images", "minimum noise", *(row.title for row in session.computed.families)]
    jpeg = session.computed.figures.family("jpeg")
    y = titles.index("JPEG compression")
    assert table.item(y, 1).text() == table.item(y, 2).text() == f"{100 * jpeg.share_right.mean():.1f}"
    assert table.item(y, 3).text().startswith("+0.0 (-") and table.item(y, 5).text() == "not decided"
    # Both networks have the same name, so that their folders are named.
    header = [table.horizontalHeaderItem(x).text() for x in (1, 2)]
    assert header == ["together (%)", "other (%)"]
    said = page.robustness.pair_view.said.text()
    assert "The mean and the clean images are each decided by themselves, too. So is the minimum noise." in said
    assert table.item(2, 3).text().startswith("median of ratios 1.00 (")
    assert table.item(2, 4).toolTip().startswith("The median L2 of the noise found is")
    assert (
        "'together' minus 'other':" in said and "none is right with 'other' only, and none with 'together' only" in said
    )
    assert page.robustness.legend.text().endswith("■</span>&nbsp;other")
    assert [curve.name for curve in page.overview.curve.curves] == ["together", "other"]
    assert page.overview.numbers[0].caption.splitlines()[1].endswith(" in other (difference not decided)")
    (other,) = session.compared.runs
    bar, kept = page.overview.kept.bars[0], other.computed.figures.family(session.computed.families[0].name).kept
    assert bar.others == (kept.value,) and bar.toolTip().splitlines()[-1].startswith("other: ")
    assert page.overview.kept.findChild(LevelsLegend).text().endswith("■</span>&nbsp;other")
    classes, weakest = page.overview.classes, other.computed.figures.weakest_classes[0]
    assert classes.bars[0].others == (weakest.accuracy.value,) and classes.bars[0].toolTip().count("other: ") == 1
    assert classes.findChild(Legend).text().endswith("■</span>&nbsp;other")
    row = session.computed.families[0]
    page.robustness.heat_map.cell_asked.emit(row, row.cells[0])
    settle(window)
    sweep_session = window.controller.current
    assert sweep_session.path == row.path
    assert [s.path.parent for s in sweep_session.comparison.runs] == [other.path], "what was compared still is"


def test_a_difference_is_positive_and_green_where_the_network_in_view_is_better(open_window, qtbot, settle, tmp_path):
    for name, right in (("plain", (0.6, 0.4, 0.3)), ("hardened", (0.9, 0.8, 0.7))):
        for family in ("fog", "jpeg"):
            sweep_of(tmp_path / name, family, first_of(right, 60), name=name)
    window = open_window(tmp_path / "plain", tmp_path / "hardened")
    for row, sign, tone in ((1, 1, GOOD), (0, -1, BAD)):
        window.controller.select(window.controller.sessions[row])
        settle(window)
        page, names = window.page(), [session.model_name for session in window.controller.sessions]
        own, other = names[row], names[1 - row]
        page.compare.choices[window.controller.sessions[1 - row]].trigger()
        press(qtbot, page.robustness.buttons.button(2))
        settle(window)
        table = page.robustness.pair_view.table
        assert table.horizontalHeaderItem(3).text() == f"{own} minus {other} (points)"
        difference = table.item(0, 3)
        assert difference.text().startswith(f"{sign * 36.7:+.1f} (")
        assert difference.foreground().color() == tone_colour(table.palette(), tone)
        assert table.item(0, 5).text() == "hardened"
        assert f"'{own}' minus '{other}': {difference.text()} points over" in page.robustness.pair_view.said.text()


def test_an_overview_says_first_what_a_hardening_changed(open_window, settle, tmp_path):
    # Of 10 images, the original is right on 4 when clean and 4 when degraded, and the hardened network on 8 and 6.
    folder, images = tmp_path / "harden", np.arange(10)
    for name, clean, degraded in zip(SIDES, (4, 8), (4, 6), strict=True):
        for family in ("fog", "jpeg"):
            right = first_of((degraded / 10,), 10)
            sweep_of(folder / name, family, right, severities=(20,), clean=images < clean, name=name)
    (folder / "hardening.json").touch()
    window = open_window(folder, overview=True)
    sessions = {session.name: session for session in window.controller.sessions}
    sweeps = [[family.run for family in sessions[name].computed.figures.families] for name in SIDES]
    told = lead(RemedyComparison(*sweeps))
    assert told.startswith(
        "Averaged over 2 degradations, applied one at a time, accuracy is 40.0 % before and 60.0 % after; whether it"
    )
    for session in sessions.values():
        window.controller.select(session)
        settle(window)
        page = window.page()
        assert page.overview.verdict.label.text().startswith(f"<b>Before and after hardening.</b> {told}")
        # The accuracy kept would suggest that it falls from 100 to 75 %.
        compared = [number.caption.splitlines()[1:] for number in page.overview.numbers if number.isVisible()]
        assert compared[0] and not any(compared[1:]) and "kept" not in session.headline
        (other,) = set(SIDES) - {session.name}
        (legend,) = page.overview.kept.findChildren(LevelsLegend)
        assert other not in legend.text() and "always answering" in legend.text()
        assert all(np.isnan(bar.others).all() and other not in bar.toolTip() for bar in page.overview.kept.bars)
    # JPEG was measured after the file was written: by a job that still goes on.
    recorded = {"unmeasured": ["JPEG", "translation", "motion blur", "bad\n", 7], "shortened": "It was cut short."}
    recorded["unmeasured"][0] = next(f.title for f in session.computed.figures.families if f.name == "jpeg")
    missing = "Only 2 of 4 degradations were measured; there was no time for translation and motion blur."
    for content, before in ((json.dumps(recorded), f"{missing} It was cut short. "), ("[" * 99, "")):
        (folder / "comparison.json").write_text(content)
        page.overview.refresh()
        settle(window)
        assert page.overview.verdict.label.text().startswith(f"<b>Before and after hardening.</b> {before}{told}")


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
def explained(tmp_path_factory):
    """Two sweeps of a network and an explanation of it."""
    folder = tmp_path_factory.mktemp("why") / "explained"
    sweep(folder / "noise")
    sweep(folder / "fog", SweepConfig(degradation="fog"))
    run_explanation(
        classifier(), dataset(), ExplanationConfig(copies=2, max_queries=100, only=("copies",)), folder / "explanation"
    )
    return folder


@pytest.fixture(scope="module")
def inverted(tmp_path_factory):
    """The same sweeps of a network that takes bright for dark."""
    folder = tmp_path_factory.mktemp("why") / "inverted"
    model = classifier(lambda images: brightness(images)[:, ::-1], "inverted")
    sweep(folder / "noise", model=model)
    sweep(folder / "fog", SweepConfig(degradation="fog"), model=model)
    return folder


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


def test_why_says_what_the_explanation_found(open_window, explained, together, settle, qtbot):
    window = open_window(explained, together)
    page = window.page()
    page.tabs.show_view("Why")
    before = page.why.harden.mapTo(page, QPoint())
    with pytest.raises(InputError, match="no figure of the layers yet"):
        page.why.figure()
    settle(window)
    assert page.why.harden.mapTo(page, QPoint()) == before, "the buttons stay where they are"
    assert page.why.verdict.label.text() == html.escape(lead_of_explanation(open_run(explained / "explanation")))
    assert page.why.causes.findChildren(QLabel)[-1].text() == NO_REPORT and not page.why.causes.link.isEnabled()
    everything = "The report shows everything"
    assert not any(everything in label.text() for label in page.why.causes.findChildren(QLabel)), "there is none yet"
    report = explained / "explanation" / "report.html"
    report.write_text("what was found")
    page.why.shown()
    settle(window)
    assert any(everything in label.text() for label in page.why.causes.findChildren(QLabel))
    assert page.why.why.report == report and page.why.causes.link.isEnabled(), "it is written last"
    report.unlink()
    assert page.why.explain.isVisible() and page.why.explain.text() == "Measure more…"
    found = window.controller.current.run.opened.explanation
    found.info["environment"]["device"] = "CPU"  # as if the model were in a file
    press(qtbot, page.why.explain)
    (dialog,) = window.findChildren(NewRunDialog)
    assert dialog.kinds.kind == "explain" and dialog.out.text() == str(explained / "explanation")
    assert dialog.limit.value() == len(found.rows), "which is the number to raise"
    dialog.reject()
    worst = window.controller.current.computed.families[0]
    assert page.why.lost.text() == f"Images lost under {worst.title}"
    press(qtbot, page.why.lost)
    settle(window)
    assert window.controller.current.path == worst.path and window.page().tabs.title() == "Misclassifications"
    window.controller.select(window.controller.sessions[1])
    other = window.page().why
    window.page().tabs.show_view("Why")
    assert other.explain.isVisible() and "no explanation yet" in other.waiting.text()
    qtbot.mouseClick(other.explain, Qt.MouseButton.LeftButton)
    dialog = next(each for each in window.findChildren(NewRunDialog) if each.isVisible())
    assert dialog.kinds.kind == "explain" and dialog.out.text() == str(together / "explanation")
    dialog.reject()


def test_an_explanation_that_is_not_finished_is_continued(open_window, explained, settle, tmp_path):
    folder = shutil.copytree(explained, tmp_path / "half")
    next((folder / "explanation" / "parts").iterdir()).unlink()
    window = open_window(folder)
    why, found = window.page().why, window.controller.current.run.opened.explanation
    window.page().tabs.show_view("Why")
    settle(window)
    assert f"Explained so far: {found.extent}. Continue…" in why.waiting.text()
    assert why.causes.findChildren(QLabel)[-1].text() == REPORT_LATER
    assert why.explain.isVisible() and why.explain.text() == "Continue…"
    found.info["environment"]["device"] = "CPU"  # as if the model were in a file
    why.explain.click()
    (dialog,) = window.findChildren(NewRunDialog)
    assert dialog.kinds.kind == "explain" and dialog.out.text() == str(folder / "explanation")
    settings = dialog.kinds.part.settings
    asked = {name: settings[name] for name in ("copies", "max_queries", "only", "seed")}
    assert asked == {"copies": 2, "max_queries": 100, "only": "copies", "seed": 0}
    assert dialog.limit.value() == found.info["data"]["images"]
    dialog.reject()


def test_a_model_that_was_a_function_is_explained_and_hardened_in_python(open_window, inverted, settle):
    window = open_window(inverted)
    window.page().tabs.show_view("Why")
    settle(window)
    for button, task in ((window.page().why.explain, "explain"), (window.page().why.harden, "harden")):
        button.click()
        (box,) = window.findChildren(QMessageBox)
        assert not window.findChildren(NewRunDialog) and "(inverted) was a Python function" in box.text()
        next(each for each in box.buttons() if "opy" in each.text()).click()
        script = QApplication.clipboard().text()
        compile(script, "script", "exec")
        assert f"tfstab.{task}(\n    classifier,\n    images,\n" in script
        box.done(0)
        settle(window)
    window.commands["new"].trigger()
    (dialog,) = window.findChildren(NewRunDialog)
    assert dialog.model.value == "" and dialog.out.text() == str(inverted.parent / "assess-model-images")
    dialog.start.click()
    assert dialog.isVisible() and "was a Python function" in dialog.problem.text()
    dialog.reject()


def test_differences_between_networks_have_their_sign(open_window, explained, inverted, settle):
    window = open_window(explained, inverted)
    page, (session, other) = window.page(), window.controller.sessions
    session.compared.compare([other])
    settle(window)
    (pairing,) = session.compared.pairings
    assert pairing.model == "inverted" and pairing.overall.value > 0
    own, theirs = (s.computed.figures.family("fog").share_right.mean() for s in (session, other))
    (fog,) = [row for row in pairing.rows if row.title == "fog"]
    assert fog.accuracy.value == pytest.approx(own - theirs)
    page.tabs.show_view("Overview")
    settle(window)
    captions = [number.caption.splitlines() for number in page.overview.numbers if number.isVisible()]
    notes = [caption[1].partition(" in inverted ")[2] for caption in captions]
    assert notes[0] == "(difference not decided)" and set(notes[1:]) == {"(difference not tested)"}
    assert not page.overview.unlike.isVisible(), "it is of the same images"


def test_an_explanation_made_beside_an_assessment_is_found_and_leads_to_it(open_window, explained, settle, tmp_path):
    folder = shutil.copytree(explained, tmp_path / "assessed", ignore=shutil.ignore_patterns("explanation"))
    window = open_window(folder)
    page = window.page()
    page.tabs.show_view("Why")
    settle(window)
    assert page.why.waiting.text().startswith(NOTHING)
    page.tabs.show_view("Overview")
    beside = shutil.copytree(explained / "explanation", tmp_path / "explanation-assessed")
    page.tabs.show_view("Why")
    settle(window)
    assert page.why.why is not None and page.why.why.images and page.why.waiting.text() != NOTHING
    for run in (beside, explained / "explanation"):
        page.tabs.show_view("Overview")
        window.controller.open([run])
        settle(window)
        assert window.page().tabs.title() == "Why" and window.page().why.why is not None
    assert [session.path for session in window.controller.sessions] == [folder, explained]


def test_figures_of_other_images_are_not_shown_as_if_they_were_of_the_same(open_window, explained, settle, tmp_path):
    few = dataset().take(6)
    for name, config in (("noise", None), ("fog", SweepConfig(degradation="fog"))):
        sweep(tmp_path / "few" / name, config, few, classifier(fingerprint="few"))
    window = open_window(explained, tmp_path / "few", overview=True)
    session, overview = window.controller.sessions[0], window.page().overview
    assert not overview.unlike.isVisible()
    session.compared.compare([window.controller.sessions[1]])
    settle(window)
    whole = len(dataset())
    assert overview.unlike.isVisible()
    said = f"few was measured on other images: {whole} in this run, 6 in that one, 6 in common."
    assert overview.unlike.text().startswith(said)
    assert "in few (other images)" in overview.numbers[0].caption
    assert [curve.name for curve in overview.curve.curves][1:] == ["few (other images)"]
    own = ", each run on its own images"
    for block in (overview.kept, overview.curve_block, overview.classes):
        assert own in block.title.text()
    legend = overview.curve.legend.text()
    assert legend.startswith("Each run on its own images:") and "few (other images) (6 images)" in legend
    session.compared.compare([])
    settle(window)
    assert not overview.unlike.isVisible() and "few" not in overview.numbers[0].caption
    assert own not in overview.kept.title.text() + overview.curve_block.title.text()


def test_a_folder_that_grows_or_disappears_is_followed(open_window, explained, qtbot, settle, tmp_path):
    folder = shutil.copytree(explained, tmp_path / "growing", ignore=shutil.ignore_patterns("fog"))
    window = open_window(folder)
    session, page = window.controller.current, window.page()
    page.tabs.show_view("Overview")
    settle(window)
    assert [bar.label for bar in page.overview.kept.bars] == ["Gaussian noise, 9 images"]
    classes = [bar for bar in page.overview.classes.findChildren(BarRow) if not bar.isHidden()]
    assert [bar.label for bar in classes] == [c.name for c in session.computed.figures.weakest_classes]
    shutil.copytree(explained / "fog", folder / "fog")
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: len(page.overview.kept.bars) == 2)
    assert window.controller.current is session and len(page.robustness.heat_map.rows) == 2
    shutil.rmtree(folder)
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: session.gone)
    assert "no longer exists" in page.header.state.text() and len(page.overview.kept.bars) == 2


def test_a_damaged_part_leaves_out_its_degradation_only(open_window, explained, qtbot, settle, tmp_path):
    folder = shutil.copytree(explained, tmp_path / "damaged")
    (folder / "assessment.json").write_text("{}")
    part = next((folder / "fog" / "parts").iterdir())
    content = part.read_bytes()
    part.write_bytes(content[:-9])
    window = open_window(folder)
    page = window.page()
    page.tabs.show_view("Overview")
    settle(window)
    line = f"Fog is left out, because files in {folder / 'fog'} are damaged: run `tfstab assess` again"
    assert page.overview.drawn.isVisible() and page.overview.drawn.text().startswith(line)
    assert page.overview.verdict.label.text().startswith("The results for fog are damaged and left out.")
    assert len(page.overview.kept.bars) == 1 and page.overview.waiting.isHidden()
    assert page.robustness.waiting.text().startswith(line) and len(page.robustness.heat_map.rows) == 1
    assert not window.findChildren(QMessageBox)
    part.unlink()  # as the command does, which then makes it again
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: "damaged" not in page.overview.verdict.label.text())
    part.write_bytes(content)
    window.controller.watcher.look()
    qtbot.waitUntil(lambda: len(page.overview.kept.bars) == 2)
    assert page.overview.drawn.isHidden() and len(page.robustness.heat_map.rows) == 2


@pytest.mark.parametrize("broken", ["assessment_session.compute", "assessment_session.grid_of"])
def test_an_unexpected_error_is_said_where_the_result_would_be(open_window, together, settle, monkeypatch, broken):
    def fail(*_):
        raise KeyError("surprise")

    with monkeypatch.context() as harm:
        harm.setattr(f"tfstab.gui.sessions.{broken}", fail)
        window = open_window(together, overview=True)
        page, session = window.page(), window.controller.current
        page.robustness.show_part(1)
        settle(window)
    (box,) = window.findChildren(QMessageBox)
    assert "KeyError" in box.detailedText()
    box.close()
    where = page.overview.waiting if session.computed is None else page.robustness.image_view.about
    assert "failed because of an unexpected error" in where.text()
    session.reload()
    settle(window)
    assert page.overview.waiting.isHidden() and page.robustness.image_view.about.text() == session.grid.title


def test_runs_of_several_networks_open_one_by_one(runs, together):
    assert items_of(runs) == sorted(runs / name for name in ("search", "sweep", "jpeg", "occlusion", "rain", "rgb"))
    assert items_of(runs / "sweep") == [runs / "sweep"]
    assert items_of(together.parent) == [together], "as in the folder of a hardening"


def test_images_and_models_are_no_runs_but_can_be_measured(tmp_path):
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    assert not str(open_folder(tmp_path / "photos")).endswith(NEW_RUN)
    (tmp_path / "photos" / "cat" / "1.png").touch()
    (tmp_path / "net.keras").touch()
    for name in ("photos", "net.keras"):
        assert str(open_folder(tmp_path / name)).endswith(f". {NEW_RUN}")
    (tmp_path / "photos" / "cat" / "run.json").touch()
    for damaged in ("photos", "photos/cat"):
        assert not str(open_folder(tmp_path / damaged)).endswith(NEW_RUN), "a damaged run is no folder of images"


def test_further_images_of_rare_classes_are_no_item_of_an_unfinished_assessment(together, tmp_path):
    copy = shutil.copytree(together, tmp_path / "begun")
    for name in ("sweep", "jpeg"):
        shutil.copytree(together / name, copy / "rare" / name)
    assert items_of(copy) == items_of(tmp_path) == [copy]
    assert items_of(copy / "rare") == items_of(copy / "rare" / "jpeg") == [copy], "they belong to it"


def test_an_assessment_grows_with_its_further_images_of_rare_classes_alone(together, tmp_path):
    copy = shutil.copytree(together, tmp_path / "begun")
    opened = OpenedAssessment(copy)
    before = opened.progress
    assert opened.how_far() == before
    rare = shutil.copytree(together / "jpeg", copy / "rare" / "jpeg")
    more = len(list((rare / "parts").iterdir()))
    assert opened.how_far() == (before[0] + more, before[1] + more), "the assessment is read again"


def test_a_folder_above_has_the_assessments_of_hardenings_and_no_explanations(runs, together, explained, tmp_path):
    sides = [tmp_path / "harden-digits" / side for side in SIDES]
    for side in sides:
        shutil.copytree(together, side)
    shutil.copytree(runs / "sweep", tmp_path / "sweep")
    shutil.copytree(explained / "explanation", tmp_path / "explanation-digits")
    assert items_of(tmp_path) == [*sorted(sides), tmp_path / "sweep"]
    assert items_of(sides[0].parent) == sorted(sides)
    assert items_of(tmp_path / "explanation-digits") == [tmp_path / "explanation-digits"], "opening it says where"


def test_a_damaged_run_does_not_keep_the_others_from_opening(open_window, together, qtbot, settle, tmp_path):
    copy = shutil.copytree(together, tmp_path / "copy")
    (copy / "jpeg" / "run.json").write_text("{")
    window, said = open_window(), []
    window.controller.failed.connect(lambda sentence, details: said.append(sentence))
    window.controller.open([copy])
    settle(window)
    (session,) = window.controller.sessions
    assert [family.name for family in session.computed.families] == ["occlusion", "gaussian_noise"]
    assert len(said) == 1 and said[0].startswith(f"{copy / 'jpeg' / 'run.json'} is damaged")


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

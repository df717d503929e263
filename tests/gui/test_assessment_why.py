"""The page "Why" of an assessment: what its explanation found, and how an explanation is made or continued."""

import html
import shutil

import pytest
from opened_folders import press
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from tfstab import open_run
from tfstab.errors import InputError
from tfstab.explanation.lead import lead as lead_of_explanation
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.gui.widgets.robustness.why_page import NO_REPORT, NOTHING, REPORT_LATER


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

"""The guide in the viewer: its window, the question marks that open it, and errors that it can explain."""

import re
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from PySide6.QtWidgets import QLineEdit, QMessageBox

from tfstab import gui, guide
from tfstab.glossary import terms
from tfstab.gui.theme import DARK, LIGHT, SYSTEM, apply_theme
from tfstab.gui.widgets.array_table import ArrayTable
from tfstab.gui.widgets.guide.browser import MARGIN, GuideBrowser
from tfstab.gui.widgets.guide.window import GuideWindow
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.guide.markdown import sections
from tfstab.orders.parameters import parameters_of


@pytest.fixture
def guide_window(qtbot):
    window = GuideWindow()
    qtbot.addWidget(window)
    window.show_place()
    return window


def topic(window):
    return window.browser.source().path()


def anchors(of):
    return {section.heading.anchor for section in sections(guide.read(of))}


def test_a_search_waits_until_it_is_prepared(qtbot, monkeypatch):
    prepared = threading.Event()
    monkeypatch.setattr("tfstab.gui.widgets.guide.window.prepare", lambda: prepared.wait(120))
    window = GuideWindow()
    qtbot.addWidget(window)
    window.show_place("viewer")
    qtbot.keyClicks(window.line, "salt and pepper")
    qtbot.keyClick(window.line, Qt.Key.Key_Return)
    assert topic(window) == "viewer" and not window.contents.searching
    prepared.set()
    qtbot.waitUntil(lambda: topic(window) != "viewer" and window.contents.searching)


def test_the_tutorial_by_mouse_has_the_words_of_the_window(open_window, qtbot):
    window = open_window()
    qtbot.mouseClick(window.welcome.tutorial_button, Qt.MouseButton.LeftButton)
    shown = window.guide.window.browser.source()
    steps = next(s for s in sections(guide.read(shown.path())) if s.heading.anchor == shown.fragment())
    named = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", " ".join(steps.source.split()))
    assert len(named) > 15
    source = "".join(path.read_text("utf-8") for path in Path(gui.__file__).parent.glob("**/*.py")).replace("&", "")
    fields = {parameter.name.capitalize().replace("_", " ") for parameter in parameters_of("harden")}
    unknown = [words for words in named if f'"{words}"' not in source and words not in fields]
    assert not unknown, "these are no words of a button, tab, menu or field"


def test_f1_opens_the_guide_where_it_explains_the_tab_in_view(window, qtbot, settle):
    window.commands["guide"].trigger()
    shown = window.guide.window
    assert topic(shown) == "viewer" and shown.browser.source().fragment() == "scatter" and shown.isVisible()
    assert shown.contents.tree.currentItem().text(0) == "Use the viewer"
    window.page().tabs.show_view("Metrics")
    settle(window)
    qtbot.mouseClick(window.page().help, Qt.MouseButton.LeftButton)
    assert shown.browser.source().fragment() == "metrics" and window.guide.window is shown
    window.close()
    assert window.guide.window is None and not shown.isVisible()


def test_every_tab_and_every_term_has_a_place(window, every_tab):
    seen = set()
    for _ in every_tab(window):
        of, _, anchor = window.page().guide_place().partition("#")
        assert anchor in anchors(of), window.page().guide_place()
        seen.update(term for button in window.findChildren(HelpButton) for term in button.terms)
        seen.update(column.term for table in window.findChildren(ArrayTable) for column in table.array.columns)
    assert (
        seen <= {*terms(), ""} and {"accuracy", "minimum noise", "relative gain", "precision", "PSNR", "Linf"} <= seen
    )


def test_a_question_mark_opens_the_entry_of_its_term(open_window, runs, qtbot):
    window = open_window(runs / "sweep", overview=True)
    number = window.page().overview.numbers[0]
    assert terms()["clean accuracy"] in number.toolTip()
    qtbot.mouseClick(number.help, Qt.MouseButton.LeftButton)
    browser = window.guide.window.browser
    assert browser.source() == QUrl("guide:glossary#clean-accuracy")
    qtbot.waitUntil(lambda: browser.verticalScrollBar().value() > 0)
    line = browser.cursorForPosition(QPoint(40, 8)).block().text()
    assert line == "clean accuracy"


def test_words_lead_to_their_place(guide_window, qtbot):
    line, contents = guide_window.findChild(QLineEdit), guide_window.contents
    qtbot.keyClicks(line, "minimum noise")
    qtbot.waitUntil(lambda: contents.searching)
    assert contents.found.count() > 2
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert topic(guide_window) == guide.find("minimum noise")[0].page.topic
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not contents.searching)
    assert guide_window.isVisible()
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not guide_window.isVisible()


def test_pages_follow_one_another_and_come_back(guide_window, monkeypatch):
    browser, actions = guide_window.browser, guide_window.actions_by_name
    assert not actions["back"].isEnabled()
    browser.anchorClicked.emit(QUrl("guide:glossary#sigma"))
    browser.setSource(QUrl("guide:glossary#sigma"))
    assert topic(guide_window) == "glossary" and guide_window.windowTitle().startswith("Glossary")
    assert [mark.cursor.block().text() for mark in browser.extraSelections()] == ["sigma"]
    actions["back"].trigger()
    assert topic(guide_window) == "index" and actions["forward"].isEnabled()
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    browser.setSource(QUrl("https://keras.io"))
    assert opened == [QUrl("https://keras.io")] and topic(guide_window) == "index"


@pytest.mark.parametrize(("dense", "given"), [(1.0, 3000), (2.0, 3000), (2.0, 500)])
def test_pictures_have_the_width_of_the_lines_in_the_pixels_of_the_screen(qtbot, monkeypatch, tmp_path, dense, given):
    browser = GuideBrowser()
    qtbot.addWidget(browser)
    monkeypatch.setattr(browser, "devicePixelRatioF", lambda: dense)
    QImage(given, 60, QImage.Format.Format_RGB32).save(str(tmp_path / "wide.png"))
    browser.resize(640, 400)
    place = QUrl.fromLocalFile(str(tmp_path / "wide.png"))
    picture = browser.loadResource(QTextDocument.ResourceType.ImageResource, place)
    room = browser.viewport().width() - 2 - 2 * MARGIN
    assert picture.devicePixelRatio() == dense and picture.width() == min(given, round(room * dense))
    assert browser.loadResource(QTextDocument.ResourceType.ImageResource, QUrl("guide:nothing")).isNull()


def test_pages_follow_the_theme_and_fit_the_window(guide_window, qtbot, qapp):
    browser = guide_window.browser
    for theme in (DARK, LIGHT):
        apply_theme(qapp, theme)
        link = qapp.palette().link().color().name()
        qtbot.waitUntil(lambda link=link: link in browser.toHtml())
    apply_theme(qapp, SYSTEM)
    for page in guide.pages():
        browser.show_place(page.topic)
        assert browser.toPlainText().startswith(page.title), page.topic
        assert browser.horizontalScrollBar().maximum() == 0, f"{page.topic} is too wide"


def test_no_gap_follows_a_picture(guide_window):
    browser = guide_window.browser
    browser.show_place("viewer")
    assert not browser.extraSelections()
    picture = browser.document().find("\N{OBJECT REPLACEMENT CHARACTER}")
    name = picture.charFormat().toImageFormat().name()
    high = browser.loadResource(QTextDocument.ResourceType.ImageResource, QUrl(name)).height()
    room = browser.document().documentLayout().blockBoundingRect(picture.block()).height()
    assert 200 < high <= room < 1.1 * high


def test_an_error_that_the_guide_knows_offers_its_advice(open_window, qtbot):
    window = open_window()
    anchor = next(a for a in anchors("troubleshooting") if a.startswith("which-can-run-any-code"))
    window.controller.failed.emit(
        "old.h5 is an HDF5 file, which can run any code when it is loaded: add --trust if you trust its author.", ""
    )
    box = window.findChild(QMessageBox)
    what = next(button for button in box.buttons() if button.text() == "&What to do")
    qtbot.mouseClick(what, Qt.MouseButton.LeftButton)
    assert window.guide.window.browser.source() == QUrl(f"guide:troubleshooting#{anchor}") and box.isVisible()
    box.close()
    window.controller.failed.emit("Something else failed.", "")
    other = next(b for b in window.findChildren(QMessageBox) if b is not box)
    assert all(button.text() != "&What to do" for button in other.buttons())
    other.close()

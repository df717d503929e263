"""Parts of a window, each alone: the comparison's button, the first page, lazy widgets, and the guide's window."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHelpEvent, QIcon, QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tfstab.assessment.levels import LEVELS
from tfstab.gui.background import Background
from tfstab.gui.sessions.comparison import Comparison
from tfstab.gui.widgets import help_button
from tfstab.gui.widgets.compare_button import CompareButton
from tfstab.gui.widgets.guide.browser import GuideBrowser
from tfstab.gui.widgets.guide.window import GuideWindow
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.lazy import Lazy
from tfstab.gui.widgets.levels_legend import LevelsLegend
from tfstab.gui.widgets.recent_menu import RecentMenu
from tfstab.gui.widgets.welcome import WelcomePage


class Opened(QObject):
    """An open run. `why` says why other runs cannot be compared with it; "" if they can."""

    changed = Signal()

    def __init__(self, name, kind="sweep", obstacle=""):
        super().__init__()
        self.name, self.kind, self.why, self.about, self.path = name, kind, obstacle, "about", Path("/runs") / name
        self.real_path = self.path

    def obstacle(self, other):
        return other.why


class Compared(Comparison):
    def _news(self, session):
        return session.changed

    def _tell(self):
        pass

    def _read_again(self):
        pass


class Runs(QObject):
    """A controller without anything but open runs and those opened last."""

    runs_changed, current_changed = Signal(), Signal(object)

    def __init__(self, *sessions):
        super().__init__()
        self.sessions, self.opening, self.settings, self.opened, self.kept = list(sessions), 0, self, [], []

    def recent(self):
        return self.kept

    def open(self, paths):
        self.opened += paths


def test_runs_to_compare_with_are_chosen_from_a_menu(qtbot):
    own, a, b = Opened("own"), Opened("a&b"), Opened("a rather long name of a run")
    odd, other = Opened("odd", obstacle="no sigma in common: 5 and 9"), Opened("other", "search", "another kind")
    controller, comparison = Runs(own, odd, a, other, b), Compared(own)
    button = CompareButton(controller, own, comparison)
    qtbot.addWidget(button)

    def entries():
        return [(action.text(), action.isEnabled(), action.isChecked()) for action in button.menu().actions()]

    assert entries() == [
        ("a&&b", True, False), (b.name, True, False), ("odd: no sigma in common", False, False),
    ]  # fmt: skip
    assert list(button.refused) == [odd] and button.text() == "Compare with…" and "\n" not in button.toolTip()
    button.choices[b].trigger()
    button.choices[a].trigger()
    assert comparison.runs == [b, a] and button.toolTip().endswith(f"\n{b.name}, a&b")
    assert button.text().startswith("Compared with a") and "…" in button.text()
    button.choices[b].trigger()
    assert comparison.runs == [a] and button.text() == "Compared with a&&b" and "\n" not in button.toolTip()
    comparison.compare([b])
    assert [action.isChecked() for action in button.choices.values()] == [False, True] and comparison.runs == [b]
    controller.sessions.remove(b)
    controller.runs_changed.emit()
    assert comparison.runs == [] and list(button.choices) == [a] and button.text() == "Compare with…"
    controller.sessions.remove(a)
    controller.runs_changed.emit()
    assert entries()[0] == ("Open another sweep to compare it with this one", False, False) and len(entries()) == 2


def test_the_first_page_lists_the_runs_opened_last(show, qtbot):
    controller, asked = Runs(), []
    controller.kept = [Path(f"/runs/{k}") for k in range(5)]
    page = show(WelcomePage(controller, QIcon()), 700, 700)
    for name in ("open", "new", "example", "tutorial"):
        getattr(page, f"{name}_asked").connect(lambda name=name: asked.append(name))
        getattr(page, f"{name}_button").click()
    assert asked == ["open", "new", "example", "tutorial"] and page.first() is page.open_button

    def listed():
        flat = [button for button in page.findChildren(QPushButton) if button.isFlat() and button.isVisible()]
        return [button.text() for button in sorted(flat, key=lambda button: button.y())], flat

    names, buttons = listed()
    assert names == ["/runs/0", "/runs/1", "/runs/2", "/runs/3"] and not page.state.isVisible()
    buttons[1].click()
    assert controller.opened == ["/runs/1"]
    controller.opening, controller.kept = 1, controller.kept[2:3]
    controller.current_changed.emit(None)
    assert page.state.isVisible() and not page.open_button.isVisible()
    controller.opening = 0
    controller.current_changed.emit(QObject())
    qtbot.wait(1)
    assert not page.state.isVisible() and listed()[0] == ["/runs/2"]
    controller.kept = []
    controller.current_changed.emit(QObject())
    assert listed()[0] == ["/runs/2"], "with a run in view, the page is out of sight"
    controller.current_changed.emit(None)
    assert listed()[0] == [] and not [
        label for label in page.findChildren(QLabel) if "Recent" in label.text() and label.isVisible()
    ]


def test_a_lazy_widget_is_made_once_in_steps(show, qtbot):
    made, came, background = [], [], Background()

    def make():
        made.append("begun")
        yield
        made.append("made")
        return QLabel("here")

    page = QWidget()
    layout, first, last = QVBoxLayout(page), QLineEdit(), QLineEdit()
    lazy = Lazy(make, background)
    lazy.came.connect(lambda: came.append(lazy.made))
    for part in (first, lazy, last):
        layout.addWidget(part)
    assert lazy.made is None and made == []
    show(page)
    assert lazy.made is None, "the window appears first"
    lazy.begin(spare=True)
    label = lazy.view
    assert made == ["begun", "made"] and lazy.made is label and label.isVisible() and came == [label]
    qtbot.waitUntil(lambda: not background.busy)
    lazy.begin()
    lazy.hide()
    lazy.show()
    assert lazy.view is label and made == ["begun", "made"] and len(came) == 1 and lazy.layout().indexOf(label) == 0


def test_tab_visits_a_lazy_widget_in_its_place(show, qtbot):
    page = QWidget()
    layout, first, last = QVBoxLayout(page), QLineEdit(), QLineEdit()

    def make():
        inner = QWidget()
        box = QVBoxLayout(inner)
        for name in "ab":
            line = QLineEdit()
            line.setObjectName(name)
            box.addWidget(line)
        box.addWidget(QLabel("no place for the keyboard"))
        return inner

    lazy = Lazy(make, Background())
    for part in (first, lazy, last):
        layout.addWidget(part)
    show(page)
    before = lazy.focusPolicy()
    inner = lazy.view
    one, other = inner.findChild(QLineEdit, "a"), inner.findChild(QLineEdit, "b")
    first.setFocus()
    for expected in (one, other, last, first):
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
        assert page.focusWidget() is expected
    assert lazy.focusPolicy() == before == Qt.FocusPolicy.NoFocus and inner.parentWidget() is lazy
    hidden = QLabel("hidden")
    hidden.hide()
    quiet = Lazy(lambda: hidden, Background())
    layout.addWidget(quiet)
    assert quiet.view is hidden and not hidden.isVisible(), "what has hidden itself stays hidden"


def test_a_question_mark_leads_to_its_term_or_offers_several(show, monkeypatch):
    shown, button = [], HelpButton("sigma")
    monkeypatch.setattr(help_button, "show_guide", lambda widget, place: shown.append(place))
    show(button, 18, 18)
    assert button.place == "glossary#sigma" and button.sizeHint() == button.size() == QSize(18, 18)
    button.click()
    button.explain_terms("sigma", "PSNR")
    assert button.place == "" and button.accessibleName() == button.toolTip() == "Explain sigma, PSNR"
    button.click()
    (menu,) = button.findChildren(help_button.QMenu)
    assert [action.text() for action in menu.actions()] == ["Explain “sigma”", "Explain “PSNR”"]
    menu.actions()[1].trigger()
    menu.close()
    button.explain("viewer#scatter", "this tab", "a tip")
    button.click()
    assert shown == ["glossary#sigma", "glossary#psnr", "viewer#scatter"]
    assert (button.accessibleName(), button.toolTip()) == ("Explain this tab", "a tip")
    button.explain_terms("sigma")
    assert button.place == "glossary#sigma" and button.toolTip() == ""
    monkeypatch.setattr(help_button, "explained", lambda term: f"what <{term}> is")
    tip = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), QPoint(5, 5))
    button.event(tip)
    assert "what &lt;sigma&gt; is" in button.toolTip()
    button.explain_terms("sigma", "PSNR")
    button.event(tip)
    assert button.toolTip() == "Explain sigma, PSNR"


def test_the_legend_of_levels_names_open_marks_if_there_are_any(show):
    legend = show(LevelsLegend(), 600, 50)
    assert legend.text().count("●") == len(LEVELS) and "○" not in legend.text()
    legend.explain(True)
    before = legend.text()
    assert before.count("●") == len(LEVELS) and before.count("○") == 1 and "open:" in before
    dark = QPalette(legend.palette())
    dark.setColor(QPalette.ColorRole.Window, QColor("black"))
    legend.setPalette(dark)
    assert legend.text() != before, "its colours follow the theme"
    legend.explain(False, True)
    assert "○" not in legend.text() and legend.text().endswith("dotted: always answering the same class")
    legend.explain(True)
    assert "○" in legend.text() and "dotted" not in legend.text()


def test_runs_opened_last_are_in_a_menu(qtbot):
    controller, cleared = Runs(), []
    controller.clear_recent = lambda: cleared.append(1)
    menu = RecentMenu(controller)
    qtbot.addWidget(menu)
    menu.aboutToShow.emit()
    (none,) = menu.actions()
    assert none.text() == "No recent runs" and not none.isEnabled()
    controller.kept = [Path("/runs/a"), Path("/runs/b")]
    menu.aboutToShow.emit()
    first, second, line, clear = menu.actions()
    second.trigger()
    clear.trigger()
    assert first.text() == str(Path("/runs/a")) and controller.opened == [Path("/runs/b")] and line.isSeparator()
    assert cleared == [1]


# --- the guide ---


def test_pictures_are_scaled_anew_when_the_width_has_changed(show, qtbot):
    browser = GuideBrowser()
    qtbot.addWidget(browser)
    (later,) = browser.findChildren(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)
    browser.resize(600, 400)
    browser.show()
    assert later.isActive() and later.interval() == 120
    later.timeout.emit()  # no page is in view yet
    later.stop()
    assert browser.toPlainText() == ""
    browser.show_place("glossary")
    browser.resize(600, 300)
    assert not later.isActive(), "the lines are as wide as before"
    browser.resize(601, 300)
    assert later.isActive() and later.isSingleShot()
    later.stop()


def test_the_window_of_the_guide(show, qtbot, qapp):
    window = GuideWindow()
    qtbot.addWidget(window)
    window.show_place("glossary#sigma")
    qtbot.wait(1)
    assert window.isVisible() and window.browser.hasFocus() and window.windowTitle() == "Glossary – tfstab guide"
    assert window.contents.tree.currentItem().text(0) == "Glossary"
    actions = window.actions_by_name
    actions["contents"].trigger()
    assert window.browser.source().path() == "index" and actions["back"].isEnabled()
    actions["back"].trigger()
    actions["forward"].trigger()
    assert window.browser.source().path() == "index"
    window.contents.chosen.emit("viewer")
    assert window.windowTitle().endswith(" – tfstab guide") and window.browser.source().path() == "viewer"
    window.line.setText("words")
    (find,) = [action for action in window.actions() if action not in actions.values()]
    find.trigger()
    assert window.line.hasFocus() and window.line.selectedText() == "words"
    window.showMinimized()
    window.show_place()
    assert not window.isMinimized() and window.browser.source().path() == "index" and window.browser.hasFocus()
    before = actions["back"].icon().pixmap(16, 16).toImage()
    dark = QPalette(window.palette())
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base, QPalette.ColorRole.Button):
        dark.setColor(role, QColor("black"))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        dark.setColor(role, QColor("white"))
    window.setPalette(dark)
    assert actions["back"].icon().pixmap(16, 16).toImage() != before, "the icons follow the theme"
    qtbot.keyClick(window.browser, Qt.Key.Key_Escape)
    assert window.line.text() == "" and window.isVisible()
    qtbot.keyClick(window.browser, Qt.Key.Key_Escape)
    assert not window.isVisible()

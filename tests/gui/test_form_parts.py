"""The settings in the forms of a new run, and why a job failed, each by itself and without a window."""

import math
from dataclasses import make_dataclass, replace

import pytest
from doubles import heard
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from tfstab.gui.theme import BAD, mixed, tone_colour
from tfstab.gui.widgets.jobs.command_settings import CommandSettings
from tfstab.gui.widgets.jobs.degradation_menu import DegradationButton
from tfstab.gui.widgets.jobs.engine_settings import EngineSettings, offered
from tfstab.gui.widgets.jobs.failure_note import TINT, FailureNote
from tfstab.gui.widgets.jobs.forms import ScrolledForm
from tfstab.gui.widgets.jobs.run_settings import SearchSettings
from tfstab.orders.parameters import Parameter
from tfstab.search import engines
from tfstab.search.engine import Engine, Variant, setting

STEPS = Parameter("steps", "--steps", "int", 5, "How many steps", "N", None, False, False)


# --- fields of an engine ---


def test_a_setting_that_is_on_or_off_is_a_box_to_tick(show, monkeypatch):
    own = [("slow", bool, setting(False, "slow")), ("shift", int, setting(0, "shift", least=-math.inf))]
    variant = Variant("Mine", "its own")
    monkeypatch.setattr(engines, "_registered", {})
    engines.register_engine("mine", Engine(print, (variant,), make_dataclass("Settings", own, frozen=True)))
    form = show(EngineSettings())
    form.show_variant("mine", variant)
    changed = heard(form.changed)
    assert form.settings == {} and not changed
    form.fill({"slow": True, "shift": -3})
    assert form.settings == {"slow": True, "shift": -3} and len(changed) == 2


# --- fields of a command ---


def test_a_form_has_no_part_without_fields(show):
    common, rare = show(CommandSettings([STEPS])), show(CommandSettings([STEPS], all_below_more=True))
    assert common.fields["steps"].isVisible() and not common.more.isVisible()
    assert not rare.fields["steps"].isVisible() and rare.more.isVisible()
    first_part = rare.layout().itemAt(0).widget()
    assert not first_part.isVisible() and common.layout().itemAt(0).widget().isVisible()


def test_rare_fields_are_shown_once_one_is_filled_in(show):
    rare = replace(STEPS, name="rare", option="--rare", panel="Rare")
    form = show(CommandSettings([STEPS, rare]))
    right, down = Qt.ArrowType.RightArrow, Qt.ArrowType.DownArrow
    form.fill({"steps": 7, "rare": None, "other": 1})
    assert form.settings == {"steps": 7} and not form.fields["rare"].isVisible() and form.more.arrowType() == right
    form.fill({"rare": 8})
    assert form.settings == {"steps": 7, "rare": 8} and form.fields["rare"].isVisible()
    assert form.more.isChecked() and form.more.arrowType() == down
    form.more.click()
    assert not form.fields["rare"].isVisible() and form.more.arrowType() == right
    form.fill({"steps": None, "rare": None})
    assert form.settings == {} and not form.more.isChecked()


def test_what_is_typed_or_chosen_for_each_kind_of_parameter(show):
    given = {"default": None, "required": False, "multiple": False, "panel": None}
    made = [
        Parameter("many", "--many", "str", about="Names", metavar="A,B", **given | {"multiple": True}),
        Parameter("rate", "--rate", "float", about="The rate", metavar="X", **given),
        Parameter("way", "--way", "str", about="How", metavar="crop|stretch", **given),
        Parameter("must", "--must", "str", about="How", metavar="a|b", **given | {"required": True}),
        Parameter("usual", "--usual", "str", about="How", metavar="a|b", **given | {"default": "b"}),
        Parameter("data", "", "str", about="Where", metavar="", **given),
        Parameter("junit_file", "--junit", "Path", about="A file", metavar="", **given),
        Parameter("fast", "--fast", "bool", about="Fast", metavar="", **given),
    ]
    form = show(CommandSettings(made))
    changed = heard(form.changed)
    fields = form.fields
    lists = {name: [fields[name].choice.itemText(k) for k in range(3)] for name in ("way", "must", "usual")}
    assert lists == {"way": ["by default", "crop", "stretch"], "must": ["a", "b", ""], "usual": ["a", "b", ""]}
    assert fields["usual"].choice.currentText() == "b" and form.settings == {"must": "a"}
    browses = [name for name, field in fields.items() if field.browse.isVisible()]
    assert browses == ["data", "junit_file"]
    assert [fields[name].input.accessibleName() for name in ("data", "junit_file", "fast")] == ["Data", "JUnit", "Fast"]
    assert fields["rate"].line.placeholderText() == "The rate"
    values = {"many": ["a", "b"], "rate": 0.5, "way": "stretch", "must": "b", "usual": "a", "data": "x", "fast": True}
    form.fill(values)
    assert form.settings == values and len(changed) == len(values)
    assert fields["many"].line.text() == "a, b" and fields["fast"].switch.isChecked()
    fields["many"].line.setText(" a ,, c,")
    fields["rate"].line.setText("fast")
    form.fill({"way": None, "fast": False, "usual": "b"})
    assert form.settings == {"many": ["a", "c"], "rate": "fast", "must": "b", "data": "x"}
    assert form.fields["data"].focusProxy() is form.fields["data"].line


def test_degradations_are_chosen_by_mouse_in_a_menu_that_stays_open(show):
    about = "Degradations to harden against, as in fog,jpeg@5:40; by default all built-in ones."
    against = Parameter("against", "--against", "str", None, about, "NAME,...", None, False, False)
    form = show(CommandSettings([against, STEPS]))
    field, changed = form.fields["against"], heard(form.changed)
    assert field.line.placeholderText() == "by default all built-in ones"
    assert [len(one.findChildren(DegradationButton)) for one in form.fields.values()] == [1, 0]
    menu = field.findChild(DegradationButton).menu()

    def click(title):
        if not menu.isVisible():
            menu.popup(field.mapToGlobal(field.rect().bottomLeft()))
        action = next(one for one in menu.actions() if one.text() == title)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        return field.line.text()

    assert click("Fog") == "fog" and click("Gaussian noise") == "fog, gaussian_noise" and menu.isVisible()
    assert click("Fog") == "gaussian_noise" and len(changed) == 3
    menu.close()
    field.line.setText("gaussian_noise@5:40, jpeg")
    assert click("Gamma") == "gaussian_noise@5:40, jpeg, gamma" and form.settings["against"] == field.line.text()
    ticked = [action.text() for action in menu.actions() if action.isChecked()]
    assert ticked == ["Gaussian noise", "JPEG compression", "Gamma"]
    assert click("Gaussian noise") == "jpeg, gamma"
    menu.close()
    field.line.setText("all")
    assert click("Fog") == "fog", "not in addition to all"
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.rect().bottomRight() + menu.rect().bottomRight())
    assert not menu.isVisible()


# --- a job that failed ---


@pytest.mark.parametrize(
    ("make", "edit"),
    [
        (QLineEdit, lambda field: field.setText("x")),
        (lambda: QComboBox(editable=True), lambda field: field.setEditText("x")),
        (QCheckBox, lambda field: field.setChecked(True)),
    ],
)
def test_the_field_to_change_is_marked_until_it_is_edited(show, make, edit):
    note, field = show(FailureNote()), show(make())
    note.hide()
    note.tell("no such <b>model</b>", [], can_use=False)
    assert (
        note.isVisible() and not note.use.isVisible() and note.said.text() == "⚠  The job failed: no such <b>model</b>"
    )
    roles = (QPalette.ColorRole.Base, QPalette.ColorRole.Button, QPalette.ColorRole.Window)
    plain = [field.palette().color(role) for role in roles]
    red = tone_colour(field.palette(), BAD)
    note.tell("too large", [field], can_use=False)
    assert [field.palette().color(role) for role in roles] == [mixed(colour, red, TINT) for colour in plain]
    assert field.autoFillBackground() and field.accessibleDescription() == "too large"
    edit(field)
    assert [field.palette().color(role) for role in roles] == plain
    assert not field.autoFillBackground() and field.accessibleDescription() == ""


# --- a form that is scrolled ---


def test_a_scrolled_form_is_as_wide_as_its_fields(qtbot):
    seen = []

    class Form(QWidget):
        def event(self, event):
            seen.append(event.type())
            return super().event(event)

    form = Form()
    QVBoxLayout(form)
    scrolled = ScrolledForm(form)
    qtbot.addWidget(scrolled)
    before, bar = scrolled.minimumWidth(), scrolled.verticalScrollBar().sizeHint().width()
    form.layout().addWidget(wide := QLabel())
    wide.setMinimumWidth(500)
    QApplication.sendEvent(form, QEvent(QEvent.Type.WhatsThisClicked))
    QApplication.sendEvent(scrolled.verticalScrollBar(), QEvent(QEvent.Type.LayoutRequest))
    assert scrolled.minimumWidth() == before
    QApplication.sendEvent(form, QEvent(QEvent.Type.LayoutRequest))
    assert scrolled.minimumWidth() == form.minimumSizeHint().width() + bar > 500
    assert seen[-1] == QEvent.Type.LayoutRequest, "the form hears of it too"
    wide.setMinimumWidth(scrolled.screen().availableSize().width())
    QApplication.sendEvent(form, QEvent(QEvent.Type.LayoutRequest))
    assert scrolled.minimumWidth() < scrolled.screen().availableSize().width() - 200, "the rest of the dialog has room"
    assert scrolled.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded


# --- engines, searches and sweeps ---


def test_each_setting_of_an_engine_has_its_least_value(show):
    form = show(EngineSettings())
    found = {}
    for engine, variant in offered():
        form.show_variant(engine, variant)
        changed = heard(form.changed)
        assert form.settings == {} and form.isVisible() == bool(form._fields)
        for field in form.findChildren(QWidget):
            if hasattr(field, "setValue"):
                field.setValue(field.minimum())
        found[variant.title] = form.settings
        assert len(changed) == len(form.settings)
    paper = {"population": 4, "tournament_size": 1, "mutation_rate": 0, "mutation_range": 0, "start_range": 0}
    walk, limited, genetic, own = "Boundary walk", "L-BFGS", "Genetic search", "Genetic search, the paper's procedure"
    assert found == {walk: {"walks": 1}, limited: {"targets": 1}, genetic: {}, own: paper, "Labels only": {},
                     "Random noise": {}}  # fmt: skip


def test_settings_that_an_engine_lacks_or_cannot_take_are_left_out(show):
    form = show(EngineSettings())
    form.show_variant(*next(entry for entry in offered() if entry[1].settings == {"preset": "paper"}))
    assert "Preset:" not in [label.text() for label in form.findChildren(QLabel)]
    form.fill({"objective": "eq1", "population": "many", "elites": 2, "patience": 1, "walks": 4, "preset": "default"})
    assert form.settings == {"objective": "eq1", "elites": 2, "patience": 1}


def test_a_search_is_filled_in_whatever_was_there(show):
    form, title = show(SearchSettings()), "Genetic search, the paper's procedure"
    usual = form.settings
    assert usual["max_queries"] == 20_000 and "preset" not in usual
    form.fill({"engine": "pygad", "preset": "paper", "population": 50, "seed": 3, "refine": 500, "norm": "linf"})
    assert form.engine.currentText() == title and form.gradients.isEnabled()
    filled = form.settings
    assert {name: filled[name] for name in ("preset", "population", "max_queries", "seed", "refine", "norm")} == {
        "preset": "paper", "population": 50, "max_queries": 50_000, "seed": 3, "refine": 500, "norm": "linf",
    }  # fmt: skip
    form.fill({"max_queries": 123, "target": "dog", "mask": "m.png"})
    assert form.settings["max_queries"] == 123 and form.goal == ("dog", "m.png")
    assert form.engine.currentText() == title and not form.gradients.isEnabled()
    for k in range(form.engine.count()):  # a budget that was typed stays
        form.engine.setCurrentIndex(k)
        assert form.settings["max_queries"] == 123
    form.fill({"engine": "gone", "max_queries": None, "refine": True, "norm": "gone"})
    assert form.engine.currentIndex() == 0 and form.goal == (None, None)
    settings = form.settings
    assert (settings["max_queries"], settings["refine"], settings["norm"], settings["seed"]) == (123, 500, "l2", 0)


def test_classes_to_aim_at_leave_what_was_typed(show):
    form = show(SearchSettings())
    form.target.setEditText("cat")
    form.offer_classes(["dog", "ox"])
    form.offer_classes(["cow", "elk"])
    assert [form.target.itemText(k) for k in range(form.target.count())] == ["", "cow", "elk"]
    assert form.goal == ("cat", None)

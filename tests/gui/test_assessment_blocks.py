"""The overview of an assessment without a window, of figures that the test makes up."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.errors import InputError
from tfstab.gui.content.assessment_overview import AssessmentOverview, KeptBar, SweepInDetail
from tfstab.gui.content.class_bars import ClassBar, ClassBars
from tfstab.gui.content.comparison import Curve
from tfstab.gui.content.overview import Number
from tfstab.gui.content.robustness import FamilyRow
from tfstab.gui.theme import BAD, PLAIN
from tfstab.gui.widgets.robustness.overview_page import NOTHING, READING, AssessmentOverviewPage
from tfstab.metrics import Estimate
from tfstab.stepwise import finished

NAN = float("nan")
DETAIL, SEARCH = Path("/runs/noise"), Path("/runs/search")


class Compared(QObject):
    changed = Signal()
    runs, names = (), ("own",)


@pytest.fixture
def page(qtbot, tmp_path):
    """A page on a session that has computed nothing."""
    run = SimpleNamespace(info={"data": {"name": "digits", "note": ""}, "model": {}})
    session = SimpleNamespace(path=tmp_path, run=run, compared=Compared(), computed=None, problem="", asked=[])
    session.name, session.about, session.growing, session.at_work = "mine", "net on digits (test)", "", False
    session.changed = session.compared.changed
    page = AssessmentOverviewPage(session)
    qtbot.addWidget(page)
    finished(page.build())
    page.resize(900, 900)
    page.show()
    return page


def bar(name, kept, sure=True, guessed=0.2, keeps=True):
    estimate = Estimate(kept, kept - 0.1, kept + 0.1)
    right = Estimate(0.5, 0.25, 0.75)
    row = FamilyRow(
        name, name.capitalize(), "sigma", "", Path(f"/runs/{name}"), 9, estimate, "bad", sure, (), guessed, right, keeps
    )
    return KeptBar(row, f"{name}!", f"{name}, in a sentence")


def curve(name):
    ends = np.array([[0.8, 0.4], [0.95, 0.7]])
    return Curve(name, np.array([5.0, 90.0]), np.array([0.9, 0.5]), ends, np.array([0.95, 0.6]), np.arange(3), 2)


LEADING = "a → b is certainly the most frequent."


def detail(*names):
    return SweepInDetail(DETAIL, GAUSSIAN_NOISE, tuple(curve(name) for name in names), (), LEADING)


def overview(search=None, bars=(), shown=None, classes=(), more=0, findings=(), note=""):
    numbers = tuple(Number(name, "1 %", name) for name in ("clean", "kept", "half", "noise"))
    shares = ClassBars(tuple(classes), more, note)
    return AssessmentOverview("Weak.", "bad", numbers, search, bars, shown, shares, (), findings)


def visited(page, widgets):
    """Where a click on each of these leads: folder, view and state."""
    there = []
    page.visit_asked.connect(there.append)
    for widget in widgets:
        widget._do()
    page.visit_asked.disconnect(there.append)
    return [(Path(one.run), one.view, one.state) for one in there]


def test_what_is_waited_for(page, tmp_path):
    assert page.waiting.text() == READING and not page.kept.isVisible()
    page._session.problem = "It is damaged."
    page.refresh()
    assert page.waiting.text() == "It is damaged."
    finished(page.show_overview(overview()))
    assert page.waiting.text() == NOTHING and not any(block.isVisible() for block in page.blocks()[4:])
    finished(page.show_overview(overview(search=SEARCH, findings=("One.", "Two."))))
    assert not page.waiting.isVisible() and page.findings.isVisible() and page.text.text() == "One.\n\nTwo."
    assert [view for _, view, _ in visited(page, page.numbers)] == [
        "Robustness",
        "Robustness",
        "Robustness",
        "Overview",
    ]
    finished(page.show_overview(overview(shown=detail("own"), bars=(bar("noise", 0.5),))))
    places = [(DETAIL, "Gallery"), (tmp_path, "Robustness"), (DETAIL, "Metrics"), (tmp_path, "Robustness")]
    assert [where[:2] for where in visited(page, page.numbers)] == places


def test_the_chart_of_accuracy_kept_can_be_saved_once_there_is_one(page):
    with pytest.raises(InputError, match="wait until the first degradation"):
        page.figure()
    finished(page.show_overview(overview(bars=(bar("noise", 0.25),))))
    figure = page.figure()
    assert figure.widget is page.kept and (figure.name, figure.caption) == (
        "mine-degradations",
        "mine: net on digits (test)",
    )
    assert figure.image().width() > page.kept.width()
    page.kept.resize(500, 2000)  # as high as the blocks beside it
    assert figure.on_screen()[1] < 500 / 96 * 2.54 < figure.on_screen()[0], "without empty room below the legend"
    page.kept.resize(500, 50)
    assert figure.on_screen()[1] < 150 / 96 * 2.54, "no higher than on the screen"


def test_bars_of_families_and_classes(page):
    worst = (Path("/runs/fog"), "fog")
    tones = BAD, PLAIN
    classes = [
        ClassBar(k, f"class {k}", 0.5, "50 %", (0.4, 0.6), tone, "about half", worst) for k, tone in enumerate(tones)
    ]
    bars = (bar("noise", 0.25), bar("fog", NAN, keeps=False), bar("blur", 0.75, sure=False))
    finished(page.show_overview(overview(bars=bars, shown=detail("own"), classes=tuple(classes), more=3)))
    shares = [(one.share, one.interval and tuple(map(float, one.interval)), one.sure) for one in page.kept.bars]
    assert shares == [(0.25, (0.15, 0.35), True), (0.5, (0.25, 0.75), True), (0.75, (0.65, 0.85), False)]
    assert [one.mark for one in page.kept.bars] == [0.2] * 3
    assert [where for where, _, _ in visited(page, page.kept.bars)] == [one.row.path for one in bars]
    assert [one.tone for one in page.classes.bars] == [BAD, PLAIN]
    tip = page.classes.bars[0].toolTip().replace("\n", " ")
    assert tip.endswith("misclassified images under fog, where the fewest are right")
    lists = [(worst[0], "Misclassifications", {"class": k, "filter": {}}) for k in range(2)]
    assert visited(page, page.classes.bars) == lists

    def captions(block):
        return [label.text() for label in block.findChildren(QLabel) if not label.isHidden()]

    assert any(text.endswith("3 more") for text in captions(page.classes))
    assert any("images do not show" in text for text in captions(page.kept))
    assert any("dotted" in text for text in captions(page.kept))
    finished(page.show_overview(overview(bars=bars[:2], classes=tuple(classes))))
    assert not any("3 more" in text for text in captions(page.classes))
    assert not any("images do not show" in text for text in captions(page.kept))
    finished(page.show_overview(overview(bars=bars[:2], classes=tuple(classes), more=3, note="Too few.")))
    assert "Too few. 3 more." in [label.text() for label in page.classes.findChildren(QLabel)]
    assert math.isnan(bars[1].row.kept.value)
    finished(page.show_overview(overview(bars=(bar("noise", 0.25), bar("fog", NAN)))))
    assert math.isnan(page.kept.bars[1].share), "no accuracy in the place of an accuracy kept that is not known"
    assert [one.accessibleName() for one in page.kept.bars] == ["Noise, 9 images: noise!", "Fog, 9 images: fog!"]
    assert bar("fog", NAN).row.in_words == (
        "nothing can be said yet, as fewer than 5 of the images are right when clean (0 of 9)"
    )


def test_the_curve_of_one_network_or_several(page):
    page.fit()
    finished(page.show_overview(overview(shown=detail("own"), bars=(bar("noise", 0.5),))))
    first = page.curve
    assert page.curve_block.isVisible() and page.key.isVisible() and not first.legend.isVisible()
    assert page.curve_block.title.text() == "Accuracy under Gaussian noise" and len(first.curves) == 1
    assert page.pairs.title.text() == "Leading confusions under Gaussian noise, over all severities"
    assert page.pairs.note.text() == LEADING and page.pairs.note.isVisible()
    finished(page.show_overview(overview(shown=detail("own", "other"), bars=(bar("noise", 0.5),))))
    assert page.curve is first and len(first.curves) == 2
    assert not page.key.isVisible() and first.legend.isVisible()
    before = first.viewRange()
    first.setXRange(0, 1, padding=0)
    page.fit()
    assert first.viewRange() == before
    there = []
    page.visit_asked.connect(there.append)
    first.severity_asked.emit(90.0)
    assert there == [], "its run is not known yet"
    config = SimpleNamespace(severity_index=lambda severity: {90.0: 1}[severity])
    figures = SimpleNamespace(family=lambda name: SimpleNamespace(run=SimpleNamespace(config=config)))
    page._session.computed = SimpleNamespace(figures=figures)
    first.severity_asked.emit(90.0)
    page.curve_block.link.click()
    page.pairs.link.click()
    assert [(Path(one.run), one.view) for one in there] == [
        (DETAIL, "Misclassifications"), (DETAIL, "Metrics"), (DETAIL, "Metrics"),
    ]  # fmt: skip
    assert there[0].state == {"class": None, "filter": {"severity_index": 1}}
    table = {"severity_index": None, "right_when_clean": False, "table": "Confusion"}
    assert there[2].state == {"metrics": table}

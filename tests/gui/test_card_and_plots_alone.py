"""The failure card of a given answer, and plots, tabs and tags, each without a window."""

import numpy as np
import numpy_runs
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QListView, QToolTip, QWidget

from tfstab.explanation.image_words import spectrum_of
from tfstab.gui.content.copies import Copies
from tfstab.gui.content.failure_card import MISSING, AtOnce, CardContent
from tfstab.gui.content.triple import Subject, Triple
from tfstab.gui.theme import BAD, GOOD, MIDDLE, PLAIN
from tfstab.gui.widgets.card.card import OF_MODEL, FailureCardView
from tfstab.gui.widgets.empty_hint import EmptyHint
from tfstab.gui.widgets.plot import ThemedPlot
from tfstab.gui.widgets.simple_plot import SimplePlot
from tfstab.gui.widgets.tag_box import TagBox
from tfstab.gui.widgets.view_tabs import ViewTabs


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return numpy_runs.sweep(tmp_path_factory.mktemp("card-alone") / "run")


# --- the card ---


class Scorer(QObject):
    located = Signal()

    def knows(self, model):
        return True


class Card(QObject):
    """A failure card whose content the test gives."""

    started, changed = Signal(), Signal(str)

    def __init__(self):
        super().__init__()
        self.scorer, self.content, self.watched, self.selected = Scorer(), None, [], []
        self.everywhere = self.wrong_when_clean = None

    def watch(self, on):
        self.watched.append(on)

    def ask_again(self):
        pass

    def explain(self):
        pass

    def select(self, image):
        self.selected.append(image)

    def show(self, content):
        self.content = content
        self.started.emit()


def content_of(run, image=0, predicted=1, noise_is="Noise"):
    clean = run.clean.images[run.clean.row(image)]
    noise = np.zeros(clean.shape, np.float32)
    noise[0, 0], noise[0, 1] = 3, 4
    actual = int(run.clean.class_index[run.clean.row(image)])
    subject = Subject(run, image, actual, predicted)
    triple = Triple(
        f"Image {image} <b>", clean, noise, clean + noise, "cat 0.9", "dog 0.8", (), (), noise_is, subject=subject
    )
    return CardContent(triple)


MARGIN = {"margins": [3.0, -1.0], "predicted": [0, 1], "rival": 1}
LAYERS = {
    "names": ["dense", "logits"], "gain": [2.0, 1.0], "random_gain": [1.0, 1.0], "margin": [1.0, 0.5],
    "member": None, "places": [], "others": None,
}  # fmt: skip
FOUND = {
    "own": {"images": [1, 2], "distances": [0.5, 0.75]}, "other": {"images": [5], "distances": [1.5]}, "among": 1234,
}  # fmt: skip


def test_a_card_is_filled_as_the_answers_come(show, run):
    card = Card()
    view = show(FailureCardView(card), 300, 900)
    view.hide()
    card.watched.clear()
    card.show(None)
    assert not view.isVisible()
    content = content_of(run)
    card.show(content)
    assert view.isVisible() and card.watched == [True] and view.heading.text() == "Image 0 <b>"
    assert view.says.text() == "clean: cat 0.9 · L2 5 · degraded: dog 0.8" and view.verdict.tone == PLAIN
    blocks = view.blocks
    assert all(block.isVisible() and not block.content.isVisible() for block in blocks.values())
    assert blocks["copies"].line.text() == "Reading the run…"
    content.parts["margin"] = MARGIN
    card.changed.emit("margin")
    assert view.margin.isVisible() and blocks["margin"].line.text().startswith("Above the dashed line")
    assert view.margin.accessibleDescription().endswith("margin -1.00 nats, taken for dog") and view.verdict.tone == BAD
    content.parts["layers"] = LAYERS
    card.changed.emit("layers")
    assert view.layers.isVisible() and view.layers.rows[0].text_right == "2.00 (1.00) · 100 %"
    content.parts["maps"] = {name: np.zeros((4, 4), np.float32) for name in ("clean", "degraded", "path")}
    card.changed.emit("maps")
    assert view.maps.isVisible() and not blocks["maps"].line.isVisible()
    assert view.maps.says.text() == "Red pixels speak for cat, blue ones for dog."
    content.parts["neighbours"] = FOUND
    card.changed.emit("neighbours")
    assert [heading.text() for heading in view.nearest.headings] == ["cat (true)", "dog (predicted)"]
    assert blocks["neighbours"].line.text().startswith("Among 1,234 clean images")
    own, other = view.nearest.pictures
    assert own[1].toolTip() == f"{run.clean.title(2)}, distance 0.75" and other[1].toolTip() == ""
    own[1].click()
    other[0].click()
    assert card.selected == [2, 5]
    spectrum, taken = spectrum_of(content.triple.clean, content.triple.noise), np.array([[0.5, 0.5]])
    content.at_once = AtOnce(spectrum, Copies("sigma", ("5",), ("cat", "dog"), taken, "Half."))
    card.changed.emit("at once")
    assert blocks["spectrum"].title.text() == "Frequencies of the noise" and view.spectrum.isVisible()
    assert blocks["spectrum"].line.text() == "Bars: the noise. Line: white noise."
    assert (blocks["copies"].title.text(), blocks["copies"].line.text()) == ("Its copies, by sigma", "Half.")
    # Another image: what was shown stays as an empty place until there is an answer.
    after = content_of(run, noise_is="Difference")
    card.show(after)
    assert view.margin.isVisible() and view.margin.accessibleDescription() == "" and view.copies.isVisible()
    after.parts["margin"] = {MISSING: "This model has no logits."}
    card.changed.emit("margin")
    assert not view.margin.isVisible() and blocks["margin"].line.text() == "This model has no logits."
    after.at_once = AtOnce(spectrum, problem="The run cannot be read: it is gone.")
    card.changed.emit("at once")
    assert blocks["copies"].line.text() == "The run cannot be read: it is gone." and not view.copies.isVisible()
    assert blocks["spectrum"].title.text() == "Frequencies of the change"
    after.at_once = AtOnce(spectrum)
    card.changed.emit("at once")
    assert not blocks["copies"].isVisible() and blocks["spectrum"].isVisible()
    after.parts, after.problem = {"maps": after.parts["margin"]}, "The model is gone."
    card.changed.emit("problem")
    assert [blocks[name].isVisible() for name in OF_MODEL] == [name == "maps" for name in OF_MODEL]
    assert "The model is gone." in view.verdict.label.text()
    card.show(after)
    assert not any(blocks[name].isVisible() for name in OF_MODEL) and blocks["spectrum"].isVisible()
    card.changed.emit("nothing at once")
    assert all("Reading the run" in blocks[name].line.text() for name in ("spectrum", "copies"))
    card.changed.emit("random")
    view.hide()
    assert card.watched[-1] is False
    again = FailureCardView(card)
    assert again.heading.text() == "Image 0 <b>"


def test_the_tone_of_a_card(show, run):
    card = Card()
    view = show(FailureCardView(card), 300, 900)
    wrong = int(run.clean.indices[-1])  # wrong when clean
    card.show(content_of(run, wrong, 0))
    assert view.verdict.tone == MIDDLE, "this is known without the model"
    for image, predicted, tone in ((0, 1, BAD), (0, 0, GOOD), (wrong, 0, MIDDLE), (wrong, 1, MIDDLE)):
        content = content_of(run, image, predicted)
        content.parts["margin"] = MARGIN
        card.show(content)
        assert view.verdict.tone == tone and view.verdict.label.text().startswith("<b>")


# --- plots ---


def test_a_plot_has_items_a_title_and_a_scale(show, qapp):
    plot, told = show(SimplePlot()), []
    plot.range_changed.connect(lambda: told.append(1))
    first = plot.plot([1, 2, 3], [1, 10, 100])
    bars = pg.BarGraphItem(x=[1], height=[5], width=1)
    plot.addItem(bars, ignoreBounds=True)
    assert plot.contents == [first, bars]
    plot.setLogMode(True)
    second = plot.plot([1, 2], [10, 1000])
    assert first.getData()[1].tolist() == [0, 1, 2] and second.getData()[1].tolist() == [1, 3]
    assert first.getData()[0].tolist() == [1, 2, 3] and plot.getViewBox() is plot.box
    assert plot.getAxis("left").logMode and not plot.getAxis("bottom").logMode
    plot.setRange(QRectF(0, 0, 1, 1), padding=0)
    assert told
    plot.setLogMode(False)
    plot.box.updateAutoRange()
    (_, right), (_, top) = plot.viewRange()
    assert right > 2.9 and top > 900, "another scale shows all again"
    plot.removeItem(second)
    assert plot.contents == [first, bars] and second.scene() is None and first.scene() is not None
    high = plot.box.height()
    plot.setTitle("one")
    plot.setTitle("two")
    qapp.processEvents()
    assert plot._heading.text == "two" and plot.box.height() == pytest.approx(high - 30, abs=3)
    plot.setLabel("left", "Images")
    assert plot.getAxis("left").labelText == "Images"
    plot.clear()
    assert plot.contents == [] and first.scene() is None


class Told(ThemedPlot):
    """A plot that tells the place under the mouse."""

    def values_at(self, x, y):
        return f"{x:.0f} {y:.0f}" if x < 5 else ""


def test_a_plot_tells_what_is_under_the_mouse(show, monkeypatch):
    plot, told, seen = show(Told("name", "x", "y")), [], [False]
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    monkeypatch.setattr(QToolTip, "hideText", lambda: told.append("hidden"))
    monkeypatch.setattr(QToolTip, "isVisible", lambda: seen[0])
    plot.setRange(QRectF(0, 0, 10, 10), padding=0)

    def move(x, y):
        plot.scene().sigMouseMoved.emit(plot.box.mapViewToScene(QPointF(x, y)))

    move(3, 4)
    move(8, 4)
    seen[0] = True
    move(8, 4)
    move(3, 14)
    assert told == ["3 4", "hidden", "hidden"]
    line = plot.plot([0.0, 2.0, 6.0], [1, 1, 1])
    plot.setRange(QRectF(0, 0, 10, 10), padding=0)
    # Within a twentieth of the width in view, which is 0.5.
    near = [plot.point_near(line, x) for x in (-0.5, 0.5, 0.51, 1.5, 2.4, 5.49, 5.5, 6.6)]
    assert near == [0, 0, None, 1, 1, None, 2, None] and plot.point_near(pg.PlotDataItem(), 1) is None
    for key, kept in ((Qt.Key.Key_Plus, True), (Qt.Key.Key_A, False)):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        plot.keyPressEvent(event)
        assert event.isAccepted() == kept
    assert plot.viewRange()[0] == pytest.approx([1, 9])


# --- tabs, tags and hints ---


class Tab(QWidget):
    """A view that counts how often it comes into sight."""

    def __init__(self, width, height):
        super().__init__()
        self.seen, self.stated = 0, QSize(width, height)

    def minimumSizeHint(self):
        return self.stated

    def shown(self):
        self.seen += 1


def test_tabs_tell_the_view_in_sight(show):
    first, second = Tab(900, 50), Tab(10, 200)
    tabs = ViewTabs("Views", {"One": first, "Two": second, "Three": QLabel()})
    assert (tabs.title(), tabs.titles(), first.seen) == ("One", ["One", "Two", "Three"], 0)
    bar = tabs.tabBar().minimumSizeHint()
    assert tabs.minimumSizeHint() == QSize(900, 50 + bar.height())
    tabs.setCurrentIndex(1)
    assert (first.seen, second.seen) == (0, 0) and tabs.minimumSizeHint() == QSize(bar.width(), 200 + bar.height())
    show(tabs)
    assert (first.seen, second.seen) == (0, 1)
    assert tabs.show_view("One") and first.seen == 1 and not tabs.show_view("Four") and tabs.title() == "One"
    offers = tabs.offers()
    assert [(name, offer.checked, offer.text) for name, offer in offers.items()] == [
        ("view-1", True, "One"), ("view-2", False, "Two"), ("view-3", False, "Three"),
    ]  # fmt: skip
    offers["view-3"].do()
    assert tabs.title() == "Three" and (first.seen, second.seen) == (1, 1)
    first.setMinimumSize(1000, 10)
    tabs.setCurrentIndex(0)
    assert tabs.minimumSizeHint() == QSize(1000, 50 + bar.height())


class Marks(QObject):
    changed = Signal()

    def __init__(self):
        super().__init__()
        self.given = {}

    def tags(self):
        return dict(self.given)


def test_tags_are_listed_once_there_are_any(show, qtbot):
    marks, page, chosen = Marks(), show(QWidget()), []
    box = TagBox(marks, page)
    box.chosen.connect(chosen.append)
    page.hide()
    page.show()
    assert not box.isVisible()
    marks.given = {"odd": 1200, "new": 1}
    marks.changed.emit()
    assert box.isVisible() and [box.itemText(k) for k in range(3)] == ["any tag or none", "#odd (1,200)", "#new (1)"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert chosen == ["new"]
    box.show_tag("odd")
    assert box.currentData() == "odd"
    marks.given = {"new": 2}
    marks.changed.emit()
    assert box.currentText() == "#odd (0)" and box.count() == 3, "the one that is chosen stays"
    box.show_tag("")
    assert box.currentData() == "" and box.count() == 2


def test_a_hint_lies_over_an_empty_list(show, qapp):
    model, view, texts = QStringListModel(), QListView(), iter("abc")
    view.setModel(model)
    hint = EmptyHint(view, lambda: next(texts))
    show(view, 300, 200)
    assert hint.isVisible() and hint.text() == "a" and hint.size() == view.viewport().size()
    view.resize(350, 220)
    qapp.processEvents()
    assert hint.size() == view.viewport().size()
    model.setStringList(["x"])
    assert not hint.isVisible()
    model.removeRow(0)
    assert hint.isVisible() and hint.text() == "b"

"""What the card's drawings paint of given values, in a room of 300 x 120 pixels with lines of 16 and letters of 8."""

import math

import numpy as np
import pytest
from painting_in_words import Metrics, painted
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from tfstab.explanation.image_words import Spectrum
from tfstab.gui.content.copies import OTHERS, Copies
from tfstab.gui.content.triple import Triple
from tfstab.gui.theme import BAD, GOOD, tone_colour
from tfstab.gui.widgets.card.copies_bars import CopiesBars
from tfstab.gui.widgets.card.maps_view import MapsView, blend
from tfstab.gui.widgets.card.margin_line import MarginLine
from tfstab.gui.widgets.card.nearest import NearestImages, Picture
from tfstab.gui.widgets.card.pictures import SmallTriple
from tfstab.gui.widgets.card.spectrum_bars import SpectrumBars

pytestmark = pytest.mark.usefixtures("light")


def calls(widget, *names):
    """Return what a widget paints with these calls, without their names and colours."""
    said = painted(widget)[:1] or ["paints "]
    found = [call.split(" ", 1) for call in said[0].removeprefix("paints ").split("; ")]
    return [rest[0] for name, *rest in found if name in names]


def spots(widget):
    """Return the places that say something, with what they say."""
    return [line.removeprefix("says ") for line in painted(widget)[1:]]


def copies(severities, names, shares):
    return Copies("sigma", severities, names, np.array(shares), "")


# --- copies ---


def test_copies_are_stacked_from_the_true_class_up():
    bars = CopiesBars()
    assert calls(bars, "fillRect", "drawText") == []
    before = bars.sizeHint().height()
    bars.set_copies(copies(("5", "9"), ("a", "b", "c", OTHERS), [[0.5, 0.25, 0.25, 0], [0, 0.5, 0.25, 0.25]]))
    green, first, second, others = (colour.name() for colour in bars.colours())
    assert green == tone_colour(bars.palette(), GOOD).name() and others == bars.palette().mid().color().name()
    assert len({green, first, second, others}) == 4
    filled = [call.split(" #ff") for call in calls(bars, "fillRect")]
    # Two bars of 28 of 150 pixels, 5 lines high: 61 to 89, and 211 to 239.
    assert filled[:8] == [
        ["[61 40 28 40]", green[1:]], ["[61 20 28 20]", first[1:]],
        ["[61 0 28 20]", second[1:]], ["[61 0 28 0]", others[1:]],
        ["[211 80 28 0]", green[1:]], ["[211 40 28 40]", first[1:]],
        ["[211 20 28 20]", second[1:]], ["[211 0 28 20]", others[1:]],
    ]  # fmt: skip
    # Two names in a row, below the bars and 1.4 lines of severities; each with a square of half a line.
    assert [place for place, _ in filled[8:]] == [
        "[0 106.4 8 8]", "[150 106.4 8 8]", "[0 122.4 8 8]", "[150 122.4 8 8]",
    ]  # fmt: skip
    assert calls(bars, "drawText") == [
        "[-150 80 450 16] 132 5", "[0 80 450 16] 132 9",
        "[12 102.4 134 16] 129 a", "[162 102.4 134 16] 129 b", "[12 118.4 134 16] 129 c",
        "[162 118.4 134 16] 129 other classes",
    ]  # fmt: skip
    assert spots(bars) == [
        "[0 0 150 96] 'sigma 5: a 50 %, b 25 %, c 25 %'",
        "[150 0 150 96] 'sigma 9: b 50 %, c 25 %, other classes 25 %'",
    ]
    grown = bars.sizeHint().height()
    bars.set_copies(copies(("5",), ("a",), [[1.0]]))
    assert grown == round(8.4 * bars.fontMetrics().height()) and before == round(6.4 * bars.fontMetrics().height())
    assert bars.sizeHint().height() == grown, "what is below does not jump"
    bars.blank()
    assert calls(bars, "fillRect") == [] and bars.accessibleDescription() == ""


def test_severities_that_do_not_fit_are_left_out():
    bars = CopiesBars()

    def labels(texts):
        bars.set_copies(copies(texts, ("a",), [[1.0]] * len(texts)))
        return [call.split(" 132 ")[1] for call in calls(bars, "drawText") if " 132 " in call]

    # Of ten bars, each has 30 pixels: two letters and 6 pixels fit, and of 25 or 26 wide ones every second.
    assert labels(tuple("0123456789")) == list("0123456789")
    assert labels(tuple(f"1{k}" for k in range(10))) == [f"1{k}" for k in range(10)]
    assert labels(tuple(f"100{k}" for k in range(10))) == ["1000", "1002", "1004", "1006", "1008"]
    bars.set_copies(copies(tuple("0123456789"), ("a",), [[1.0]] * 10))
    assert calls(bars, "fillRect")[:2] == ["[4.5 0 21 80] #ff1b7f5c", "[34.5 0 21 80] #ff1b7f5c"]


# --- margin ---


def test_a_margin_goes_below_the_line_of_zero():
    line = MarginLine()
    assert calls(line, "drawLine", "drawText") == []
    line.set_margins([3.0, 0.0, -1.0], ["cat", "cat", "dog"])
    # From 4.8 down to 99.2 for 4 nats, of which the last is below zero: 23.6 pixels a nat, and 146 pixels a step.
    assert calls(line, "drawLine") == [
        "(4 75.6) (296 75.6)", "(4 4.8) (150 75.6)", "(150 75.6) (296 99.2)",
    ]  # fmt: skip
    assert calls(line, "drawEllipse") == ["(4 4.8) 2.5 2.5", "(150 75.6) 2.5 2.5", "(296 99.2) 2.5 2.5"]
    good, bad = (f"#ff{tone_colour(line.palette(), tone).name()[1:]}" for tone in (GOOD, BAD))
    assert calls(line, "setBrush") == [good, good, bad], "a margin of 0 is right"
    assert calls(line, "drawText") == ["[0 104 300 16] 129 clean +3", "[0 104 300 16] 130 degraded −1"]
    assert spots(line) == [
        "[-69 0 146 120] '0 % of the way: margin +3.00 nats, taken for cat'",
        "[77 0 146 120] '50 % of the way: margin +0.00 nats, taken for cat'",
        "[223 0 146 120] '100 % of the way: margin -1.00 nats, taken for dog'",
    ]
    line.set_margins([2.0, 1.0], ["cat", "cat"])
    assert calls(line, "drawLine") == ["(4 99.2) (296 99.2)", "(4 4.8) (296 52)"], "0 is the lowest level"
    line.set_margins([-2.0, -1.0], ["dog", "dog"])
    assert calls(line, "drawLine") == ["(4 4.8) (296 4.8)", "(4 99.2) (296 52)"]
    line.set_margins([0.0], ["cat"])
    assert calls(line, "drawEllipse") == ["(4 4.8) 2.5 2.5"] and spots(line)[0].startswith("[-142 0 292 120] '0 %")
    line.blank()
    assert line.accessibleDescription() == "" and calls(line, "drawEllipse") == []


# --- frequencies ---


def test_frequencies_are_drawn_beside_those_of_white_noise():
    bars, nan = SpectrumBars(), math.nan
    noise, white, image = (np.array(values) for values in ([0.5, 0.25, 0.25], [0.2, 0.2, 0.6], [nan, 0.75, 0.25]))
    bars.set_spectrum(Spectrum(noise, image, white, 0.25, 0.6))
    # Three rings of 100 pixels; 0.6 of the energy is 99.2 pixels, what a line and a third of it leave of 120.
    assert [call.split(" #")[0] for call in calls(bars, "fillRect")] == [
        "[1 16.53 98 82.67]", "[101 57.87 98 41.33]", "[201 57.87 98 41.33]",
    ]  # fmt: skip
    assert calls(bars, "drawPolyline") == ["(50 66.13) (150 66.13) (250 0)"]
    assert calls(bars, "drawText") == [
        "[0 102.4 120 16] 129 0", "[440 102.4 120 16] 132 half", "[940 102.4 120 16] 132 highest freque…",
    ]  # fmt: skip
    assert spots(bars) == [
        "[0 0 100 99.2] '0.0 to 0.1 of the highest frequency: 50.0 % of the noise, 20.0 % of white noise'",
        "[100 0 100 99.2] '0.1 to 0.2 of the highest frequency: 25.0 % of the noise, 20.0 % of white noise, "
        "75.0 % of the image'",
        "[200 0 100 99.2] '0.2 to 0.3 of the highest frequency: 25.0 % of the noise, 60.0 % of white noise, "
        "25.0 % of the image'",
    ]
    bars.set_spectrum(Spectrum(noise * nan, image, white, nan, 0.6))
    assert calls(bars, "fillRect") == [] and bars.accessibleDescription() == "", "without noise there are none"
    bars.set_spectrum(Spectrum(noise, image, white, 0.25, 0.6))
    bars.blank()
    assert calls(bars, "fillRect") == [] and bars.accessibleDescription() == ""


# --- pictures and maps ---


def triple(shape=(2, 4, 1), noise=0.0):
    clean = np.full(shape, 10, np.uint8)
    return Triple("t", clean, np.full(shape, noise, np.float32), clean + np.float32(noise), "cat", "dog", ())


def test_three_pictures_keep_their_shape(monkeypatch):
    small = SmallTriple()

    def places(lines, shape):
        small.fontMetrics = Metrics  # pictures are as large as the lines
        small.set_lines(lines)
        small.set_triple(triple(shape, noise=-3.0))
        return [call.split("]")[0] + "]" for call in calls(small, "drawPixmap")]

    # In 300 x 40 pixels, three times 96 and twice 6 between: the first fit, the others are too wide, and too high.
    assert places(3, (2, 4, 1)) == ["[0 0 48 24]", "[102 0 48 24]", "[204 0 48 24]"]
    assert places(10, (1, 4, 1)) == ["[0 0 96 24]", "[102 0 96 24]", "[204 0 96 24]"]
    assert places(5.5, (2, 4, 1)) == ["[0 0 80 40]", "[102 0 80 40]", "[204 0 80 40]"]
    assert small.accessibleDescription() == "Clean: cat; Noise; Degraded: dog"
    assert [said.split("] ")[1] for said in spots(small)] == ["'Clean: cat'", "'Noise'", "'Degraded: dog'"]
    small.resize(300, 40)
    small.grab()
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    for x in (5, 99, 107, 299):
        small.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(x, 5), QPoint(x, 5)))
    assert told == ["Clean: cat", "", "Noise", ""]
    small.set_triple(triple())
    small.blank()
    assert calls(small, "drawPixmap") == [] and small.accessibleDescription() == ""


def test_a_map_over_an_image_by_hand():
    image, values = np.full((1, 3, 1), 100.4, np.float32), np.array([[2.0, -2.0, 0.0]], np.float32)
    red, blue, white = [103, 0, 31], [5, 48, 97], [247, 247, 247]
    assert blend(image, values, 1)[0].tolist() == [red, blue, white]
    assert blend(image, values, 0)[0].tolist() == [[100] * 3] * 3
    assert blend(image, values, 0.5)[0].tolist() == [
        [(100 + level) // 2 for level in one] for one in (red, blue, white)
    ]
    colour = np.array([[[30, 60, 90]]], np.float32)
    faded = [(30 + 60) / 2, 60, (90 + 60) / 2]  # half way to grey, then half way to white
    assert blend(colour, np.zeros((1, 1)), 0.5)[0, 0].tolist() == [int((level + 247) / 2) for level in faded]
    spike = np.zeros((20, 20), np.float32)
    spike[0, 0] = 5.0
    assert blend(np.zeros((20, 20, 1)), spike, 1)[0, 0].tolist() == red, "where nearly all is 0, the rest still shows"


def test_the_map_that_is_chosen_is_shown(qtbot):
    view, maps = (
        MapsView(),
        {name: np.full((2, 4), k, np.float32) for k, name in enumerate(("clean", "degraded", "path"))},
    )
    qtbot.addWidget(view)
    view.resize(100, 300)
    view.show()
    assert view.picture.pixmap().isNull() and view.sizeHint().width() == 200
    view.set_maps(triple(noise=90.0), maps, "cat", "dog")

    def picture():
        image = view.picture.pixmap().toImage()
        return image.deviceIndependentSize().toTuple(), image.pixelColor(1, 1).getRgb()[:3]

    view.blend.setValue(0)
    levels = []
    for kind in range(3):
        view.kind.setCurrentIndex(kind)
        levels.append(picture()[1][0])
    assert levels == [100, 10, 100], "the clean image only below its own map"
    assert picture()[0] == (100, 50) and view.says.text() == (
        "Red: the difference speaks for dog here. Blue: it speaks for cat."
    )
    view.kind.setCurrentIndex(0)
    assert view.says.text() == "Red pixels speak for cat, blue ones for dog."
    view.blend.setValue(100)
    assert picture()[1] == (103, 0, 31)
    view.resize(500, 300)
    assert picture()[0] == (200, 100)
    view.blank()
    view.blend.setValue(50)
    assert view.picture.pixmap().toImage().pixelColor(1, 1).alpha() == 0 and picture()[0] == (200, 100)


def test_the_nearest_images_by_hand(qtbot):
    nearest, selected = NearestImages(), []
    qtbot.addWidget(nearest)
    nearest.show()
    images = [(7, "image 7", np.zeros((2, 2, 1), np.uint8)), (9, "image 9", np.full((2, 2, 1), 200, np.uint8))]
    nearest.set_images([("cat", images), ("dog", [])], selected.append)
    assert [heading.text() for heading in nearest.headings] == ["cat", "dog: no other image"]
    assert [one.toolTip() for one in nearest.pictures[0]] == ["image 7", "image 9", "", "", ""]
    for one in (*nearest.pictures[0], *nearest.pictures[1]):
        one.click()
    assert selected == [7, 9]
    assert nearest.pictures[0][1].grab().toImage().pixelColor(20, 20).red() == 200
    nearest.blank()
    for one in nearest.pictures[0]:
        one.click()
    assert selected == [7, 9]
    alone = Picture()
    qtbot.addWidget(alone)
    alone.set_image((3, "image 3", images[0][2]))
    alone.click()
    assert alone.sizeHint().toTuple() == (40, 40) and not alone.lit and selected == [7, 9]

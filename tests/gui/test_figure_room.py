"""Figures of any size show all of a widget: its layout gets enough room, and is drawn smaller."""

import re

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from whole import whole

from tfstab.gui.figures import LEGIBLE, Figure, Letters, Look
from tfstab.gui.widgets.bars import BarBlock, BarRow
from tfstab.gui.widgets.blocks import BlockRow
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.figure_dialog import FigureDialog, said_of
from tfstab.gui.widgets.levels_legend import LevelsLegend
from tfstab.gui.widgets.plot import ThemedPlot

SIZES = (16, 9), (20, 13), (34, 17), (8, 8), (4, 4), (60, 4), (4, 60)  # cm
NAMES = "salt and pepper noise", "JPEG compression", "translation"


def block(rows=19):
    """Bars as on the overview of an assessment, with a legend that wraps."""
    legend, made = LevelsLegend(), BarBlock("Accuracy kept, worst first")
    legend.explain(doubts=True, guessing=True)
    made.show_bars([BarRow(NAMES[n % 3], n / rows, f"{n} %") for n in range(rows)], legend)
    return made


def titled_plot():
    """A plot with a long title, as of a run beside others."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.addWidget(ElidedLabel("<b>a run with a name</b> and 4,000 of 4,000 points"))
    row.addWidget(ThemedPlot("a plot", "PSNR (dB)", "Score of predicted class"))
    return made


def coarse(image):
    """The mean grey levels of squares of ten pixels, in which it does not matter how letters are smoothed."""
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.array(image.constBits()).reshape(image.height(), image.bytesPerLine())
    height, width = image.height() // 10, image.width() // 10
    return rows[: 10 * height, : 10 * width].reshape(height, 10, width, 10).mean(axis=(1, 3))


@pytest.mark.parametrize("make", [block, titled_plot, lambda: BlockRow(block(6), block(3))])
def test_nothing_is_cut_at_any_size(make, show):
    widget = show(make(), 700, 500)
    figure, before = (
        Figure(widget, "name", "a caption of several words: which is longer than four centimetres"),
        widget.size(),
    )
    for width, height in SIZES:
        with figure._dressed(Look("light", width, height, 150)) as scale:
            assert whole(widget) and 0 < scale <= 1, (width, height)
            least = figure._least(widget.width() + 20)
            assert least.height() <= widget.height() + figure._head() + 10
    assert widget.size() == before


def test_a_small_figure_is_the_full_one_drawn_smaller(show):
    figure = Figure(show(block(), 700, 600), "name", "a caption")
    small = Look("light", 16, 6, 300)
    with figure._dressed(small) as scale:
        assert scale < 0.8
    full = Look("light", 16 / scale, 6 / scale, round(300 * scale))
    drawn, wanted = (figure.image(look) for look in (small, full))
    left, right = coarse(drawn), coarse(wanted.scaled(drawn.size()))  # their resolutions are rounded
    assert np.abs(left - right).mean() < 3 and left.std() > 20


def test_the_dialog_says_from_which_size_on_letters_are_legible(show, qtbot):
    widget = show(block(), 700, 600)
    dialog = FigureDialog(Figure(widget, "name", "a caption"), print, print)
    qtbot.addWidget(dialog)
    for width, height in ((16, 5), (4, 5)):
        dialog.width_cm.setValue(width)
        dialog.height_cm.setValue(height)
        qtbot.waitUntil(lambda: dialog.letters.text() != "")
        said = dialog.letters.text()
        points = float(re.match(r"Hard to read: the smallest font size is ([0-9.]+) points\.", said)[1])
        assert points < LEGIBLE and ("a width of" in said) == (width < 5)
        for what, box in (("height", dialog.height_cm), ("width", dialog.width_cm)):
            for value in re.findall(f"{what} of ([0-9.]+) cm", said):
                box.setValue(float(value) - 0.3)
                assert dialog._figure.letters(dialog.look).points < LEGIBLE
                box.setValue(float(value))
        qtbot.waitUntil(lambda: dialog.letters.text() == "")
        assert LEGIBLE <= dialog._figure.letters(dialog.look).points < LEGIBLE + 0.3


def test_letters_in_words():
    look = Look("light", 8, 8, 150)
    assert said_of(Letters(5.0, 8, 8), look) == ""
    assert said_of(Letters(3.26, 8, 9.5), look) == (
        "Hard to read: the smallest font size is 3.3 points. At a height of 9.5 cm, it is 5 points."
    )
    assert said_of(Letters(2, 9, 10), look).endswith("At a width of 9.0 cm and a height of 10.0 cm, it is 5 points.")
    assert said_of(Letters(2, 8, 70), look).endswith("points. Choose a larger width.")


def test_a_drawing_has_the_size_that_is_asked_for_and_letters_that_fit(show, tmp_path):
    figure = Figure(show(block(3), 300, 200), "name", "a caption")
    figure.save(str(tmp_path / "a.svg"), Look("light", 12, 8, 150))
    text = (tmp_path / "a.svg").read_text()
    sizes = [float(re.search(rf'{name}="([0-9.]+)mm"', text)[1]) for name in ("width", "height")]
    assert sizes == pytest.approx([120, 80], abs=0.3)
    letters = {float(size) for size in re.findall(r'font-size="([0-9.]+)"', text)}
    assert max(letters) == pytest.approx(figure.widget.font().pointSizeF() * 96 / 72), "as on the screen"


def test_a_figure_is_twice_as_sharp_with_room_for_its_caption(qtbot, tmp_path):
    label = QLabel("content")
    qtbot.addWidget(label)
    label.resize(100, 40)
    figure = Figure(label, "name", "caption")
    size = figure._size()
    assert size.width() == 120 and size.height() == 40 + 10 + figure._head() and figure._head() > 20
    image = figure.image()
    assert (image.width(), image.height()) == (2 * size.width(), 2 * size.height())
    figure.save(str(tmp_path / "a.svg"))
    text = (tmp_path / "a.svg").read_text()
    assert "<svg" in text and "caption" in text and f'viewBox="0 0 {size.width()} {size.height()}"' in text
    figure.save(str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OSError, match=r"a\.nosuch cannot be written: a figure is saved as PNG, SVG or PDF, so choose"):
        figure.save(str(tmp_path / "a.nosuch"))

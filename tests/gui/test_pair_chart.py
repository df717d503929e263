"""The chart of networks on the same images: what it draws, against values worked out by hand."""

import pytest

from tfstab.gui.content.pairing import PairRow
from tfstab.gui.theme import DARK, GOOD, LIGHT, PLAIN, SPACE, palette_of, tone_colour
from tfstab.gui.widgets.robustness.pair_chart import APART, PairBar
from tfstab.metrics import Estimate
from tfstab.metrics.paired import Difference

LEFT, LENGTH, WORDS = 4 + 42 + SPACE, 400, 42  # pixels
NEAR = 60  # grey levels summed over the channels: edges are smooth


def near(one, other):
    return sum(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)) < NEAR


@pytest.mark.parametrize("theme", (LIGHT, DARK))
def test_two_accuracies_are_drawn_above_each_other_with_their_intervals(show, theme):
    own, other = Estimate(0.7, 0.55, 0.95), Estimate(0.2, 0.05, 0.4)
    row = PairRow("fog", Difference(0.2, 0.7, 0.5, 0.4, 0.6, 20, 0.04), sign=1, each=(other, own))
    bar = show(PairBar(row, "own", "theirs", False, 1), LEFT + LENGTH + SPACE + WORDS + 4, 24)
    bar.label_width = bar.text_width = WORDS
    bar.setPalette(palette_of(theme))
    picture, middle = bar.grab().toImage(), bar.rect().center().y() + 0.5
    for estimate, colour, apart in (
        (own, tone_colour(bar.palette(), PLAIN), -APART),
        (other, bar.palette().text().color(), APART),
    ):
        for share, drawn in (
            (estimate.value, True),
            (estimate.low + 0.02, True),
            (estimate.high - 0.02, True),
            (estimate.low - 0.02, False),
            (estimate.high + 0.02, False),
        ):
            rows = (int(middle + apart) + y for y in (-1, 0, 1))
            pixels = [picture.pixelColor(round(LEFT + share * LENGTH), y) for y in rows]
            assert any(near(pixel, colour) for pixel in pixels) == drawn, (estimate, share)
    value = (picture.pixelColor(x, y) for x in range(LEFT + LENGTH, bar.width()) for y in range(bar.height()))
    assert any(near(pixel, tone_colour(bar.palette(), GOOD)) for pixel in value)

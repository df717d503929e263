"""Characters that matplotlib's own font lacks are drawn with other fonts, here one that matplotlib brings along."""

import warnings

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from tfstab.fonts import families_with, use_fonts
from tfstab.report import save_figure

OWN = get_font(findfont(FontProperties())).get_charmap().keys()
OTHER = get_font(findfont("STIXNonUnicode")).get_charmap().keys()
RARE = chr(min(OTHER - OWN))


def test_characters_come_from_a_font_that_has_them(tmp_path):
    figure = Figure()
    axes = figure.add_subplot(title=f"a{RARE}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as matplotlib warns of a character that it draws as a box
        for kind in ("png", "svg", "pdf"):
            save_figure(figure, tmp_path / f"x.{kind}")
    own, *others = axes.title.get_fontfamily()
    assert own == "sans-serif" and others == [*families_with(frozenset(RARE))] and len(others) == 1


def test_texts_of_common_characters_keep_their_font_and_unknown_ones_are_passed_over():
    figure = Figure()
    axes = figure.add_subplot(title="Übergröße ß λ")
    use_fonts(figure)
    assert axes.title.get_fontfamily() == ["sans-serif"]
    assert families_with(frozenset("\U0010fffe")) == ()

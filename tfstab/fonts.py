"""Finds installed fonts for characters that matplotlib's own font lacks, such as those of Chinese names."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMPLETE = "\u0250"  # matplotlib's own font has all letters before this one, those of Latin scripts
BOXES = "Last Resort"  # a font of boxes, in place of the characters


def use_fonts(figure: "Figure") -> None:
    """Let a figure's texts take characters that their font lacks from other installed fonts, if these have them."""
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    rare = frozenset(letter for text in texts for letter in text.get_text() if letter >= COMPLETE)
    if not rare:
        return
    families = families_with(rare)
    for text in texts:
        own = text.get_fontfamily()
        text.set_fontfamily([*own, *(family for family in families if family not in own)])


@lru_cache(maxsize=64)
def families_with(letters: frozenset[str]) -> tuple[str, ...]:
    """Return the names of font families that together have these characters, besides matplotlib's own font.

    Characters that no installed font has are passed over.

    Examples
    --------
    >>> from tfstab.fonts import families_with
    >>> families_with(frozenset("abc"))
    ()
    """
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

    missing = {ord(letter) for letter in letters} - get_font(findfont(FontProperties())).get_charmap().keys()
    families = []
    for font in sorted(fontManager.ttflist, key=lambda font: ("Sans" not in font.name, font.style, font.weight != 400)):
        if not missing:
            break
        if BOXES in font.name:
            continue
        try:
            found = missing & get_font(font.fname).get_charmap().keys()
        except (OSError, RuntimeError):  # it was removed, or is damaged
            continue
        if found:
            families.append(font.name)
            missing -= found
    return tuple(families)

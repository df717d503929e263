"""Text of tool tips: long ones in lines, and names of classes, models and folders literally."""

import textwrap
from html import escape

from tfstab.gui.widgets.wrapped import NO_BREAK, unbroken

WIDEST = 80  # characters of a line; Qt would show a text without tags in a single line, as wide as the screen


def plain(text: str) -> str:
    """Return text for a tool tip that shows it literally; Qt would render text that contains tags as HTML."""
    text = "\n".join(_lines(text))
    return f"<span style='white-space: pre'>{escape(text)}</span>" if "<" in text else text


def _lines(text: str) -> list[str]:
    """Return the lines of a text, broken between words where they are too long."""
    broken = textwrap.TextWrapper(WIDEST, break_long_words=False, break_on_hyphens=False)
    parts = ([line] if len(line) <= WIDEST else broken.wrap(unbroken(line)) for line in text.split("\n"))
    return [part.replace(NO_BREAK, " ") for line in parts for part in line]

"""Pages of HTML in words: their text, and the elements of drawn charts with their attributes."""

import re
from html.parser import HTMLParser

from frozen import number

OF_TEXT = {"p", "h1", "h2", "h3", "td", "th", "dt", "dd", "figcaption", "summary", "text", "title", "li", "span", "div"}
NOT_TOLD = {"style", "script"}
UNBROKEN = r'<span class="unbroken">(.*?)</span>'


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.lines, self._silent = [], ""

    def handle_starttag(self, tag, attributes):
        if tag in NOT_TOLD:
            self._silent = tag
        told = " ".join(f"{name}={_value(value or '')}" for name, value in sorted(attributes))
        if told or tag not in OF_TEXT:
            self.lines.append(f"<{tag} {told}".rstrip())

    def handle_endtag(self, tag):
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data):
        if (text := " ".join(data.split())) and not self._silent:
            self.lines.append(text)


def without_marks(html):
    """Return a page without the marks of what must stay in one line."""
    return re.sub(UNBROKEN, r"\1", html)


def page_in_words(html):
    """Return the lines of a page; pictures that are part of it are told by the kind of file.

    What must stay in one line stands in braces.
    """
    words = _Words()
    words.feed(re.sub(UNBROKEN, r"{\1}", html))
    return words.lines


def _value(value):
    value = re.sub(r"data:([a-z/+]+)[;,].*", r"data:\1", value)
    return re.sub(r"\d+\.\d{4,}", lambda found: number(float(found[0])), value)

"""Functions that make names of classes, models and folders safe to print, draw and write.

Names may come from files of strangers and contain any character.
"""

import itertools
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

LONGEST_DRAWN = 60  # characters of a name in a figure
LINE_DRAWN = 23  # characters of a line above a panel that is 1.4 inches wide
# Control characters, and characters that reverse the direction in which a terminal shows the text after them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printed(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Return the text with control characters replaced, so that it cannot command a terminal or reverse what it shows.

    Parameters
    ----------
    text : str
        Any text.
    instead : str
        Replacement for each control character.

    Returns
    -------
    str
        Text that is safe to print.
    """
    return _CONTROL.sub(instead, text)


def printed_lines(text: str) -> str:
    """Return the same of a text that may have several lines."""
    return "\n".join(map(printed, text.split("\n")))


def quoted(text: str) -> str:
    """Return the name of a class for use in a sentence: in quotes if it is not a single word.

    Parameters
    ----------
    text : str
        The name.

    Examples
    --------
    >>> from tfstab.names import quoted
    >>> quoted("deer"), quoted("left, then right")
    ('deer', "'left, then right'")
    """
    return text if re.fullmatch(r"[\w-]+", text) else f"'{text}'"


def named(text: str) -> str:
    """Return the name of a model for use in a sentence: in quotes if it has spaces or could be a word of the sentence.

    Parameters
    ----------
    text : str
        The name.

    Examples
    --------
    >>> from tfstab.names import named
    >>> named("mnist-lenet"), named("ResNet50"), named("my"), named("my net 2")
    ('mnist-lenet', 'ResNet50', "'my'", "'my net 2'")
    """
    return text if re.fullmatch(r"\S*[^a-z\s]\S*", text) else f"'{text}'"


def all_named(*names: str) -> list[str]:
    """Return names of models for one sentence: all in quotes if one of them needs them.

    Examples
    --------
    >>> from tfstab.names import all_named
    >>> all_named("my-hardened", "my"), all_named("mnist-lenet", "cifar10-quick")
    (["'my-hardened'", "'my'"], ['mnist-lenet', 'cifar10-quick'])
    """
    return list(names) if [named(name) for name in names] == [*names] else [f"'{name}'" for name in names]


def all_quoted(names: Iterable[str]) -> list[str]:
    """Return names of classes for a list in a sentence: all in quotes if one of them is not a single word.

    Parameters
    ----------
    names : iterable of str
        The names.

    Examples
    --------
    >>> from tfstab.names import all_quoted
    >>> all_quoted(["deer", "cat"]), all_quoted(["deer", "fire truck"])
    (['deer', 'cat'], ["'deer'", "'fire truck'"])
    """
    given = list(names)
    return given if [quoted(name) for name in given] == given else [f"'{name}'" for name in given]


def composed(text: str) -> str:
    r"""Return the text in the form in which names are compared and shown: Unicode's normal form NFC.

    macOS, and ZIP files made there, decompose "é" into "e" and an accent: two characters that look the same as one.

    Parameters
    ----------
    text : str
        Any text.

    Examples
    --------
    >>> from tfstab.names import composed
    >>> composed("Fa\u0308hre") == "Fähre"
    True
    """
    return unicodedata.normalize("NFC", text)


def encodable(text: str) -> bool:
    """Return True if the text can be encoded as UTF-8.

    It cannot if it contains lone surrogates, which Python uses for the bytes of file names that are not UTF-8.

    Parameters
    ----------
    text : str
        Any text.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def drawn(text: str, longest: int = LONGEST_DRAWN) -> str:
    """Return the text shortened, with dollar signs escaped, so that matplotlib does not read them as formulas.

    Parameters
    ----------
    text : str
        Any text.
    longest : int
        Maximum number of characters, not counting the escapes.

    Returns
    -------
    str
        Text for a figure.
    """
    return shortened(text, longest).replace("$", r"\$")


def drawn_lines(text: str, width: int = LINE_DRAWN) -> str:
    """Return the text for a figure in one line or two, of at most `width` characters each, escaped as by `drawn`.

    Examples
    --------
    >>> from tfstab.names import drawn_lines
    >>> print(drawn_lines("truck, lorry or other heavy goods vehicle on the road"))
    truck, lorry or other
    heavy goods vehicle on…
    """
    first, *rest = textwrap.wrap(text, width) or [""]
    return "\n".join(drawn(line, width) for line in (first, *([" ".join(rest)] if rest else [])))


def shortened(text: str, longest: int) -> str:
    """Return the text, cut to at most `longest` characters, of which the last is then an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shortened_front(text: str, longest: int) -> str:
    """Return the end of a text, at most `longest` characters, of which the first is then an ellipsis.

    It is for file names, which differ at their ends.
    """
    return text if len(text) <= longest else "…" + text[len(text) - longest + 1 :]


def csv_cell(value: Any) -> Any:
    """Return a value for a CSV file, with an apostrophe before text that a spreadsheet would run as a formula.

    Spreadsheets ignore spaces and invisible characters before a formula, and some accept full-width signs too.

    Parameters
    ----------
    value : object
        Value of a cell; only text is changed.

    Returns
    -------
    object
        The value to write.
    """
    if not isinstance(value, str):
        return value
    first = next((c for c in value if not (c.isspace() or unicodedata.category(c) in ("Cc", "Cf"))), " ")
    if unicodedata.normalize("NFKC", first) not in tuple("=+-@") and value[:1] not in tuple("\t\r"):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def html_summary(summary: str, frame: Any, notes: Sequence[str] = (), index: bool = True) -> str:
    """Return a result's summary and its pandas table as HTML, for a notebook.

    Parameters
    ----------
    summary : str
        Lines of plain text.
    frame : pandas.DataFrame
        The table. Of a long one, as many rows are shown as pandas shows (`display.max_rows`).
    notes : sequence of str, optional
        Sentences below the table.
    index : bool, optional
        Whether to show the index of the table.

    Returns
    -------
    str
        A paragraph, a table, and a paragraph for each note; text is escaped.
    """
    import pandas as pd

    table = frame.to_html(index=index, max_rows=pd.get_option("display.max_rows"))
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"<p>{'<br>'.join(map(escape, summary.splitlines()))}</p>{table}{below}"


def html_lines(text: str) -> str:
    """Return lines of plain text as HTML, for a notebook: a paragraph each, or a list of those that begin with "- "."""
    found = ""
    for is_item, lines in itertools.groupby(text.splitlines(), lambda line: line.startswith("- ")):
        tag = "li" if is_item else "p"
        block = "".join(f"<{tag}>{escape(line.removeprefix('- '))}</{tag}>" for line in lines)
        found += f"<ul>{block}</ul>" if is_item else block
    return found

"""Names of classes, models and folders, which may be anything, made safe for where they go. Needs nothing."""

import re
import unicodedata
from typing import Any

LONGEST_DRAWN = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def printed(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Without the characters that a terminal would obey; they are replaced."""
    return _CONTROL.sub(instead, text)


def encodable(text: str) -> bool:
    """Whether the text can be written as UTF-8: file names that are not UTF-8 reach Python with lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def drawn(text: str, longest: int = LONGEST_DRAWN) -> str:
    """As matplotlib is to draw it as it stands: no dollar begins a formula, and it is cut where it is long."""
    return shortened(text, longest).replace("$", r"\$")


def shortened(text: str, longest: int) -> str:
    """Cut where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def csv_cell(value: Any) -> Any:
    """For a CSV file: text that a spreadsheet would run as a formula gets an apostrophe before it.

    Spreadsheets skip spaces and other characters that are not seen, and some read full-width signs like the plain ones.
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

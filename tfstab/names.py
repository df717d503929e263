"""Names of classes, models and folders, which may be anything, made safe for where they go. Needs nothing."""

import re
from typing import Any

LONGEST_DRAWN = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def printed(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """Without the characters that a terminal would obey; they are replaced."""
    return _CONTROL.sub(instead, text)


def drawn(text: str, longest: int = LONGEST_DRAWN) -> str:
    """As matplotlib is to draw it as it stands: no dollar begins a formula, and it is cut where it is long."""
    return shortened(text, longest).replace("$", r"\$")


def shortened(text: str, longest: int) -> str:
    """Cut where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def csv_cell(value: Any) -> Any:
    """For a CSV file: text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not isinstance(value, str) or value[:1] not in tuple("=+-@\t\r"):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value

"""Letters that, pressed with Alt, lead to the fields of a form."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

MARK = "&"  # what Qt reads as: underline the next letter


def give_letters(form: QWidget, parts: Iterable[QWidget]) -> None:
    """Underline a letter in the name of each visible field, each letter in one name only.

    A letter that was underlined before is kept if it is free. A name whose letters are all taken gets none.

    parts: what `parts_of` gives for the form.
    """
    named = [part for part in parts if isinstance(part, QLabel | QCheckBox) and part.isVisibleTo(form)]
    fields = [part for part in named if isinstance(part, QCheckBox) or _leads_to_field(part)]
    taken: set[str] = set()
    for field in sorted(fields, key=lambda field: MARK not in field.text()):  # stable: in the order of the form
        name = field.text().replace(MARK, "")
        place = next((k for k in _places(field.text()) if name[k].lower() not in taken), None)
        if place is not None:
            taken.add(name[place].lower())
            name = f"{name[:place]}{MARK}{name[place:]}"
        field.setText(name)


def _leads_to_field(label: QLabel) -> bool:
    """Return whether a label names something that takes the keyboard; Qt makes any widget beside it its buddy."""
    buddy = label.buddy()
    return buddy is not None and bool((buddy.focusProxy() or buddy).focusPolicy() & Qt.FocusPolicy.TabFocus)


def _places(text: str) -> list[int]:
    """Return where the letters of a name stand, in the order in which they are tried as its Alt letter.

    The letter that is marked already comes first, then the first letters of words, then all others.
    """
    name = text.replace(MARK, "")
    letters = [k for k, letter in enumerate(name) if letter.isascii() and letter.isalpha()]
    return sorted(letters, key=lambda k: (k != text.find(MARK), k > 0 and name[k - 1] != " "))

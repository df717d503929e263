"""Marking and noting images, and saving what is marked."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from tfstab.gui.commands import Offer, Offers
from tfstab.gui.dialogs import ask_for_folder, ask_for_note
from tfstab.gui.exporting import save_marked
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.session import Session

MARK = "★"


def mark_offers(
    session: Session, parent: QWidget, said: Callable[[str], None], keys: Sequence[MarkKey] | None = None
) -> Offers:
    """The commands on marks. keys: what is selected, where it is not the session's one image."""
    marks, stack = session.marks, session.marks.undo_stack
    chosen = [session.mark_key] if keys is None and session.mark_key is not None else list(keys or ())
    offers: Offers = {}
    if chosen:
        unmark = all(key in marks for key in chosen)
        offers["mark"] = Offer(partial(marks.toggle, chosen), text="Un&mark" if unmark else "")
        offers["note"] = partial(ask_for_note, parent, described(session, chosen[0]), marks.note(chosen[0]),
                                 lambda note: marks.write(chosen[0], note.strip()))  # fmt: skip
    if stack.canUndo():
        offers["undo"] = Offer(stack.undo, text=f"&Undo {stack.undoText()}")
    if stack.canRedo():
        offers["redo"] = Offer(stack.redo, text=f"&Redo {stack.redoText()}")
    if len(marks):
        offers["save-marked"] = partial(_save, session, parent, said)
    return offers


def described(session: Session, key: MarkKey) -> str:
    """An image in words."""
    if len(key) == 1:
        return f"image {key[0]}"
    return f"image {key[0]}, sigma {session.run.sigmas[key[1]]:g}, copy {key[2]}"


def mark_of(session: Session) -> str:
    """The mark and note of the selected image, "" where it has none."""
    key = session.mark_key
    return f"{MARK} {session.marks.note(key)}".strip() if key is not None and key in session.marks else ""


def _save(session: Session, parent: QWidget, said: Callable[[str], None]) -> None:
    def save(folder: str) -> None:
        keys = session.marks.keys()
        session.background.run(
            lambda: save_marked(folder, map(session.picture, keys)),
            lambda count: said(f"Saved {count:,} pictures in {folder}."),
            owner=parent, saving=True,
        )

    ask_for_folder(parent, "Save the marked images in a folder", save)

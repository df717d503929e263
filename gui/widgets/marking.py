"""Marking images, writing notes on them, and saving the marked images."""

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtWidgets import QWidget

from tfstab.gui.commands import Offer, Offers, Refusal
from tfstab.gui.dialogs import ask_for_folder_to_save, ask_for_note, ask_for_tag
from tfstab.gui.exporting import Saved, save_marked
from tfstab.gui.sessions.marks import MarkKey
from tfstab.gui.sessions.session import Session
from tfstab.wording import counted

MARK = "★"


def mark_offers(
    session: Session, parent: QWidget, said: Callable[[str], None], keys: Callable[[], Iterator[MarkKey]] | None = None
) -> Offers:
    """Return the commands on marks that can be done now.

    Parameters
    ----------
    session : Session
        Owner of the marks.
    parent : QWidget
        Parent of dialogs.
    said : callable
        Shows a message in the status bar.
    keys : callable, optional
        Returns an iterator over the keys of the selected images; by default the session's one selected image.
    """
    marks, stack = session.marks, session.marks.undo_stack
    one = session.mark_key
    chosen = keys or (lambda: iter(() if one is None else (one,)))
    first = next(chosen(), None)
    # A view that gives `keys` must not replace what its page offers for the session's image.
    offers: Offers = no_marks(session.unmarked) if first is None and keys is None else {}
    if first is not None:
        # all() stops at the first image without a mark, which matters because millions can be selected.
        unmark = all(key in marks for key in chosen())
        offers["mark"] = Offer(lambda: marks.toggle(list(chosen())), text="Un&mark" if unmark else "")
        text = described(session, first)
        offers["note"] = partial(
            ask_for_note, parent, text, marks.note(first), lambda note: marks.write(first, note.strip())
        )
        offers["tag"] = lambda: ask_for_tag(parent, text, list(marks.tags()), partial(marks.tag, list(chosen())))
        if marks.last_tag:
            known = all(marks.last_tag in marks.of(key).tags for key in chosen())
            again = f"Remove tag {marks.last_tag}" if known else f"Tag with {marks.last_tag} again"
            offers["tag-again"] = Offer(lambda: marks.tag(chosen(), marks.last_tag), text=again.replace("&", "&&"))
    if stack.canUndo():
        offers["undo"] = Offer(stack.undo, text=f"&Undo {stack.undoText()}")
    if stack.canRedo():
        offers["redo"] = Offer(stack.redo, text=f"&Redo {stack.redoText()}")
    if len(marks):
        offers["save-marked"] = partial(_save, session, parent, said)
    return offers


def no_marks(why: str) -> Offers:
    """Return the commands that give marks, refused for a reason."""
    return dict.fromkeys(("mark", "tag", "tag-again", "note"), Refusal(why))


def described(session: Session, key: MarkKey) -> str:
    """Describe the image that a key names, such as "image 7, sigma 20, copy 3"."""
    name = str(session.run.clean.name(key[0]))
    if len(key) == 1:
        return name
    severity = session.run.degradation.at(f"{session.run.severities[key[1]]:g}")
    return f"{name}, {severity}, copy {key[2]}"


def mark_of(session: Session) -> str:
    """Return the mark and note of the selected image as text, or "" if it has none."""
    key = session.mark_key
    return f"{MARK} {session.marks.of(key).text}".strip() if key is not None and key in session.marks else ""


def _save(session: Session, parent: QWidget, said: Callable[[str], None]) -> None:
    """Ask for a folder, and save the marked images there in a worker thread."""

    def save(folder: str) -> None:
        keys = session.marks.keys()
        session.background.run(
            lambda: save_marked(folder, keys, session.picture), partial(tell, folder), owner=parent, saving=True
        )

    def tell(folder: str, saved: Saved) -> None:
        said(f"Saved {counted(saved.count, 'picture')} in {folder}.")
        if saved.problems:
            were = "was" if len(saved.problems) == 1 else "were"
            sentence = f"{counted(len(saved.problems), 'marked image')} {were} not saved: {saved.problems[0]}"
            session.background.failed.emit(sentence, "\n".join(saved.problems))

    ask_for_folder_to_save(parent, "Save the marked images in a folder", save)

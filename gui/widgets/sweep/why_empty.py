"""Why the list of a sweep's points is empty, and what would list more."""

from dataclasses import replace

from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.names import printed, shortened
from tfstab.wording import counted


def why_empty(session: SweepSession) -> str:
    """Return what the list says while it has no rows: what it waits for, or which filters empty it and what to do."""
    if session.points is None:
        return "Reading the points of this class…"
    asked, chosen = session.view.asked, _class_chosen(session)
    of_class = chosen is not None and not _other_filters(session)
    here = f"of class {shortened(printed(session.run.class_names[chosen]), 60)}" if of_class else "here"
    what = "image" if asked.lists_correct else "misclassified image"
    said, hidden = [f"No {what} {here}."], hides_marked(session)
    if not asked.filter.clean_wrong:
        said.append("Images that are wrong when clean are left out: “wrong when clean” is not ticked.")
    if asked.marked_only:
        marked = counted(len(session.marks), "image is", "images are")
        where = "in other classes" if of_class else "in this run, but hidden by other filters"
        said.append(f"“marked only” is ticked, and {marked} marked {where if hidden else 'in this run'}.")
    if hidden:
        hints = [f"“Show all marked” {'lists those of all classes' if of_class else 'removes only these filters'}"]
    elif of_class and not asked.marked_only:
        hints = ["“Show all” lists those of all classes"]
    else:
        hints = ["“Show all” removes the filters"] if asked.restricts else []
    if not asked.lists_correct:
        hints.append("“correct ones too” lists all images")
    hint = ", ".join(hints)
    return " ".join([*said, *([f"{hint}."] if hint else [])])


def hides_marked(session: SweepSession) -> bool:
    """Return whether only marked images are to be listed, and the class or another filter hides some of them."""
    restricted = _class_chosen(session) is not None or _other_filters(session)
    return session.view.asked.marked_only and restricted and len(session.view.rows) < len(session.marks)


def _class_chosen(session: SweepSession) -> int | None:
    """Return the class whose images alone are listed; None if all are, or if there is only one."""
    return session.class_index if len(session.classes) > 1 else None


def _other_filters(session: SweepSession) -> bool:
    """Return whether a filter other than the class and “marked only” leaves out images."""
    return replace(session.view.asked, marked_only=False).restricts

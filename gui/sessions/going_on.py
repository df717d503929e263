"""Whether more can be measured of an open run, and what the user chooses in the window for that. No Qt in here."""

from pathlib import Path

from tfstab.gui.jobs.hardened_more import settings_in
from tfstab.gui.kinds import KINDS
from tfstab.gui.sessions.session import Session
from tfstab.metrics.shares import rounded
from tfstab.runs.files import assessment_around, is_assessment
from tfstab.runs.together import hardening_around

MORE = "File > Measure more…"
# Where this command is not offered.
SAME = (
    "Not all options of this run are recorded: to measure more, choose New run… with the same settings and the same "
    "Output folder."
)
OF_SEVERAL = "This folder holds several runs, not an assessment: to measure more, open one of the runs by itself."
OF_HARDENING = (
    "The settings of the hardening cannot be read: choose Measure more… for it in the panel Jobs or, if it is not "
    "listed there, New run… with its settings and its Output folder."
)


def folder_to_go_on(session: Session) -> Path | None:
    """Return the folder in which "Measure more…" goes on: that of a run, or its assessment or hardening.

    None for a run that a job is measuring, or whose options are not known.
    """
    alone = session.kind in KINDS
    folder = assessment_around(session.path) if alone else session.path
    if session.at_work:
        return None
    if is_assessment(folder):
        return folder
    if (hardening := hardening_around(session.path)) is not None:
        return None if settings_in(hardening) is None else hardening
    # Of these options, the run does not record what was given.
    aimed = any(session.run.info["settings"].get(name) is not None for name in ("target", "mask"))
    return session.path if alone and not aimed else None


def why_not_on(session: Session) -> str:
    """Return why "Measure more…" is not offered for a run, and what to do instead, in a sentence."""
    if session.at_work:
        return "A job in the panel Jobs is measuring this run: wait until it has ended."
    if hardening_around(session.path) is not None:
        return OF_HARDENING
    return SAME if session.kind in KINDS else OF_SEVERAL


def how_to_go_on(session: Session) -> str:
    """Return how much of the work that was planned for a run is finished, and what does the rest, in sentences."""
    if session.assessed:
        return f"It is part of an assessment that has ended. {MORE} gives it more minutes, for more precise figures."
    done = f"{rounded(session.share_done)} % of the planned work is finished."
    if session.at_work:
        return done
    if folder_to_go_on(session) is None:
        return f"{done} {why_not_on(session)}"
    more = ", with more minutes," if session.kind == "assessment" else ""
    return f"{done} {MORE}{more} does the rest."

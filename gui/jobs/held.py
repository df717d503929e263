"""Whether an output folder holds work that a new run goes on with. No Qt in here."""

from contextlib import suppress

from tfstab.errors import TfstabError
from tfstab.gui.jobs.plan import named_folder
from tfstab.runs.files import HARDENING, is_assessment

HARDENED = (
    "This folder holds a hardening. With the same model, images and settings, the new run continues it: nothing is "
    "trained or measured again."
)
ASSESSED = (
    "This folder holds an assessment. With the same model and images, the new run continues it: nothing is measured "
    "again."
)


def going_on_in(task: str, folder: str) -> str:
    """Return that a task continues what a folder, as typed, holds; "" if it holds nothing that the task continues."""
    with suppress(TfstabError, OSError, ValueError):  # no folder's name, which is said when the run is to start
        path = named_folder(folder)
        if task == "harden" and (path / HARDENING).is_file():
            return HARDENED
        if task == "assess" and is_assessment(path):
            return ASSESSED
    return ""

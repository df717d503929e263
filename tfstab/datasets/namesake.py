"""Folders of the user's own that are called like a data set known by name, which is read in their place."""

import contextlib

from tfstab.datasets.images import SUFFIXES
from tfstab.paths import user_path

LAYOUTS = ("*", "*/*", "*/*/*")  # images beside a table, in class folders, and in the class folders of a split
HELP = "For a folder of your own with the name of a data set, write ./NAME."


def namesake(name: str) -> str:
    """Return that a name stands for the official images if a folder of images here has it, too, else "".

    name: that of a known data set.
    """
    folder = user_path(name)
    found = False
    with contextlib.suppress(OSError):  # a folder that cannot be read could not have been meant
        files = (file for layout in LAYOUTS for file in folder.glob(layout))
        found = any(file.suffix.lower() in (*SUFFIXES, ".npy") for file in files)
    if not found:
        return ""
    return (
        f"{name} is read as the official data set, not as the folder {name} that is here; for the folder, write "
        f"./{name}."
    )

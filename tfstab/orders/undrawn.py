"""Images that a run does not have because another image of their group was drawn, and how to inspect one of them."""

import contextlib
from pathlib import Path

from tfstab.datasets.folders import Listing
from tfstab.datasets.groups import drawn_in, group_names
from tfstab.datasets.lazy import named
from tfstab.datasets.registry import list_files
from tfstab.datasets.remarks import remarks_of
from tfstab.errors import InputError, TfstabError
from tfstab.names import composed
from tfstab.orders.shell import command, from_here
from tfstab.runs import RunFolder
from tfstab.runs.clean import NUMBER
from tfstab.wording import counted

OTHERS = "One image of each group was drawn at random. To inspect another one, give its file: "


def find_image(folder: Path, run: RunFolder, image: str) -> int:
    """Return the index of an image of a run, as `CleanImages.find` does.

    Parameters
    ----------
    folder : Path
        The run, or the assessment that it belongs to.
    run : RunFolder
        The run.
    image : str
        Its index in the full split, or its file name.

    Raises
    ------
    RunError, InputError
        There is no such image. If another image of its group was drawn, the error names that one, and gives the
        command that inspects the file asked for.
    """
    try:
        return run.clean.find(image)
    except TfstabError as error:
        if drawn_in(remarks_of(run.info["data"])) is None or run.clean.groups is None:
            raise
        if (listing := _listing(run)) is None:
            raise InputError(
                f"{error} {OTHERS}{command('inspect', folder, 'FILE', '--class', 'NAME', '--why')}"
            ) from None
        if told := _not_drawn(folder, run, image, listing):
            raise InputError(told) from None
        raise


def _listing(run: RunFolder) -> Listing | None:
    """Return the files of a run's data with their groups; None if they are not there."""
    data, listing = run.info["data"], None
    with contextlib.suppress(TfstabError, OSError):  # they may have been moved or changed
        listing = list_files(str(data["name"]), str(data["split"]))
    return None if listing is None or listing.groups is None else listing


def _not_drawn(folder: Path, run: RunFolder, image: str, listing: Listing) -> str:
    """Return which image of its group was drawn instead, and how to inspect the one asked for; "" if it is unknown."""
    clean, groups = run.clean, group_names(listing.groups)
    names = [composed(named(file, listing.root)) for file in listing.files]
    row = names.index(composed(image)) if composed(image) in names else int(image) if NUMBER.fullmatch(image) else -1
    if groups is None or clean.groups is None or not 0 <= row < len(names):
        return ""
    drawn = clean.indices[clean.groups == groups[row]].tolist()
    why = f"because '{clean.name(drawn[0])}' was drawn of its group" if drawn else "nor is another one of its group"
    words = "inspect", folder, from_here(str(listing.files[row])), "--class", listing.class_names[listing.labels[row]]
    return (
        f"'{names[row]}' is not among the {counted(len(clean.indices))} of this run, {why}. To inspect it, give its "
        f"file: {command(*words, '--why')}"
    )

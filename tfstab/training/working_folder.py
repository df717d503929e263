"""What the folders of trainings and of hardenings have in common: an identity, and checkpoints."""

import json
import re
from pathlib import Path
from typing import Any

from tfstab.errors import RunError, on_disk

WORDS = {"data": "training images", "validation": "validation images"}  # for parts of an identity


def check_identity(state: dict[str, Any], identity: dict[str, Any], folder: Path, work: str) -> None:
    """Check that the work that was begun in a folder is the one that is asked for.

    Parameters
    ----------
    state : dict
        What was recorded, with the entry "identity".
    identity : dict
        Settings, and fingerprints of network and images, of what is asked for.
    folder : Path
        The folder.
    work : str
        "training" or "hardening".

    Raises
    ------
    RunError
        It is another one.
    """
    wanted = json.loads(json.dumps(identity))
    if state["identity"] != wanted:
        differing = [WORDS.get(key, key) for key in wanted if state["identity"].get(key) != wanted[key]]
        raise RunError(
            f"{folder} holds a {work} that differs in its {' and '.join(differing)}: repeat what it was made with to "
            "resume it, or choose another folder with --out."
        )


def discard(folder: Path, names: re.Pattern[str]) -> None:
    """Delete the files and links in a folder whose whole names match."""
    with on_disk(folder):
        for path in list(folder.iterdir()):
            if names.fullmatch(path.name) and (path.is_symlink() or not path.is_dir()):
                path.unlink()

"""What the folders of trainings and of hardenings have in common: an identity, and checkpoints."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.errors import RunError, on_disk
from tfstab.names import printed, shortened
from tfstab.wording import OUT

LONGEST = 200  # characters of the settings in a sentence
WORDS = {"data": "training images", "validation": "validation images"}  # for parts of an identity


def check_identity(
    state: dict[str, Any], identity: dict[str, Any], folder: Path, work: str, defaults: Mapping[str, Any] | None = None
) -> None:
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
    defaults : Mapping, optional
        Default of each setting: a folder older than a setting was made with it.

    Raises
    ------
    RunError
        It is another one.
    """
    wanted = json.loads(json.dumps(identity))
    recorded = dict(state["identity"])
    if defaults is not None and isinstance(recorded.get("settings"), dict):
        recorded["settings"] = json.loads(json.dumps(defaults)) | recorded["settings"]
    if recorded != wanted:
        differing = [_differing(key, recorded.get(key), now) for key, now in wanted.items() if recorded.get(key) != now]
        raise RunError(
            f"{folder} holds a {work} that differs in its {' and '.join(differing)}: repeat what it was made with to "
            f"resume it, or choose another folder with {OUT}."
        )


def _differing(key: str, was: Any, now: Any) -> str:
    """Return in words what part of an identity differs and, of settings, which ones and how."""
    words = WORDS.get(key, key)
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return words
    names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    told = ", ".join(
        sorted((_setting(name, was.get(name), now.get(name)) for name in names), key=len)
    )  # cut at the end
    return f"{words} ({shortened(printed(told), LONGEST)})"


def _setting(name: str, was: Any, now: Any) -> str:
    """Return how a setting differs: its two values or, of settings with parts, such as `against`, its other parts."""
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return f"{name} = {was}, not {now}"
    parts = {"without": sorted(now.keys() - was.keys()), "with": sorted(was.keys() - now.keys())}
    other = sorted(part for part in was.keys() & now.keys() if was[part] != now[part])
    said = [f"{how} {', '.join(of)}" for how, of in parts.items() if of]
    return f"{name} {' and '.join([*said, *([f'with other values of {other[0]}'] if other else [])])}"


def discard(folder: Path, names: re.Pattern[str]) -> None:
    """Delete the files and links in a folder whose whole names match."""
    with on_disk(folder):
        for path in list(folder.iterdir()):
            if names.fullmatch(path.name) and (path.is_symlink() or not path.is_dir()):
                path.unlink()

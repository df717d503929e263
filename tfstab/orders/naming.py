"""Default names of run folders: the model, the data, and the settings that a resumed run must repeat."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.orders.images import without_prefix

LONGEST_WORDS = 40  # characters of the settings in a name; longer ones are replaced by a hash
SPEAKING = ("preprocess", "outputs", "split", "engine", "preset", "resize")  # settings whose value says it all


def run_name(kind: str, model: str, data: str, changed: Mapping[str, Any] | None = None) -> str:
    """Return the name of a run's folder: KIND-MODEL-DATA and the settings that differ from the defaults.

    Parameters
    ----------
    kind : str
        What the name begins with.
    model, data : str
        Names or paths, of which folders and suffixes are left out.
    changed : mapping, optional
        Settings that differ from the defaults, by name.

    Examples
    --------
    >>> from tfstab.orders import run_name
    >>> run_name("sweep", "nets/my.keras", "folder:photos", {"preprocess": "unit", "sigmas": (5.0, 10.0), "seed": 3})
    'sweep-my-photos-unit-sigmas-5-10-seed-3'
    """
    what = Path(without_prefix(data).rstrip("/\\")).stem
    return "-".join([kind, Path(model).stem, what, *setting_words(changed or {})])


def kind_name(kind: str, config: Any) -> str:
    """Return what the name of a run's folder begins with: the kind of run, and the degradation if it is not noise."""
    family = getattr(config, "degradation", GAUSSIAN_NOISE)
    return kind if family.name == GAUSSIAN_NOISE.name else f"{kind}-{family.name}"


def setting_words(changed: Mapping[str, Any]) -> list[str]:
    """Return settings as words for a folder's name, or a hash if they are long or do not suit a file name."""
    words = [_word(name.rstrip("_").removeprefix("max_").replace("_", "-"), value) for name, value in changed.items()]
    text = "-".join(words)
    if len(text) > LONGEST_WORDS or not re.fullmatch(r"[\w.+-]*", text):
        return [hashlib.sha256(text.encode()).hexdigest()[:8]]
    return words


def _word(name: str, value: Any) -> str:
    """Return one setting as a word."""
    if value is True:
        return name
    if value is False:
        return f"no-{name}"
    if isinstance(value, tuple | list):
        text = "-".join(each if isinstance(each, str) else f"{each:g}" for each in value)
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value).replace(":", "-")
    return text if name in SPEAKING else f"{name}-{text}"

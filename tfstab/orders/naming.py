"""Default names of run folders: the model, the data, and the settings that a resumed run must repeat."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfstab.datasets.tables import without_column
from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.orders.images import without_prefix

ROOT = "images"  # what images in the root of the file system are called
LONGEST_WORDS = 40  # characters of the settings in a name; longer ones are replaced by a hash
# Folders whose name says which images of the data they have, but not which data.
PARTS = ("test", "val", "valid", "validation", "train", "images", "data")
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
    >>> run_name("assess", "my.keras", "photos/test")
    'assess-my-photos-test'
    """
    given = data.rstrip("/\\")
    place = Path(without_prefix(data))
    if place.name in ("", ".."):  # as in "." and "..": only the file system knows the name
        given = str(place.resolve()) if place.resolve().name else ROOT
    what = data_name(given, "-").removesuffix(Path(given).suffix)
    column = without_column(given)[1]
    settings = ({"labels": column} if column else {}) | dict(changed or {})
    return "-".join([kind, Path(model).stem, what, *setting_words(settings)])


def data_name(data: str, between: str = " ") -> str:
    """Return what images are called: of a path the last name, after that of the folder if it is one of `PARTS`.

    In a sentence, one of `PARTS` alone is "the folder images", as in "10 images of the folder images".

    Parameters
    ----------
    data : str
        Name or path of the images, with or without "folder:".
    between : str
        Separates the names.

    Examples
    --------
    >>> from tfstab.orders import data_name
    >>> data_name("folder:my/photos"), data_name("folder:my/photos/test"), data_name("cifar10"), data_name("my/few.npz")
    ('photos', 'photos test', 'cifar10', 'few.npz')
    """
    names = [name for name in without_prefix(data).replace("\\", "/").split("/") if name not in ("", ".")]
    first = len(names) - 1
    while first > 0 and names[first].lower() in PARTS and names[first - 1] not in ("..", "~"):
        first -= 1
    if between == " " and len(names) == 1 and names[0].lower() in PARTS:
        return f"the folder {names[0]}"
    return between.join(names[first:]) or data


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

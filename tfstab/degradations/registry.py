"""Finds families of degradations: built in, from installed packages (entry points), or registered."""

import math
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from os.path import realpath
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import blur, digital, geometry, noise, occlusion, tone
from tfstab.degradations.base import Degradation
from tfstab.degradations.gaussian import GAUSSIAN_NOISE
from tfstab.errors import InputError, RunError, did_you_mean, unknown_name
from tfstab.importing import running_checksum
from tfstab.names import printed, shortened
from tfstab.plugins import installed, loaded, registering, usable, where
from tfstab.warning import warn
from tfstab.wording import as_given

GROUP = "tfstab.degradations"
# What errors advise about a family that a file has registered; the viewer replaces these words.
CHOOSE_FILE = "name the file that registers it with --import"
GIVE_FILE = "If it is one of your own, give the file that registers it with --import (in Python, import it)."
BUILT_IN = {
    family.name: family
    for family in (
        GAUSSIAN_NOISE, *noise.FAMILIES, *blur.FAMILIES, *digital.FAMILIES, *tone.FAMILIES, *geometry.FAMILIES,
        *occlusion.FAMILIES,
    )
}  # fmt: skip
# Words that others use for a family, such as those of ImageNet-C, which no spelling leads to.
OTHER_WORDS = {
    "poisson": ("shot_noise", "photon_noise"),
    "salt_and_pepper": ("impulse_noise",),
    "jpeg": ("compression", "jpeg_compression"),
    "brightness": ("glare",),
    "underexposure": ("darkness", "dark", "night", "dusk", "twilight", "low_light", "dim"),
    "fog": ("haze", "mist"),
    "translation": ("shift",),
    "scaling": ("zoom", "scale", "resize"),
    "occlusion": ("cutout", "erasing"),
}
# Words for the other direction of a family, and how to get it.
OTHER_DIRECTIONS = {
    "overexposure": "negative stops of underexposure are overexposure: `tfstab sweep MODEL DATA --degradation "
    "underexposure --severities -1,-2,-3` measures it, and an assessment does not. Brightness, which an assessment "
    "measures, adds the same to all grey levels.",
}
# Words for what none of the families is like, so that no similar spelling is proposed, as "rotation" for "rain".
LACKING = (
    "rain", "snow", "frost", "spatter", "dirt", "dirty_lens", "mud", "dust", "lens_flare", "flare", "reflection",
    "shadow", "vignetting", "elastic_transform", "perspective", "saturation", "hue", "colour", "color", "grayscale",
)  # fmt: skip
_registered: dict[str, Degradation] = {}
_files: dict[str, str] = {}  # the .py file that registered each family, if it is no part of a package
_checksums: dict[str, str] = {}  # of these files when they registered the family; "" if one could not be read


def register(degradation: Degradation) -> Degradation:
    """Make a family available by its name in this process. Registering a name again replaces the family.

    An installed package can instead make a family available in all processes: with an entry point in the group
    `tfstab.degradations` that has the family's name.

    Parameters
    ----------
    degradation : Degradation
        The family.

    Returns
    -------
    Degradation
        The same family.

    Raises
    ------
    InputError
        A built-in family has the same name.

    Warns
    -----
    UserWarning
        Another file has registered a family of the same name.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.degradations import get_degradation, register
    >>> register(replace(get_degradation("fog"), name="mist", severities=(10, 20))).range
    'numbers above 0 to 100'
    """
    if degradation.name in BUILT_IN:
        raise InputError(f"'{degradation.name}' is the name of a built-in degradation: choose another.")
    module = sys._getframe(1).f_globals
    file, before = registering(module), _files.get(degradation.name, "")
    if file and before and realpath(file) != realpath(before) and degradation.name in _registered:
        warn(
            f"degradation '{degradation.name}' is registered by {printed(before)} and by {printed(file)}; that of the "
            "latter is used: rename one of them."
        )
    _registered[degradation.name] = degradation
    _files[degradation.name] = file
    _checksums[degradation.name] = running_checksum(module) if file else ""
    return degradation


def registered_files() -> dict[str, Path]:
    """Return the files that registered families, by name of family, if importing the file registers it again."""
    return {name: Path(file) for name, file in _files.items() if file and name in _registered}


def registered_checksum(name: str) -> str:
    """Return the SHA-256 of the file that registered a family, as it was then; "" if that is not known."""
    return _checksums.get(name, "")


def get_degradation(name: str) -> Degradation:
    """Return the family with this name.

    Parameters
    ----------
    name : str
        Name of a family that is built in, registered or installed.

    Returns
    -------
    Degradation
        The family.

    Raises
    ------
    InputError
        There is none, or its package cannot be loaded.

    Examples
    --------
    >>> from tfstab.degradations import get_degradation
    >>> get_degradation("jpeg").severities
    (90.0, 70.0, 50.0, 30.0, 10.0)
    """
    if not isinstance(name, str):
        raise InputError(f"a degradation is {as_given(name)}; expected a name, such as 'fog', or a Degradation object.")
    if name in BUILT_IN or name in _registered:
        return BUILT_IN.get(name) or _registered[name]
    there = installed(GROUP)
    if name not in there:
        _check_no_severities(name)
        if meant := meant_by(name):
            raise InputError(f"unknown degradation '{name}': {meant}")
        if _lacking(name):
            raise InputError(
                f"unknown degradation '{name}': tfstab has none like it. Known: {', '.join(degradation_names())}. To "
                f"write one, see the guide's page own-degradation. {GIVE_FILE}"
            )
        raise unknown_name("degradation", name, degradation_names(), GIVE_FILE)
    return _load(there[name])


def meant_by(name: str) -> str:
    """Return what a word of others means here, as the rest of a sentence; "" for words that are not known.

    Examples
    --------
    >>> from tfstab.degradations.registry import meant_by
    >>> meant_by("haze"), meant_by("overexposure").partition(": ")[0]
    ("did you mean 'fog'?", 'negative stops of underexposure are overexposure')
    """
    word = name.lower()
    family = next((family for family, words in OTHER_WORDS.items() if word in words), None)
    return OTHER_DIRECTIONS.get(word, "") if family is None else f"did you mean '{family}'?"


def _lacking(name: str) -> bool:
    """Return whether a name, or a word in it, means what no built-in family does, and no own family has a like name."""
    words = name.lower()
    own = [known for known in degradation_names() if known not in BUILT_IN]
    return not {words, *words.split("_")}.isdisjoint(LACKING) and not did_you_mean(name, own)


def _check_no_severities(name: str) -> None:
    """Raise InputError for a known name with severities as `--against` takes them, such as jpeg@30:2."""
    family, at, _ = name.partition("@")
    if at and family in degradation_names():
        raise InputError(
            f"degradation '{name}': severities cannot be given here; `tfstab sweep MODEL DATA --degradation {family} "
            f"--severities S,S,...` measures severities other than the default ones, and `tfstab harden --against "
            f"{family}@WEAKEST:STRONGEST` trains on them (in Python SweepConfig(degradation='{family}', "
            f"severities=[...]) and HardenConfig(against={{'{family}': (weakest, strongest)}}))."
        )


def degradation_names() -> list[str]:
    """List the names of all families, built-in ones first.

    Returns
    -------
    list of str
        The names, without those of families that cannot be loaded.

    Warns
    -----
    UserWarning
        A family of an installed package cannot be loaded; it is said once.

    Examples
    --------
    >>> from tfstab.degradations import degradation_names
    >>> degradation_names()[:3]
    ['gaussian_noise', 'salt_and_pepper', 'poisson']
    """
    others = usable(sorted(installed(GROUP).keys() - {*BUILT_IN, *_registered}), get_degradation)
    return [*BUILT_IN, *sorted({*_registered, *others})]


def _load(point: EntryPoint) -> Degradation:
    """Load a family from an entry point."""
    family = loaded(point)
    if not isinstance(family, Degradation) or family.name != point.name:
        raise InputError(f"{where(point)} is {family!r}; expected a Degradation named '{point.name}'.")
    return family


def recorded(settings: Mapping[str, Any], load: Callable[[], str] = lambda: "") -> Degradation:
    """Return the family that a run's settings record.

    The settings have `degradation` and, except for Gaussian noise, `family` (a `Degradation.identity`), `severities`
    and `copies`; `clip` is False if grey levels are not clipped. If the family is not available or has changed, a
    placeholder is returned: it has the recorded names, looks for the family again when it is to degrade an image, and
    raises RunError if it is still missing. Raises KeyError or TypeError for incomplete settings, and InputError if the
    family cannot do without clipping.

    Parameters
    ----------
    settings : mapping
        The settings in run.json.
    load : callable
        Called if no family has the name: loads it where this is allowed, and returns why not, as a clause, or "".
    """
    name, told, clip = settings["degradation"], settings.get("family"), settings.get("clip", True)
    if not isinstance(clip, bool):
        raise TypeError(f"clip is {clip!r}; expected true or false")
    if told is None:
        return _find(name, clip)
    found = _family(name, told, clip, load)
    if isinstance(found, Degradation):
        return found

    def again(x: NDArray[np.float32], severity: float, rng: np.random.Generator) -> np.ndarray:
        """Degrade an image if the family has been loaded since; otherwise raise RunError."""
        family = _family(name, told, clip, load)
        if isinstance(family, Degradation):
            return family.function(x, severity, rng)
        raise RunError(f"degraded images cannot be made again, as the degradation '{name}' {family}.")

    return Degradation(
        name=name,
        title=told["title"],
        about="",
        function=again,
        parameter=told["parameter"],
        unit=told["unit"],
        severities=tuple(settings["severities"]),
        neutral=told["neutral"],
        low=-math.inf,
        high=math.inf,
        version=told["version"],
        steps=told.get("steps", 0),
        copies=max(2, settings["copies"]),  # it may be random, even if the run has one copy
        additive=not clip,
        clip=clip,
    )


def _family(name: str, told: Mapping[str, Any], clip: bool, load: Callable[[], str]) -> Degradation | str:
    """Return the family with a recorded identity, or why it is not available and what to do, after its name."""
    try:
        problem = load() if name not in {*BUILT_IN, *_registered, *installed(GROUP)} else ""
        here = get_degradation(name)
        if not (here.additive or clip):
            return "always clips here, unlike that of the run: restore the version that was used"
        here = _find(name, clip)
    except InputError:
        return f"is not loaded here{problem and f' ({problem})'}: {_how_to_load(told)}"
    return here if here.identity == told else f"{_difference(told, here.identity)}: {_how_to_load(told)}"


def _how_to_load(told: Mapping[str, Any]) -> str:
    """Return what to do so that a family with a recorded identity is available."""
    module = shortened(str(told["function"]).partition(":")[0], 100)
    if module == "tfstab":
        return "install the version of tfstab that made the run"
    if module == "__main__":
        return "it was registered in a script or a notebook, so register it there before its images are made"
    if "." in module:
        return f"install its package, or load the module, as with `tfstab view --import {module}`"
    return f"{CHOOSE_FILE} {module}.py (in Python import the file), or install its package"


def how_to_restore(told: object) -> str:
    """Return what to do if a family makes other images than when its identity was recorded (None: Gaussian noise)."""
    module = shortened(str(told["function"]).partition(":")[0], 100) if isinstance(told, dict) else "tfstab"
    if module == "tfstab" or module.startswith("tfstab."):
        return "restore it"
    if module == "__main__":
        return "register the original in the script or notebook before the run is opened"
    if "." in module:
        return f"restore the package with the module {module}"
    return f"name the original file with --import {module}.py (in Python import it before you open the run)"


def _difference(told: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Return how the family with this name differs from that of a run, after its name."""
    what = next((key for key in ("version", "function", *told) if told.get(key) != here.get(key)), "function")
    was, now = (shortened(str(one.get(what)), 100) for one in (told, here))
    if what == "function":
        return f"is the function {now} here, and the run was made with {was}, which may do something else"
    return f"has the {what} '{now}' here, and the run was made with '{was}'"


def _find(name: str, clip: bool) -> Degradation:
    """Return the family with this name, with or without clipping."""
    family = get_degradation(name)
    return family if clip else family.without_clipping()

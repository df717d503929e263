"""A probe of a run's random numbers, which shows whether they are still the same.

NumPy does not promise that its generators draw the same numbers in every version. All random numbers of a run follow
from its seed. So run.json records a few of them, the probe, and they are compared before anything is drawn again.

The probe consists of numbers, not of a checksum of their bits, because the last bits of a random number may differ
between processors.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfstab.degradations import NoiseStreams
from tfstab.degradations.registry import how_to_restore

# Normal numbers whose mean is recorded: enough for some from the tails, for which NumPy has a method of its own.
FIELD = 4096
SHOWN = 6  # numbers of each stream that are recorded beside its mean
PLACES = 2  # degraded images from which pixels are recorded
# The number of values of each entry, and the tolerance for each value, which is far above rounding errors.
LENGTHS = {"draws": 3 * SHOWN + 1, "pixels": PLACES * (SHOWN + 1)}
TOLERANCE = {"draws": 1e-4, "pixels": 0.05}
FARTHEST = 1e4  # the largest number in a probe: float32 keeps such grey levels to a thousandth
DRAW_NOTHING = {"python", "tensorflow", "keras", "pygad"}  # packages of a run's environment that degrade no image


def probe_draws(seed: int) -> list[float]:
    """Return what NumPy's generators draw from a seed: normal and uniform numbers and a permutation, (19,)."""
    field = np.empty(FIELD, np.float32)
    NoiseStreams(seed).fill(field, image=1, severity_index=1, copy=1)
    rng = np.random.default_rng(seed)
    numbers = [*field[:SHOWN], field.mean(dtype=np.float64), *rng.random(SHOWN), *rng.permutation(SHOWN)]
    return [round(float(number), 6) for number in numbers]


def check_probe(probe: Any) -> None:
    """Raise TypeError or ValueError unless this is a probe as runs record it; runs come from strangers too."""
    if not isinstance(probe, dict) or not set(probe) <= set(LENGTHS):
        raise TypeError(f"probe is no object with the entries {' and '.join(LENGTHS)}")
    for name, values in probe.items():
        if not isinstance(values, list) or len(values) != LENGTHS[name]:
            raise TypeError(f"probe/{name} is no list of {LENGTHS[name]} numbers")
        if not all(isinstance(value, int | float) and abs(value) <= FARTHEST for value in values):
            raise ValueError(f"probe/{name} has a value that is no number from -{FARTHEST:g} to {FARTHEST:g}")


def same_numbers(name: str, one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether values of the entry `name` of two probes are the same, apart from rounding errors."""
    return np.allclose(one, other, rtol=0, atol=TOLERANCE[name])


def changed_since(info: Mapping[str, Any], here: Mapping[str, list[float]], versions: Mapping[str, str]) -> str:
    """Say how the random numbers drawn here differ from a run's, and what to do about it; "" if they do not.

    Parameters
    ----------
    info : Mapping
        The run's run.json. Runs of older versions have no probe, so a change cannot be noticed.
    here : Mapping
        The entries of the probe as they are made here.
    versions : Mapping
        Versions of packages here.

    Returns
    -------
    str
        The end of a sentence: "NumPy draws different random numbers here (numpy 2.9.1) than where the run was made
        (numpy 2.4.0): install numpy 2.4.0".
    """
    there = info.get("probe", {})
    what = {"draws": "NumPy draws different random numbers", "pixels": "the degradation makes different images"}
    for name, numbers in here.items():
        if name in there and not same_numbers(name, there[name], numbers):
            blamed = {"numpy"} if name == "draws" else versions.keys() - DRAW_NOTHING
            now = {package: version for package, version in sorted(versions.items()) if package in blamed}
            family = info.get("settings", {}).get("family") if name == "pixels" else None
            return what[name] + _elsewhere(now, info["environment"]["versions"], how_to_restore(family))
    return ""


def changed_versions(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Return the names of the packages that two environments have in different versions."""
    return [name for name in sorted(here) if there.get(name, here[name]) != here[name]]


def _elsewhere(here: Mapping[str, str], there: Mapping[str, str], restore: str) -> str:
    """Return the rest of the sentence: the versions in which a run and this environment differ, and what to do."""
    changed = changed_versions(here, there)
    if not changed:
        same = " and ".join(f"{name} {version}" for name, version in here.items())
        return (
            f" here than where the run was made, although with the same {same}: the code has changed or depends on "
            f"something else; {restore}"
        )
    now, was = (" and ".join(f"{name} {versions[name]}" for name in changed) for versions in (here, there))
    return f" here ({now}) than where the run was made ({was}): install {was}"

"""The probe of a sweep's noise: some pixels of images that are degraded with the sweep's seed."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.runs.environment import versions
from tfstab.runs.evidence import degradation_evidence
from tfstab.runs.probe import FARTHEST, SHOWN, changed_since, probe_draws, same_numbers
from tfstab.sweep.config import SweepConfig
from tfstab.sweep.degrade import degraded_image

# (image, copy) of the two streams: one that most sweeps have, one far beyond them; of the first and the last severity.
STREAMS = ((1, 0), (1_000_003, 7))
UNSCALED = 2.0  # a white image that comes back with no higher value is probably in 0..1; above 1 there is only noise


def probe_of(config: SweepConfig, shape: tuple[int, ...]) -> dict[str, list[float]]:
    """Return the probe of a sweep: random numbers from its seed, and pixels of a test image that it degrades.

    Parameters
    ----------
    config : SweepConfig
        Settings of the sweep.
    shape : tuple of int
        Shape (H, W, C) of the sweep's images, and of the test image: a degradation may take no other.

    Returns
    -------
    dict
        The entries "draws" and "pixels" of run.json's probe; pixels are in grey levels.
    """
    clean = image_for_tests(shape)
    shown = np.linspace(0, clean.size - 1, SHOWN).astype(int)
    pixels: list[float] = []
    for (image, copy), severity in zip(STREAMS, (0, len(config.severities) - 1), strict=True):
        degraded = degraded_image(config, clean, image, severity, copy).reshape(-1).astype(np.float64)
        degraded = np.clip(degraded, -FARTHEST, FARTHEST)
        pixels += [round(float(level), 3) for level in (*degraded[shown], degraded.mean())]
    return {"draws": probe_draws(config.seed), "pixels": pixels}


def image_for_tests(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return an image of all grey levels, finely mixed."""
    return (np.arange(int(np.prod(shape))) * 37 % 256).astype(np.uint8).reshape(shape)


def checked_probe(config: SweepConfig, shape: tuple[int, ...]) -> dict[str, list[float]]:
    """Return the probe of a new sweep, after a check of its degradation, which may be code of the user's own.

    Raises InputError if it draws numbers elsewhere than from the generator that it is given, or seems to return values
    in 0..1.
    """
    family, probe = config.degradation, probe_of(config, shape)
    if probe_of(config, shape) != probe:
        raise InputError(
            f"degradation '{family.name}' made two different images from the same image, severity and random "
            "generator: draw random numbers only from its argument `rng`, not from np.random, and keep nothing between "
            "calls."
        )
    mildest = config.severities[int(config.mildest_first[0])]
    white = family(np.full(shape, 255, np.uint8), mildest)
    if 0 < white.max() <= UNSCALED:
        raise InputError(
            f"degradation '{family.name}' made values from {white.min():g} to {white.max():g} of a white image, at "
            f"{family.parameter} {mildest:g}; expected grey levels 0..255: multiply what its function returns by 255."
        )
    return probe


def described_degradation(config: SweepConfig, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return what run.json would record of the degradation of a sweep that began here, as `check_code` takes it."""
    return {
        "settings": json.loads(json.dumps(config.settings)),
        "environment": {"versions": versions() | config.degradation.package_versions},
        "evidence": degradation_evidence(config.degradation),
        "probe": probe_of(config, shape),
    }


def changed_noise(config: SweepConfig, shape: tuple[int, ...], info: dict[str, Any]) -> str:
    """Return why images of a run are degraded differently here; "" if they are not, or if it has no probe.

    Raises RunError if the run's degradation is not available here.
    """
    if "probe" not in info:
        return ""
    return changed_since(info, probe_of(config, shape), versions() | config.degradation.package_versions)


def degrade_alike(first: SweepConfig, second: SweepConfig, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return False if the probes of two sweeps show that the same image was degraded differently.

    They show nothing if one is missing, or if the settings or the random numbers differ, as with another seed.

    Parameters
    ----------
    first, second : SweepConfig
        Settings of the sweeps, which have the same degradation and images of the same shape.
    one, other : dict
        What their run.json hold.
    """
    probes = one.get("probe", {}), other.get("probe", {})
    if not all({"draws", "pixels"} <= probe.keys() for probe in probes):
        return True
    if not same_numbers("draws", probes[0]["draws"], probes[1]["draws"]):
        return True
    if any(getattr(first, name) != getattr(second, name) for name in ("seed", "common_noise", "clip")):
        return True
    # The first stream depends on the first severity only; the last one also on the number of severities.
    shared = len(STREAMS) if first.severities == second.severities else int(first.severities[0] == second.severities[0])
    pixels = [probe["pixels"][: shared * (SHOWN + 1)] for probe in probes]
    return same_numbers("pixels", *pixels)

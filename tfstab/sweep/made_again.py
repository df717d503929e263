"""Compares degraded images that are made again with the PSNR that a sweep has stored of them."""

from typing import TYPE_CHECKING

import numpy as np

from tfstab.errors import RunError
from tfstab.metrics import psnr
from tfstab.warning import warn

if TYPE_CHECKING:
    from tfstab.sweep.run import SweepRun

LEVELS, SHARE = 0.01, 0.001  # grey levels, and share of the disturbance: what rounding on another machine may change


class MadeAgain:
    """Warns, once for a sweep, of a degraded image that is not the one that was scored."""

    def __init__(self) -> None:
        self._said = False

    def check(self, run: "SweepRun", clean: np.ndarray, degraded: np.ndarray, key: tuple[int, int, int]) -> None:
        """Warn, once, if an image under a degradation of the user's own cannot be the one that was scored.

        key: index of the image, index of the severity, and number of the copy, as in `SweepRun.sample`. Images that
        have not been scored, or whose part is damaged, are not compared.
        """
        # What the run records of the family, because loading it returns a placeholder if its file is missing.
        told = run.info["settings"].get("family")
        if self._said or told is None or told.get("function") == "tfstab":
            return
        stored = _stored_psnr(run, key)
        here = float(psnr(degraded.astype(np.float64) - clean))
        there, now = (255 * 10 ** (-decibels / 20) for decibels in (stored, here))
        if not abs(there - now) > LEVELS + SHARE * there:  # False for NaN, if none is stored
            return
        self._said = True
        family, (image, severity, copy) = run.degradation, key
        warn(
            f"copy {copy} of image {image} at {family.at(f'{run.severities[severity]:g}')} is not the one that was "
            f"scored in {run.path}: its PSNR was {stored:.2f} dB and is {here:.2f} dB now. The function of degradation "
            f"'{family.name}' must depend on nothing but its arguments; images of this run that are shown may not be "
            "those that were scored."
        )


def _stored_psnr(run: "SweepRun", key: tuple[int, int, int]) -> float:
    """Return the stored PSNR of a degraded image in dB, NaN if there is none."""
    image, severity, copy = key
    try:
        table = run.samples(image=image, severity=run.severities[severity], columns=["copy", "psnr"])
    except RunError:  # damage, which is reported where the part is needed
        return np.nan
    found = table["psnr"].to_numpy()[table["copy"].to_numpy() == copy]
    return float(found[0]) if len(found) else np.nan

"""What to do about an image that a sweep has not come to yet."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.errors import RunError
from tfstab.runs.files import assessment_around, is_assessment, is_side

if TYPE_CHECKING:
    from tfstab.sweep.run import SweepRun


def not_swept(run: "SweepRun", image: int, what: str = "", severity: float | None = None) -> RunError:
    """Return the error for an image, or for a part of it, that a sweep has not come to yet, with how to go on.

    Parameters
    ----------
    run : SweepRun
        The sweep.
    image : int
        Index of the image in the full split.
    what : str
        Which part of it, such as "copy 2 of "; by default all of it.
    severity : float, optional
        The severity that is missing; by default all of them.
    """
    at = "" if severity is None else f" at {run.degradation.at(f'{severity:g}')}"
    missing = f"{what}image {image} has not been measured under {run.degradation.title}{at} yet"
    return RunError(f"{missing} (so far: {run.amount}): {_how(run.path)}, or sweep this image alone.")


def _how(path: Path) -> str:
    """Return how the sweep in a folder goes on: by itself, or with the assessment or hardening to which it belongs."""
    around = assessment_around(path)
    if is_assessment(around):
        return "assess for more minutes"
    if is_side(around):
        return "harden again for more minutes"
    return "resume the sweep"


def whole_of(path: Path) -> Path:
    """Return the folder of the assessment or hardening to which the sweep in a folder belongs, or this folder."""
    around = assessment_around(path)
    return around if is_assessment(around) else around.parent if is_side(around) else path

"""How many clean images an assessment scores, and how many of them it plans to degrade, by the speed of the model."""

from pathlib import Path
from typing import Any

from tfstab.assessment.plan import images_for
from tfstab.runs.clean import LARGEST_COPY
from tfstab.runs.files import SEARCH
from tfstab.runs.info import read_info, runs_in
from tfstab.sweep.plan import planned_images

PLANNED = 2  # how many times as many images are planned as there is time for, by an estimate, which may be too low
CLEAN_SHARE, FEWEST = 0.1, 8  # of the time, for all clean images, of which there are some in any case
ALL_CLEAN_SHARE = 0.5  # of the time, for all clean images if a requirement is about them
CHECK_SHARE = 0.15  # of the time, to check inputs and classes on images of rare classes
CLEAN_CALLS = 3  # about how often an image is scored on which inputs are checked: other forms of them are tried


def sample_size(
    folder: Path,
    available: int,
    severities: int,
    image_seconds: float,
    *,
    budget: float,
    sweeping: float,
    all_clean: bool,
    rare: bool,
    image_bytes: int,
) -> tuple[int, int]:
    """Return how many clean images to score, and how many of them to degrade, neither fewer than the runs have.

    All clean images are scored if scoring those not yet scored takes at most a certain share of the budget.

    Parameters
    ----------
    folder : Path
        Folder of the assessment.
    available : int
        Number of all images.
    severities : int
        Number of severities of all families together.
    image_seconds : float
        Seconds for a degraded image.
    budget, sweeping : float
        Seconds for everything, and for the sweeps.
    all_clean : bool
        Whether a requirement is about all clean images.
    rare : bool
        Whether a class is so rare that its clean recall needs all of its images.
    image_bytes : int
        Bytes of an image. Each run reads its clean images when it is opened, which takes long if they are large. So
        large images are all scored only if a requirement or a rare class needs them.
    """
    there = [read_info(path) for path in runs_in(folder) if path.name != SEARCH]
    begun, known = ([count(info) for info in there] for count in (planned_images, _clean_images))
    planned = images_for(PLANNED * sweeping, 1 / image_seconds, severities, available)
    small = available * image_bytes <= LARGEST_COPY
    share = ALL_CLEAN_SHARE if all_clean else CLEAN_SHARE * (rare or small)
    if _clean_calls(available - min(available, max(known, default=0))) * image_seconds <= share * budget:
        return available, min(available, max([planned, *begun]))
    most = max(FEWEST, int(CLEAN_SHARE * budget / image_seconds / CLEAN_CALLS))
    degraded = min(available, max([min(planned, most), *begun]))
    return min(available, max([degraded, *known])), degraded


def checked_images(budget: float, image_seconds: float) -> int:
    """Return how many images there is time to check inputs and classes on."""
    return int(CHECK_SHARE * budget / image_seconds / CLEAN_CALLS)


def _clean_images(info: dict[str, Any]) -> int:
    """Return how many clean images a run has. info: its run.json."""
    return int(info["data"]["images"])


def _clean_calls(images: int) -> int:
    """Return how many images are scored, roughly, to score so many clean ones and check the inputs on a sample."""
    from tfstab.classifier.input_sample import SAMPLE  # imports SciPy

    return images + (CLEAN_CALLS - 1) * min(images, SAMPLE)

"""How a hardening divides its time, and whether that is enough to compare two such models at all."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.assessment.before_after import FEWEST_SWEPT, BeforeAfter
from tfstab.assessment.plan import Clock
from tfstab.assessment.speed import DEGRADING, speed_of
from tfstab.degradations import Degradation
from tfstab.sweep.score import in_large_batches
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.hardening_training import FEWEST_IF_SLOW
from tfstab.training.remedies import WITHOUT_TRAINING
from tfstab.training.remedies.averaging import SHARES
from tfstab.training.remedies.untrained import least_scored
from tfstab.training.rounds import FEWEST_ROUNDS
from tfstab.training.step_plan import FEWEST_STEPS
from tfstab.training.too_slow import GRACE, TooSlowError

if TYPE_CHECKING:
    from tfstab.orders.hardening import HardeningSubject

TRAINING_SHARE = 0.6  # of the time; the rest is for measuring both models and for the report
STEPS_SHARE = 0.85  # largest share of the time for a given number of training steps; measuring gets the rest
END_SHARE, END_SECONDS = 0.05, 15.0  # kept for the report: this share of the time, but at most so many seconds
USEFUL = 50  # degraded images, from which intervals are of use
HARDLY_FEWER = 0.8  # of these: it would hardly narrow an interval to wait for the others
TRAINING_COST = 2  # times the time of scoring an image, to train on it: less than that is not to be expected


def check_time(
    subject: "HardeningSubject", config: HardenConfig, families: Sequence[Degradation], clock: Clock
) -> None:
    """Raise TooSlowError if there is no time for the shortest training, or for a comparison on the fewest images.

    Without training, the choice of a remedy on the fewest images takes the place of training. The estimate is made at
    once and is rough, too low rather than too high: the speed of training is known only later.

    Parameters
    ----------
    subject : HardeningSubject
        The model and its images.
    config : HardenConfig
        Settings of the hardening.
    families : sequence of Degradation
        Degradations to measure.
    clock : Clock
        Knows the time in all, and how much of it loading has taken.
    """
    images, validation = subject.divided
    classifier = subject.classifier.for_images(images.image_shape)
    most = len(subject.test) * max((len(family.severities) for family in families), default=1)
    _, scoring = speed_of(in_large_batches(classifier, most), images)
    if subject.untrainable or config.remedy == WITHOUT_TRAINING:
        training = scoring * least_scored(classifier, len(validation))
    else:
        seen = TRAINING_COST * FEWEST_STEPS * config.batch_size_for(classifier, len(subject.train))
        training = scoring * (seen + FEWEST_IF_SLOW * (2 * len(SHARES) + FEWEST_ROUNDS))
    rows = FEWEST_SWEPT * sum(len(family.severities) for family in families)
    measuring, share = 2 * rows * DEGRADING * scoring, 1 - TRAINING_SHARE - END_SHARE
    loading = clock.elapsed
    late = training > max(0.0, TRAINING_SHARE * clock.seconds - loading) + GRACE
    if late or measuring > share * clock.seconds + GRACE:
        needed = max((loading + training) / TRAINING_SHARE, measuring / share)
        raise TooSlowError(subject.classifier.name, needed)


def enough_minutes(measuring: BeforeAfter, images: int, minutes: float) -> int | None:
    """Return the minutes with which the same call compares enough images to be of use, roughly.

    None if it has them, or hardly fewer. At least the minutes of this call are named: with less, much of the time goes
    into opening what there is, and nothing might be added.

    images: how many were compared under all degradations; minutes: those of this call.
    """
    useful = min(USEFUL, len(measuring.dataset))
    if images >= HARDLY_FEWER * useful:
        return None
    return math.ceil(max(minutes, measuring.seconds_for(useful) / 60))

"""The plan of an assessment: what comes next, what it costs, and how much fits."""

import math
import time

import numpy as np
import pytest

from tfstab.assessment.plan import CAUTION, Candidate, Clock, Pace, choose, images_for, more_copies


def test_the_widest_interval_comes_next_if_there_is_time_for_it():
    steps = [Candidate("fog", 0.08, 2.0), Candidate("jpeg", 0.05, 1.0)]
    assert choose(steps, left=2.0) == "fog"
    assert choose(steps, left=1.99) == "jpeg"
    assert choose(steps, left=0.99) is None
    assert choose([], left=100) is None


def test_gaussian_noise_counts_double_and_what_has_no_number_comes_first():
    steps = [Candidate("fog", 0.08, 1.0), Candidate("gaussian_noise", 0.041, 1.0)]
    assert choose(steps, left=1) == "gaussian_noise"
    assert choose([*steps, Candidate("jpeg", math.inf, 1.0)], left=1) == "jpeg"
    assert choose([Candidate("fog", 0.08, 1.0), Candidate("gaussian_noise", 0.039, 1.0)], left=1) == "fog"


@pytest.mark.parametrize("seed", range(20))
def test_the_step_with_the_widest_interval_wins_whatever_is_unknown(seed):
    """Widths may be NaN or infinite, in any order; a NaN in `max` would win or lose by its place alone."""
    rng = np.random.default_rng(seed)
    for _ in range(200):
        widths = rng.choice([math.nan, math.inf, 0.0, 0.1, 0.2, 2.9], size=rng.integers(1, 9))
        costs = rng.choice([0.5, 1.0, 3.0], size=len(widths))
        steps = [Candidate(str(k), *map(float, pair)) for k, pair in enumerate(zip(widths, costs, strict=True))]
        there = [step for step in steps if step.cost <= 1.0]
        chosen = choose(steps, left=1.0)
        if not there:
            assert chosen is None
            continue
        unknown = [step.name for step in there if not math.isfinite(step.width)]
        widest = max((step.width for step in there if math.isfinite(step.width)), default=None)
        assert chosen in (unknown or [step.name for step in there if step.width == widest])


def test_a_pace_follows_the_latest_measurements_and_predicts_with_caution():
    pace = Pace()
    assert not pace.known and math.isnan(pace.predict(1))
    pace.add(100, 2.0)
    assert pace.known and pace.predict(50) == pytest.approx(CAUTION * 1.0)
    pace.add(100, 4.0)
    assert pace.predict(100) == pytest.approx(CAUTION * 3.0) and pace.spent == 6.0
    pace.add(0, 1.0)  # nothing was done in this time, which is spent all the same
    assert pace.predict(100) == pytest.approx(CAUTION * 3.0) and pace.spent == 7.0


def test_a_clock_counts_from_its_beginning():
    clock = Clock(100, time.perf_counter() - 40)
    assert 40 <= clock.elapsed < 50 and 50 < clock.left <= 60
    assert (Clock(1).step, Clock(100).step, Clock(10_000).step) == (0.3, 2.0, 5.0)


def test_as_many_images_are_planned_as_can_have_a_copy_under_everything():
    assert images_for(10, 970, 97, 1000) == 100
    assert images_for(10, 970, 97, 80) == 80
    assert images_for(1, 97, 97, 1000) == 50
    assert images_for(1, 97, 97, 7) == 7


def test_copies_double_up_to_the_most():
    assert [more_copies(copies, 20) for copies in (1, 2, 8, 16, 20)] == [2, 4, 16, 20, 20]

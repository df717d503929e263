"""Averages of the weights of a network before and after fine-tuning."""

import numpy as np
import pytest

from tfstab.errors import InputError
from tfstab.training.remedies.averaging import choose_share, interpolate

BEFORE = [np.array([1.0, 2.0], np.float32), np.array([5, 6], np.uint32), np.array(3, np.int64)]
AFTER = [np.array([3.0, -2.0], np.float32), np.array([7, 8], np.uint32), np.array(4, np.int64)]


def test_real_numbers_are_averaged_and_whole_ones_are_the_tuned_networks():
    real, state, count = interpolate(BEFORE, AFTER, 0.25)
    assert real.dtype == np.float32 and real.tolist() == [1.5, 1.0]
    assert state.dtype == np.uint32 and state.tolist() == [7, 8] and count == 4


@pytest.mark.parametrize(("share", "wanted"), [(0, BEFORE), (1, AFTER)])
def test_the_ends_are_the_very_weights_even_of_a_training_that_has_diverged(share, wanted):
    after = [np.array([np.inf, np.nan], np.float32), *AFTER[1:]] if share == 0 else AFTER
    assert interpolate(BEFORE, after, share)[0].tolist() == wanted[0].tolist()


def test_weights_in_half_precision_keep_their_type():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    halves = [np.array([value], ml_dtypes.bfloat16) for value in (1, 3)]
    (average,) = interpolate(halves[:1], halves[1:], 0.5)
    assert average.dtype == ml_dtypes.bfloat16 and float(average[0]) == 2


@pytest.mark.parametrize(("after", "share"), [(AFTER, 1.5), (AFTER[:1], 0.5), ([np.zeros(3), *AFTER[1:]], 0.5)])
def test_what_has_no_average_is_refused(after, share):
    with pytest.raises(InputError, match="expected"):
        interpolate(BEFORE, after, share)


def test_the_best_share_of_those_accurate_enough_when_clean_is_chosen():
    clean, degraded = [0.90, 0.895, 0.89, 0.80], [0.50, 0.60, 0.60, 0.90]

    def evaluate(share):
        return clean[int(share)], degraded[int(share)]

    share, figures = choose_share(evaluate, 0.89, (0, 1, 2, 3))
    assert share == 1  # as good as 2 on degraded images, and better on clean ones
    assert [row.clean for row in figures] == clean and [row.degraded for row in figures] == degraded
    assert choose_share(evaluate, 0.8, (0, 1, 2, 3))[0] == 3
    assert choose_share(evaluate, 0.95, (0, 1, 2, 3))[0] == 0

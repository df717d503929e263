"""What a comparison says of a mean difference that only the allowance for rare images leaves undecided."""

import re

import numpy as np
import pytest

from made_runs import made_sweep
from tfstab import SweepConfig, compare

CONFIG = SweepConfig(sigmas=(10,), copies=20)


def right(copies):
    """The classes that the copies are taken for: so many of the 20 copies of each image are right. copies: (N,)."""
    return (np.arange(CONFIG.copies) >= np.asarray(copies)[:, None]).astype(int)[:, None]


@pytest.mark.parametrize(
    ("more", "less", "told"),
    [
        (240, 160, "+0.52 to +1.48"),  # one copy of 20 more or less: 1.0 points on average
        (320, 80, None),  # 3.0 points: decided
        (210, 190, None),  # 0.25 points: not decided either way
    ],
)
def test_the_allowance_is_told_if_it_alone_leaves_the_mean_open(tmp_path, more, less, told):
    second = np.repeat([11, 9], [more, less])
    for name, copies in (("old", np.full(400, 10)), ("new", second)):
        made_sweep(tmp_path / name / "gaussian_noise", CONFIG, right(copies), classes=2, name=name)
    said = str(compare(tmp_path / "old", tmp_path / "new"))
    found = re.search(
        r"Without the allowance for rare images, the interval would be (\S+ to \S+), which excludes 0", said
    )
    assert (found and found[1]) == told
    assert told is None or "With 400 images, a difference below 0.97 points is never decided" in said

"""Made-up runs of a network before and after a remedy, whose every prediction is given."""

import numpy as np

from made_runs import made_sweep
from tfstab import SweepConfig

NOISE = SweepConfig(sigmas=(40, 10), copies=4)
BLUR = SweepConfig(degradation="gaussian_blur", severities=(1, 2))
COUNT = 200


def copies(config, share):
    """Predictions of which this share of each image's copies is right, (N, S): class 0 is right, class 1 is wrong."""
    right = np.round(np.asarray(share) * config.copies)[..., None]
    return (np.arange(config.copies) >= right).astype(int)


LEAVES = {
    "old": {"fog": (25, 0, 25, 0), "jpeg": (40, 38, 40, 9)},
    "new": {"fog": (40, 12, 40, 0), "jpeg": (40, 39, 15, 9)},
}


def leaves(folder, remarks="", families_of=None):
    """Sweeps of two networks with so many right images of each class, of 40; of the last class there are nine."""
    labels, number = np.repeat(np.arange(4), [40, 40, 40, 9]), np.r_[np.tile(np.arange(40), 3), np.arange(9)]
    runs = []
    for name, families in (families_of or LEAVES).items():
        runs.append([])
        for family, right in families.items():
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            taken = np.where(number < np.array(right)[labels], labels, (labels + 1) % 4)[:, None, None]
            run = made_sweep(folder / name / family, config, taken, labels, labels, classes=4, name=name)
            run.info["data"]["remarks"] = remarks
            runs[-1].append(run)
    return runs

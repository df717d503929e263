"""The settings and the predictions of the sweep that the fixture `run` makes."""

import numpy as np

from tfstab import SweepConfig

CONFIG = SweepConfig(sigmas=(40, 10), copies=4)
LABELS, CLEAN = [0, 0, 1, 1, 0], [0, 0, 1, 2, 0]
PREDICTED = np.array(
    [
        [[0, 0, 1, 2], [0, 0, 0, 0]],
        [[1, 1, 1, 2], [0, 0, 0, 1]],
        [[1, 0, 0, 0], [1, 1, 1, 1]],
        [[0, 0, 2, 2], [2, 2, 2, 1]],
        [[0, 0, 0, 0], [0, 0, 0, 0]],
    ]
)

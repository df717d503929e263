"""Sweeps in which the class that each image is taken for is given."""

from made_runs import made_sweep
from tfstab import SweepConfig

SEVERITY = {"fog": 50, "contrast": 0.5, "gaussian_blur": 2, "brightness": 60, "underexposure": 3}


def one_copy_each(folder, labels, clean, classes, **predicted):
    """Make a sweep of each degradation at one severity; labels, clean classes and those of the one copy are given."""
    return [
        made_sweep(
            folder / name,
            SweepConfig(degradation=name, severities=(SEVERITY[name],), copies=1),
            taken_for[:, None, None],
            labels,
            clean,
            classes=classes,
        )
        for name, taken_for in predicted.items()
    ]

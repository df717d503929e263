"""The metrics of a whole sweep. To add one, write a module with a `Metric` and enter it in `METRICS`."""

from typing import Any

from tfstab.sweep.measures import SweepMeasures
from tfstab.sweep.metrics.accuracy import ACCURACY, CLEAN_ACCURACY
from tfstab.sweep.metrics.area import AREA
from tfstab.sweep.metrics.base import Metric
from tfstab.sweep.metrics.calibration import CLEAN_ECE, ECE
from tfstab.sweep.metrics.half import SEVERITY50

__all__ = ["METRICS", "Metric", "headline", "records"]

# In the order of the viewer's columns, of JSON and of the headline.
METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (CLEAN_ACCURACY, ACCURACY, SEVERITY50, AREA, ECE, CLEAN_ECE)
}


def headline(measures: SweepMeasures) -> list[str]:
    """Return the lines that sum a sweep up.

    Parameters
    ----------
    measures : SweepMeasures
        Measures of at least one image.

    Returns
    -------
    list of str
        One line for each metric that has one: name, value, interval and unit.

    Examples
    --------
    >>> from tfstab.sweep.metrics import headline
    >>> [text.split(":")[0] for text in headline(sweep.measures)][:2]
    ['accuracy (top-1) over all noise', 'sigma50 (half of the clean accuracy)']
    """
    lines = (metric.headline(metric, measures) for metric in METRICS.values() if metric.headline is not None)
    return [text for text in lines if text is not None]


def records(measures: SweepMeasures) -> dict[str, Any]:
    """Return the metrics as entries of a record.

    Parameters
    ----------
    measures : SweepMeasures
        Measures of a sweep.

    Returns
    -------
    dict
        Values, intervals (arrays) and meanings by name.

    Examples
    --------
    >>> from tfstab.sweep.metrics import records
    >>> list(records(sweep.measures))[:4]
    ['accuracy', 'accuracy_interval_95', 'sigma50', 'area_under_curve']
    """
    entries: dict[str, Any] = {}
    for metric in METRICS.values():
        if metric.record is not None:
            entries |= metric.record(metric, measures)
    return entries

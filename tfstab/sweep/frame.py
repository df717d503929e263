"""Table of a sweep for Python (pandas): one row for each severity."""

from typing import TYPE_CHECKING

from tfstab.metrics.kept import estimate_kept_each
from tfstab.sweep.measures import SweepMeasures

if TYPE_CHECKING:
    import pandas as pd


def severities_frame(measures: SweepMeasures) -> "pd.DataFrame":
    """Return one row for each severity, in the run's order; see `SweepRun.to_pandas`."""
    import pandas as pd

    ends = measures.intervals
    kept, kept_low, kept_high = estimate_kept_each(1 - measures.wrong_share, measures.clean_correct)
    columns = {
        "accuracy": measures.accuracy,
        "accuracy_low": ends.accuracy[0],
        "accuracy_high": ends.accuracy[1],
        "accuracy_kept": kept,
        "accuracy_kept_low": kept_low,
        "accuracy_kept_high": kept_high,
        "clean_correct_accuracy": [point.accuracy_of_clean_correct for point in measures.accuracy_by_severity()],
        "clean_correct_low": ends.accuracy_of_clean_correct[0],
        "clean_correct_high": ends.accuracy_of_clean_correct[1],
        "psnr": measures.psnr,
        "calibration_error": measures.calibration.error,
        "images": (measures.total > 0).sum(axis=0),
        "degraded_images": measures.total.sum(axis=0),
    }
    return pd.DataFrame(columns, pd.Index(measures.severities, name="severity"))

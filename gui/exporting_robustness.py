"""Saves what the page *Robustness* shows as CSV: degradations, recalls and false alarms."""

import math
from collections.abc import Sequence
from typing import Any

from tfstab.gui.content.class_recalls import ClassRecalls
from tfstab.gui.content.false_alarms import FalseAlarms
from tfstab.gui.content.robustness import FamilyRow
from tfstab.gui.exporting import write_csv
from tfstab.metrics import Estimate
from tfstab.names import csv_cell


def save_robustness(path: str, rows: Sequence[FamilyRow]) -> None:
    """Write accuracy kept and accuracy at each severity of each family, with 95 % intervals, in full precision."""

    def fill(writer: Any) -> None:
        shares = [f"{share}{end}" for share in ("kept", "accuracy") for end in ("", "_low", "_high")]
        writer.writerow(["degradation", "parameter", "severity", "unit", "images", "lost", *shares])
        for row in rows:
            title, parameter, unit = map(csv_cell, (row.title, row.parameter, row.unit))
            writer.writerow([title, parameter, "all", unit, row.images, "", *_ends(row.kept), *_ends(row.accuracy)])
            for cell in row.cells:
                found = (cell.lost, *_ends(cell.kept), *_ends(cell.accuracy))
                writer.writerow([title, parameter, cell.severity, unit, row.images, *found])

    write_csv(path, fill)


def save_class_recalls(path: str, recalls: ClassRecalls) -> None:
    """Write the recall of each class when clean and when degraded, with 95 % intervals, in full precision.

    The share of the clean recall that is kept follows; it is empty if too few images are right when clean. A class that
    certainly loses a larger share of its recall than the others has a 1 in the column loses_more; under a single
    degradation, the measured difference must also be large. A class whose recall says little, because many images of
    other classes are taken for it, too, has a 1 in the column says_little.
    """

    def fill(writer: Any) -> None:
        columns = ["class_index", "class", "degradation", "images", "right_when_clean"]
        columns += [f"{name}{end}" for name in ("recall", "recall_kept") for end in ("", "_low", "_high")]
        writer.writerow([*columns, "loses_more", "says_little"])
        for k, name in enumerate(recalls.names):
            for column in recalls.columns:
                if (cell := column.cells[k]) is not None:
                    kept = ["" if math.isnan(end) else end for end in _ends(cell.kept)]
                    found = (cell.images, cell.clean, *_ends(cell.recall), *kept)
                    marks = int(cell.harmed), int(cell.others is not None)
                    writer.writerow([recalls.classes[k], csv_cell(name), csv_cell(column.title), *found, *marks])

    write_csv(path, fill)


def save_false_alarms(path: str, alarms: FalseAlarms) -> None:
    """Write which share of the images of other classes is taken for each class, in full precision.

    A share that is certainly and notably larger than when clean has a 1 in the column more_than_clean. There are no
    intervals: they would take minutes for thousands of classes.
    """

    def fill(writer: Any) -> None:
        columns = ["class_index", "class", "degradation", "false_alarms", "false_alarms_when_clean"]
        writer.writerow([*columns, "more_than_clean"])
        for k, name in enumerate(alarms.names):
            for column in alarms.columns:
                if (cell := column.cells[k]) is not None:
                    found = alarms.classes[k], csv_cell(name), csv_cell(column.title), cell.share, cell.clean
                    writer.writerow([*found, int(cell.more)])

    write_csv(path, fill)


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    """Return an estimate and the ends of its interval."""
    return estimate.value, estimate.low, estimate.high

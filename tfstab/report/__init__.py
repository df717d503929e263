"""Tables, figures and pages that report runs and evaluations."""

from tfstab.report.figures import (
    accuracy_figure,
    class_curves_figure,
    save_figure,
    scatter_figure,
    triples_figure,
)
from tfstab.report.run_report import write_report
from tfstab.report.sweep_json import sweep_json
from tfstab.report.sweep_tables import (
    certificate_table,
    class_severity_table,
    confusion_by_severity_table,
    severity_table,
    weakest_classes_table,
    weakest_images_table,
)
from tfstab.report.tables import Table, class_table, confusion_table, search_table

__all__ = [
    "Table",
    "accuracy_figure",
    "certificate_table",
    "class_curves_figure",
    "class_severity_table",
    "class_table",
    "confusion_by_severity_table",
    "confusion_table",
    "save_figure",
    "scatter_figure",
    "search_table",
    "severity_table",
    "sweep_json",
    "triples_figure",
    "weakest_classes_table",
    "weakest_images_table",
    "write_report",
]

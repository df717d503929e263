"""Tables, figures and pages that report runs and evaluations.

Each name is imported when it is first used (PEP 562), because commands that print a table need not wait for matplotlib.
"""

from typing import TYPE_CHECKING

from tfstab.lazy import importing
from tfstab.report.sweep_json import sweep_json  # at once: later, the name would be the module's

if TYPE_CHECKING:
    from tfstab.report.class_tables import class_table, confusion_table
    from tfstab.report.figures import (
        accuracy_figure,
        class_curves_figure,
        save_figure,
        scatter_figure,
        triples_figure,
    )
    from tfstab.report.robustness_tables import networks_table, robustness_table
    from tfstab.report.run_report import write_report
    from tfstab.report.sweep_image_tables import weakest_images_table
    from tfstab.report.sweep_tables import (
        certificate_table,
        class_severity_table,
        confusion_by_severity_table,
        severity_table,
        weakest_classes_table,
    )
    from tfstab.report.tables import Table, search_table
    from tfstab.report.written_comparison import write_comparison

_HOMES = {
    "Table": "tfstab.report.tables",
    "accuracy_figure": "tfstab.report.figures",
    "certificate_table": "tfstab.report.sweep_tables",
    "class_curves_figure": "tfstab.report.figures",
    "class_severity_table": "tfstab.report.sweep_tables",
    "class_table": "tfstab.report.class_tables",
    "confusion_by_severity_table": "tfstab.report.sweep_tables",
    "confusion_table": "tfstab.report.class_tables",
    "networks_table": "tfstab.report.robustness_tables",
    "robustness_table": "tfstab.report.robustness_tables",
    "save_figure": "tfstab.report.figures",
    "scatter_figure": "tfstab.report.figures",
    "search_table": "tfstab.report.tables",
    "severity_table": "tfstab.report.sweep_tables",
    "triples_figure": "tfstab.report.figures",
    "weakest_classes_table": "tfstab.report.sweep_tables",
    "weakest_images_table": "tfstab.report.sweep_image_tables",
    "write_comparison": "tfstab.report.written_comparison",
    "write_report": "tfstab.report.run_report",
}

__all__ = [
    "Table",
    "accuracy_figure",
    "certificate_table",
    "class_curves_figure",
    "class_severity_table",
    "class_table",
    "confusion_by_severity_table",
    "confusion_table",
    "networks_table",
    "robustness_table",
    "save_figure",
    "scatter_figure",
    "search_table",
    "severity_table",
    "sweep_json",
    "triples_figure",
    "weakest_classes_table",
    "weakest_images_table",
    "write_comparison",
    "write_report",
]


__getattr__, __dir__ = importing(__name__, _HOMES, __all__)

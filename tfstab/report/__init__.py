"""Tables and figures of runs and evaluations."""

from tfstab.report.figures import accuracy_figure, save_figure, scatter_figure, triples_figure
from tfstab.report.tables import Table, class_table, confusion_table, search_table, sigma_table

__all__ = [
    "Table",
    "accuracy_figure",
    "class_table",
    "confusion_table",
    "save_figure",
    "scatter_figure",
    "search_table",
    "sigma_table",
    "triples_figure",
]

"""Files with all tables and figures of a sweep."""

from pathlib import Path

from tfstab.errors import InputError
from tfstab.report.figures import accuracy_figure, class_curves_figure, save_figure
from tfstab.report.sweep_image_tables import weakest_images_table
from tfstab.report.sweep_tables import (
    certificate_table,
    class_severity_table,
    confusion_by_severity_table,
    severity_table,
    weakest_classes_table,
)
from tfstab.runs.atomic import make_folder, write_text
from tfstab.sweep import SweepRun


def save_sweep_files(run: SweepRun, folder: Path) -> list[Path]:
    """Write each table as CSV with full precision, and the figures as PNG; return their paths.

    Raises
    ------
    InputError
        The folder is a file, or the sweep has no finished part.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose a folder for the tables and figures.")
    if not len(run.measures):
        raise InputError(f"{run.path} has no finished part yet: resume the sweep first.")
    make_folder(folder)
    family = run.degradation
    tables = {
        f"{family.plural}.csv": severity_table(run),
        "classes.csv": weakest_classes_table(run),
        f"classes-by-{family.singular}.csv": class_severity_table(run),
        f"confusions-by-{family.singular}.csv": confusion_by_severity_table(run),
        "images.csv": weakest_images_table(run, clean_correct=False),
    }
    if run.measures.can_certify:
        tables["certified.csv"] = certificate_table(run)
    for name, table in tables.items():
        write_text(folder / name, table.csv())
    figures = {"accuracy.png": accuracy_figure([run]), "class-curves.png": class_curves_figure(run)}
    for name, figure in figures.items():
        save_figure(figure, folder / name)
    return [folder / name for name in (*tables, *figures)]

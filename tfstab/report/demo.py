"""The figures of the demonstration."""

from pathlib import Path

from tfstab.experiments.demo import Demo
from tfstab.report.figures import accuracy_figure, save_figure, scatter_figure, triples_figure


def save_demo_figures(demo: Demo, folder: Path) -> list[Path]:
    """Write minimum noise, scatter plots and accuracy curve as PNG files; return their paths."""
    figures = {
        "minimum-noise.png": triples_figure(list(demo.search), demo.search.class_names),
        "scatter.png": scatter_figure(demo.sweep),
        "accuracy.png": accuracy_figure([demo.sweep]),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / name)
    return [folder / name for name in figures]

"""`tfstab degradations`: list or draw the families of degradations."""

from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.options import DataDir, Imports, Json, Split
from tfstab.cli.output import print_json, print_table, remark
from tfstab.datasets import load_dataset
from tfstab.datasets.namesake import HELP
from tfstab.degradations import degradation_names, get_degradation
from tfstab.models import import_modules
from tfstab.report.tables import Table


def degradations(
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw one image under all degradations into this .png, .pdf or .svg file."),
    ] = None,
    image: Annotated[int, typer.Option("--image", min=0, help="Index of the image in its split.")] = 0,
    data: Annotated[str, typer.Option(help=f"Data set of the image (see `tfstab datasets`). {HELP}")] = "mnist-5k",
    imports: Imports = None,
    split: Split = "test",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List the degradations for `tfstab sweep --degradation`, or draw their effect on an image."""
    import_modules(imports or ())
    families = [get_degradation(name) for name in degradation_names()]
    if picture is not None:
        from tfstab.report.degradation_figure import degradation_figure
        from tfstab.report.figures import check_figure_path, save_figure

        check_figure_path(picture)
        dataset = load_dataset(data, split, data_dir).between(image, image + 1)
        save_figure(degradation_figure(dataset.images[0], families), picture)
        remark(f"written to {picture}")
        return
    rows = [(f.name, f.axis, ", ".join(f"{s:g}" for s in f.severities), f.range, f.copies, f.about) for f in families]
    columns = ("name", "severity", "by default", "range", "copies", "what it does")
    notes = ("copies: by default, of each image at each severity; 1 where nothing is drawn, so that none differs.",)
    if as_json:
        print_json(
            [
                {
                    "name": f.name,
                    "title": f.title,
                    "parameter": f.parameter,
                    "unit": f.unit,
                    "about": f.about,
                    "severities": list(f.severities),
                    "neutral": f.neutral,
                    "range": f.range,
                    "copies": f.copies,
                    "additive": f.additive,
                    "version": f.version,
                }
                for f in families
            ]
        )
    else:
        print_table(Table("Degradations", columns, rows, notes))

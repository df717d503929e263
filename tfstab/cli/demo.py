"""`tfstab demo`: a quick assessment of the bundled network on the bundled digits, then the viewer."""

import subprocess
import time
from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.assess import QUICK, assess_and_show, print_assessment
from tfstab.cli.view import has_display, viewer_command
from tfstab.orders import ImageOptions, ModelOptions, Subject
from tfstab.orders.model import DEFAULT


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder of the assessment.")] = Path("tfstab-demo"),
    minutes: Annotated[float, typer.Option("--minutes", help="Time for everything.", metavar="M")] = QUICK,
    viewer: Annotated[bool, typer.Option("--viewer/--no-viewer", help="Open the viewer at the end.")] = True,
) -> None:
    """Assess the bundled network on the bundled digits for a minute, then open the viewer."""
    began = time.perf_counter()
    subject = Subject(ModelOptions(DEFAULT), ImageOptions())
    assessment = assess_and_show(subject, minutes, out=out, began=began)
    print_assessment(assessment)
    if viewer and has_display():
        subprocess.Popen(viewer_command([assessment.path]), start_new_session=True)

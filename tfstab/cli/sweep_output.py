"""What commands print of sweeps, and of the outcomes of requirements on them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tfstab.assessment.outcomes import Outcome, outcomes_json
from tfstab.assessment.results import REQUIREMENTS
from tfstab.cli.output import echo, print_json, print_table
from tfstab.cli.requiring import print_outcomes
from tfstab.cli.robustness import show_robustness
from tfstab.cli.search import print_run
from tfstab.orders.shell import command
from tfstab.report.sweep_image_tables import weakest_images_table
from tfstab.report.sweep_json import sweep_json
from tfstab.report.sweep_tables import certificate_table, class_notes, headline, severity_table, weakest_classes_table
from tfstab.sweep import SweepRun

SHOWN_CLASSES, SHOWN_IMAGES = 20, 5  # in the terminal
CLASS_COLUMNS = ("class", "name", "copies", "precision", "recall", "recall from", "recall to")


def show_sweeps(
    runs: Sequence[SweepRun], folder: Path | None, first: Path, outcomes: Sequence[Outcome], as_json: bool
) -> None:
    """Print the results. folder: that around several runs; first: that of the first run."""
    required = {REQUIREMENTS: outcomes_json(outcomes)} if outcomes else {}
    if folder is not None:
        show_robustness(runs, (), as_json, more=required)
        if not as_json:
            print_outcomes(outcomes)
            echo(f"\nThe runs are in {folder}; look at them with: {command('view', folder)}/*")
    elif as_json:
        print_json({"run": str(first), **sweep_json(runs[0]), **required})
    else:
        print_sweep(runs[0])
        print_outcomes(outcomes)
        print_run(first)


def print_sweep(run: SweepRun) -> None:
    """Print a sweep: severities, weakest classes and images, certified radii, and the summary."""
    echo(f"{run.info['model']['name']} on {run.info['data']['name']} under {run.degradation.title}\n")
    print_table(severity_table(run))
    classes = weakest_classes_table(run, SHOWN_CLASSES).only(*CLASS_COLUMNS, run.degradation.half_name, "mostly as")
    classes = classes.in_percent(*CLASS_COLUMNS[3:])
    print_table(replace(classes, notes=(*classes.notes, *class_notes(run))))
    print_table(weakest_images_table(run, SHOWN_IMAGES))
    m = run.measures
    if m.can_certify:
        print_table(certificate_table(run))
    elif run.degradation.certifies:
        least = m.copies_to_certify
        echo(f"Certified radii need at least {least} copies of each image (tfstab sweep --copies {least}).\n")
    for line in headline(run):
        echo(line)

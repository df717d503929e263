"""What `tfstab inspect` shows of an assessment: its verdict and runs, or one image in all of its runs."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.assessment.assessed_image import NOT_DEGRADED, AssessedImage
from tfstab.assessment.opened import Assessment
from tfstab.cli.image_details import print_details
from tfstab.cli.inspect_why import Reason
from tfstab.cli.next_steps import print_steps
from tfstab.cli.output import print_json, print_table, remark, say
from tfstab.datasets.groups import drawn_in
from tfstab.datasets.remarks import remarks_of
from tfstab.degradations import GAUSSIAN_NOISE
from tfstab.errors import InputError
from tfstab.explanation.run_of_image import run_to_explain
from tfstab.orders.repair import repair_line
from tfstab.orders.shell import command
from tfstab.orders.undrawn import find_image
from tfstab.orders.wrong_image import PICTURE, steps_of_wrong_image, words_as_picture
from tfstab.report.changed import changed_notes
from tfstab.report.input_notes import group_notes, threshold_notes
from tfstab.report.numbers import family_table, loss_table
from tfstab.report.tables import Table
from tfstab.report.wrong_images import wrong_table
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

if TYPE_CHECKING:
    from tfstab.explanation.failure import Failure


def inspect_assessment(path: Path, image: str | None, as_json: bool, out: Path | None, reason: Reason | None) -> None:
    """Print an assessment, or what its runs say of one image."""
    assessment = Assessment(path, skip_damaged=True)
    for damage in assessment.damaged:
        remark(repair_line(damage, assessment.whole[0].info))
    for note in changed_notes(assessment.whole):
        remark(note)
    if image is not None:
        _print_image(assessment, image, as_json, out, reason)
        return
    if out is not None:
        run = assessment.whole[0].path
        raise InputError(
            f"{path} is an assessment, of which --out draws one image or one run: add --image, or name a run, such as "
            f"{run}."
        )
    table = _runs_table(assessment)
    if as_json:
        every = wrong_table(assessment.whole, shown=None)
        wrong = {} if every is None else {"wrong_when_clean": every.records()}
        print_json({"path": str(path), "runs": table.records(), **wrong, **assessment.to_json()})
        return
    say(f"{assessment.summary()}\n")
    if assessment.figures.families:
        print_table(family_table(assessment.figures))
        if (lost := loss_table(assessment.figures)) is not None:
            print_table(lost)
    if (wrong_ones := wrong_table(assessment.whole)) is not None:
        print_table(wrong_ones)
    print_table(table)
    for note in [*assessment.notes, *group_notes(assessment.whole), *threshold_notes(assessment.whole)]:
        remark(note)
    one = command("inspect", assessment.whole[0].path)
    remark(f"one of the runs: {one}; one image in all of them: add --image N")


def _runs_table(assessment: Assessment) -> Table:
    """Return the runs of an assessment, and the explanation that belongs to it, with the images that each has done."""
    runs = [*assessment.whole, *([assessment.explanation] if assessment.explanation else [])]
    rows = []
    for run in runs:
        what = run.degradation.title if isinstance(run, SweepRun) else run.heading.partition(" of ")[0]
        rows.append((str(run.path), what, len(run.measures if isinstance(run, SweepRun) else run.images)))
    return Table("Runs", ("run", "what", "images"), rows)


def _print_image(assessment: Assessment, image: str, as_json: bool, out: Path | None, reason: Reason | None) -> None:
    """Print one image's clean prediction, where each degradation changes it, its minimum noise and its explanation.

    Of an image that is wrong when clean, say so, and what makes it right. With `reason`, say of another one why it is
    misclassified in the sweep with the largest share of failing copies. If `out` is a path, also draw the image as its
    most telling run shows it.
    """
    found = assessment.image(find_image(assessment.path, _largest(assessment), image))
    for note in found.notes:
        remark(f"{note}; {_how_to_try(assessment, found.image)}" if note == NOT_DEGRADED else note)
    why = found.why or (None if reason is None else _why(assessment, found.image, reason))
    print_details([Table(*part) for part in found.parts], found.summary, why, as_json)
    if found.why is not None and not as_json:  # wrong when clean
        print_steps(steps_of_wrong_image(assessment.path, _largest(assessment), found.image))
    elif reason is not None and not as_json:
        print_steps(reason.steps)
    if out is not None:
        _draw(found, out)


def _how_to_try(assessment: Assessment, image: int, out: Path | None = None) -> str:
    """Return the command that tries all degradations on the file of an image, and draws it if `out` is given."""
    run = _largest(assessment)
    words = words_as_picture(assessment.path, run, image)
    others = ", and for other images of its group" if drawn_in(remarks_of(run.info["data"])) else ""
    what = f", where {PICTURE} is its file" if words[2] == PICTURE else ""
    return f"to try all degradations on it{others}: {command(*words, *(['--out', str(out)] if out else []))}{what}"


def _largest(assessment: Assessment) -> SweepRun | SearchRun:
    """Return the run of an assessment that has scored the most clean images."""
    return max(assessment.whole, key=lambda run: len(run.clean.indices))


def _why(assessment: Assessment, image: int, reason: Reason) -> "Failure":
    """Return why an image fails in the sweep with the largest share of failing copies, or with its minimum noise."""
    run = run_to_explain(assessment.whole, image)
    if run is None:
        raise _not_finished(assessment, image)
    return reason(run, image)


def _not_finished(assessment: Assessment, image: int) -> InputError:
    """Return the error for an image that no sweep has finished, with the command that does so at once, if one is known.

    It is swept under the degradation that does the most harm so far.
    """
    from tfstab.cli.next_steps import sweep_of_image

    families = assessment.figures.families
    family = families[0].name if families else GAUSSIAN_NOISE.name
    at_once = sweep_of_image(assessment.whole[0].info, image, family, assessment.path)
    return InputError(
        f"no run of {assessment.path} has finished image {image}: go on with `tfstab assess`"
        + (f", or sweep this image alone: {at_once}" if at_once else ".")
    )


def _draw(found: AssessedImage, out: Path) -> None:
    """Draw an image as `AssessedImage.plot` does. Raises InputError if no run has finished the image."""
    from tfstab.report import save_figure

    run = found.drawn_run
    if run is None:
        raise InputError(
            f"no degraded copy of image {found.image} was measured, so there is nothing to draw; "
            f"{_how_to_try(found.assessment, found.image, out)}"
        )
    save_figure(found.plot(), out)
    remark(f"{run.path.name} drawn into {out}; for another run, give its folder to tfstab inspect")

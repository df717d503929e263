"""Why an image of a run is misclassified, for `tfstab inspect --why`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tfstab.cli.output import remark
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.sweep.unswept import not_swept, whole_of

if TYPE_CHECKING:
    from tfstab.explanation.failure import Failure

Run = SearchRun | SweepRun | ExplanationRun
Reason = Callable[[Run, int], "Failure"]  # `reason_of` with its model


def why_when_clean(runs: Sequence[Run], image: int) -> "Failure | None":
    """Return what searches and sweeps say of an image that is wrong when clean; None if it is right, or without any."""
    from tfstab.explanation.failure import failure_when_clean

    having = [run for run in runs if not isinstance(run, ExplanationRun)]
    return failure_when_clean(having, image) if having else None


def reason_of(run: Run, image: int, model: str | None, trust: bool) -> "Failure":
    """Load the model of a run, and return why it misclassifies an image that is right when clean.

    Parameters
    ----------
    run : SearchRun or SweepRun or ExplanationRun
        The run; InputError is raised for an explanation, which says why anyway.
    image : int
        Index of the image in the full split.
    model, trust
        As in `tfstab.orders.model_of_run`.
    """
    if isinstance(run, ExplanationRun):
        raise InputError(f"{run.path} is an explanation, which says why without --why: leave it out.")
    if isinstance(run, SweepRun) and not run.samples(image=image, columns=["copy"]).num_rows:
        raise _not_swept(run, image)
    from tfstab.explanation.failure import explain_failure
    from tfstab.orders.model_of_run import model_of_run

    options = model_of_run(run.info, model, trust)
    options.check()
    trusted = ", trusted with --trust when the run was made," if options.trust and not trust else ""
    remark(f"loading {options.name}{trusted} to find out why ...")
    return explain_failure(options.load(), run, image)


def _not_swept(run: SweepRun, image: int) -> InputError:
    """Return the error for an image that a sweep has not come to, with the commands that sweep it alone, if known."""
    from tfstab.cli.next_steps import sweep_of_image

    at_once = sweep_of_image(run.info, image, run.degradation.name, whole_of(run.path))
    said = str(not_swept(run, image))
    return InputError(f"{said.removesuffix('.')}: {at_once}" if at_once else said)

"""Why an image of a run is misclassified, for `tfstab inspect --why`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tfstab.cli.output import remark
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

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
    from tfstab.explanation.failure import explain_failure
    from tfstab.orders.model_of_run import model_of_run

    options = model_of_run(run.info, model, trust)
    options.check()
    trusted = ", trusted with --trust when the run was made," if options.trust and not trust else ""
    remark(f"loading {options.name}{trusted} to find out why ...")
    return explain_failure(options.load(), run, image)

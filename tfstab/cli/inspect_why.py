"""Why an image of a run is misclassified, for `tfstab inspect --why`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.cli.output import remark
from tfstab.degradations import BUILT_IN
from tfstab.errors import InputError
from tfstab.explanation import ExplanationRun
from tfstab.orders.step import Step, words_of
from tfstab.runs.info import without_classes
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun
from tfstab.sweep.unswept import not_swept, whole_of

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.explanation.failure import Failure

OF_CLASS = "how many images of its class are lost, at each severity"
Run = SearchRun | SweepRun | ExplanationRun


def why_when_clean(runs: Sequence[Run], image: int) -> "Failure | None":
    """Return what searches and sweeps say of an image that is wrong when clean; None if it is right, or without any."""
    from tfstab.explanation.failure import failure_when_clean

    having = [run for run in runs if not isinstance(run, ExplanationRun)]
    return failure_when_clean(having, image) if having else None


class Reason:
    """Loads the model of a run, and says why it misclassifies an image that is right when clean.

    Parameters
    ----------
    model, trust
        As in `tfstab.orders.model_of_run`.

    Attributes
    ----------
    steps : list of Step
        What to do next, once it has said why.
    """

    def __init__(self, model: str | None, trust: bool) -> None:
        self._model, self._trust = model, trust
        self.steps: list[Step] = []

    def __call__(self, run: Run, image: int) -> "Failure":
        """Return why an image is misclassified. Raises InputError for an explanation, which says why anyway."""
        if isinstance(run, ExplanationRun):
            raise InputError(f"{run.path} is an explanation, which says why without --why: leave it out.")
        if isinstance(run, SweepRun) and not run.samples(image=image, columns=["copy"]).num_rows:
            raise _not_swept(run, image)
        from tfstab.explanation.failure import explain_failure
        from tfstab.orders.model_of_run import model_of_run

        options = model_of_run(run.info, self._model, self._trust)
        options.check()
        trusted = ", trusted with --trust when the run was made," if options.trust and not self._trust else ""
        remark(f"loading {options.name}{trusted} to find out why ...")
        classifier = options.load()
        failure = explain_failure(classifier, run, image)
        self.steps = _steps(classifier, run, failure)
        return failure


def _steps(classifier: "Classifier", run: SearchRun | SweepRun, failure: "Failure") -> list[Step]:
    """Return what to do if a sweep has lost the image: look at its class, and harden the model."""
    from tfstab.orders.picture_run import ComparedRun
    from tfstab.orders.picture_steps import harden_steps

    if not isinstance(run, SweepRun) or failure.findings.predicted == failure.findings.actual:
        return []
    given = {"run": run.path, "true_class": failure.findings.actual}
    steps = [] if without_classes(run.info) else [Step(words_of("inspect", given), OF_CLASS)]
    return [*steps, *(harden_steps(ComparedRun.of(run), classifier) if run.degradation.name in BUILT_IN else [])]


def _not_swept(run: SweepRun, image: int) -> InputError:
    """Return the error for an image that a sweep has not come to, with the commands that sweep it alone, if known."""
    from tfstab.cli.next_steps import sweep_of_image

    at_once = sweep_of_image(run.info, image, run.degradation.name, whole_of(run.path))
    said = str(not_swept(run, image))
    return InputError(f"{said.removesuffix('.')}: {at_once}" if at_once else said)

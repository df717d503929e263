"""Making a run in the child process: watched, paused and stopped from the window."""

import contextlib
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from tfstab.errors import DISK_ERRORS, DataError, InputError, ModelError, TfstabError, WrongInputsError, disk_error
from tfstab.gui.jobs.desk import Cancelled, Desk
from tfstab.gui.jobs.plan import order_of
from tfstab.gui.jobs.protocol import Failed, Finished, Remark, RunOrder, Stage
from tfstab.gui.jobs.watching import Tell, Watch
from tfstab.gui.kinds import KINDS
from tfstab.limits import SENTENCE
from tfstab.models import import_modules
from tfstab.names import shortened
from tfstab.orders.order import LoadModel
from tfstab.runs.locking import InUseError


def perform(ordered: RunOrder, desk: Desk, load: LoadModel, tell: Tell) -> None:
    """Make the run that is ordered; send its progress, and how it ended.

    Parameters
    ----------
    ordered : RunOrder
        The run.
    desk : Desk
        Orders of the window while it runs.
    load : callable
        Loads a model, or returns the one kept from an earlier order.
    tell : callable
        Sends a message to the window.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _telling(ordered.job, tell)
        try:
            _perform(ordered, desk, load, tell)
        except Cancelled:
            tell(Finished(ordered.job, False, 0, 0.0))
        except Exception as error:
            tell(failure_of(error, ordered.job))


def _perform(ordered: RunOrder, desk: Desk, load: LoadModel, tell: Tell) -> None:
    job = ordered.job
    tell(Stage(job, "starting TensorFlow"))
    import_modules(ordered.options.get("imports", ()))  # they may register the degradation
    order = order_of(ordered, load)
    subject = order.subject
    classifier = subject.classifier
    desk.check()
    tell(Stage(job, f"reading {ordered.data.rpartition('/')[2]}"))
    dataset, _ = subject.aimed
    classifier = classifier.for_images(dataset.image_shape)  # the run records its fingerprint
    desk.check()
    watch: Watch = KINDS[ordered.kind].load("watch")(ordered, desk, tell, len(dataset), order.config)
    tell(Stage(job, "scoring the clean images"))
    stops = {name: ordered.limits[name] for name in ("minutes", "precision", "as_is") if name in ordered.limits}
    with _workers_of(ordered) as there:
        run = order.run(classifier, **watch.observers_on(there), **stops, cluster=there)
    watch.open()
    # The user may have ended the run before the minutes did; so may a precision, if one was given.
    out_of_time = "minutes" in stops and "precision" not in stops and not desk.cancelled and not run.complete
    tell(Finished(job, run.complete, watch.steps, watch.clock.seconds, run.extent if out_of_time else ""))


@contextlib.contextmanager
def _workers_of(ordered: RunOrder) -> Iterator[Any]:
    """Yield the processes or the cluster on which a run is made, or None for this process."""
    workers = ordered.limits.get("workers")
    if workers is None:
        yield ordered.limits.get("cluster")
        return
    from tfstab.execution import LocalWorkers

    with LocalWorkers(workers) as processes:
        yield processes


def _telling(job: int, tell: Tell) -> Callable[..., None]:
    """Return a replacement of warnings.showwarning that sends warnings for users as remarks, and drops all others."""

    def show(message: Warning | str, category: type[Warning], *_: object, **__: Any) -> None:
        if issubclass(category, UserWarning):
            tell(Remark(job, str(message)))

    return show


def failure_of(error: BaseException, job: int) -> Failed:
    """Return the message that a job has failed with an error."""
    wrong_input = isinstance(error, InputError | DataError | ModelError)
    advised = error.options if isinstance(error, WrongInputsError) else {}
    in_use = isinstance(error, InUseError)
    return Failed(*sentence_of(error), job=job, wrong_input=wrong_input, in_use=in_use, advised=advised)


def sentence_of(error: BaseException) -> tuple[str, str]:
    """Return one sentence about an error, and its traceback if it was not expected, else ""."""
    if isinstance(error, TfstabError):
        return shortened(str(error), SENTENCE), ""
    if isinstance(error, OSError) and (error.errno in DISK_ERRORS or error.filename is not None):
        return str(disk_error(error, error.filename or "a file")), ""
    details = "".join(traceback.format_exception(error))
    return f"The run had an internal error ({type(error).__name__}); its finished parts are kept.", details

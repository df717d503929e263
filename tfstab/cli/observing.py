"""An observer of commands that run inside another program: it gets what a terminal would show, but as values."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

from rich.progress import Progress, TaskID

from tfstab.assessment.state import AssessmentState

_observer: ContextVar["Observer | None"] = ContextVar("_observer", default=None)


class Observer(Protocol):
    """What the viewer, for example, wants to know of a command that it runs."""

    def progress(self, what: str, done: float, total: float | None, unit: str, note: str) -> None:
        """Take the state of a progress bar: its title, how much of how much is done, in which unit, and a note."""

    def assessment(self, state: AssessmentState) -> None:
        """Take the state of an assessment."""

    def remark(self, text: str) -> None:
        """Take a line for the user."""

    def out_of_time(self, reached: str) -> None:
        """Take what there was time for, such as "34 of 100 images", before the minutes were used up."""

    def made(self, what: str, path: Path) -> None:
        """Take the path of a result: a "run" (or a folder of runs), a "report", a "model" or a "folder" of files."""


@contextlib.contextmanager
def observed_by(observer: Observer) -> Iterator[None]:
    """Let this observer take what commands in the body of the `with` statement show."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


def observer() -> Observer | None:
    """Return the observer of the command that is running, or None in a terminal."""
    return _observer.get()


def made(what: str, path: Path) -> None:
    """Tell the observer, if there is one, where a result is; `what` as in `Observer.made`."""
    seen_by = observer()
    if seen_by is not None:
        seen_by.made(what, path)


def out_of_time(reached: str) -> None:
    """Tell the observer, if there is one, that the minutes were used up; `reached` as in `Observer.out_of_time`."""
    seen_by = observer()
    if seen_by is not None:
        seen_by.out_of_time(reached)


class ObservedProgress(Progress):
    """Progress bars that are not drawn, but told to an observer."""

    def __init__(self, observer: Observer) -> None:
        super().__init__(disable=True)
        self._observer = observer

    def add_task(self, *given: Any, **settings: Any) -> TaskID:
        """Add a bar, and tell of it."""
        number = super().add_task(*given, **settings)
        self._tell(number)
        return number

    def update(self, task_id: TaskID, *given: Any, **settings: Any) -> None:
        """Change a bar, and tell of it."""
        super().update(task_id, *given, **settings)
        self._tell(task_id)

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """Advance a bar, and tell of it."""
        super().advance(task_id, advance)
        self._tell(task_id)

    def _tell(self, number: TaskID) -> None:
        task = next(task for task in self.tasks if task.id == number)
        if task.visible:
            fields = task.fields
            self._observer.progress(
                task.description, task.completed, task.total, fields.get("unit", ""), fields.get("note", "")
            )

"""A widget that is made when it first comes into sight, in steps, so that the window can answer in between."""

from collections.abc import Callable, Generator
from itertools import pairwise
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from tfstab.gui.background import Background, Steps
from tfstab.gui.widgets.layouts import fill_column
from tfstab.stepwise import finished

Inner = TypeVar("Inner", bound=QWidget)
Making = Generator[None, None, Inner]  # pauses at each yield, and returns the widget


class Lazy(QWidget, Generic[Inner]):
    """Has the place of a widget, and holds it once it is made.

    Parameters
    ----------
    make : callable
        Makes the widget; in several steps if it is a generator function.
    background : Background
        Does these steps.
    parent : QWidget, optional

    Attributes
    ----------
    made : QWidget or None
        The widget, once it is made.

    Signals
    -------
    came
        The widget has been made.
    """

    came = Signal()

    def __init__(
        self, make: Callable[[], Inner | Making[Inner]], background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make, self._background = make, background
        self._steps: Steps | None = None
        self.made: Inner | None = None

    @property
    def view(self) -> Inner:
        """The widget, which is made at once if it has not been."""
        if self.made is None:
            self._steps = self._steps or self._build()
            finished(self._steps)
        assert self.made is not None
        return self.made

    def begin(self, spare: bool = False) -> None:
        """Make the widget in the next turns of the event loop, or if `spare`, when there is nothing else to do."""
        if self.made is None:
            self._steps = self._steps or self._build()
            self._background.in_steps(self._steps, self, spare)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin."""
        super().showEvent(event)
        self.begin()

    def _build(self) -> Steps:
        making = self._make()
        made = (yield from making) if isinstance(making, Generator) else making
        yield
        self._take_in(made)
        yield
        self.made = made
        fill_column(self, made)
        if not made.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):  # it has not hidden itself
            made.show()
        self.came.emit()

    def _take_in(self, made: QWidget) -> None:
        """Make the widget a child, and Tab visit its parts here; Qt would put them last in the window."""
        parts, part = [made], made.nextInFocusChain()
        while part is not None and part is not made:
            parts.append(part)
            part = part.nextInFocusChain()
        made.setParent(self)
        # setTabOrder ignores widgets that do not take the focus, and does nothing if none is in between.
        here = [self, self.nextInFocusChain() or self]
        policies = [widget.focusPolicy() for widget in here]
        for widget in here:
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for before, after in pairwise([self, *(part for part in parts if part.focusPolicy() & self.focusPolicy())]):
            self.setTabOrder(before, after)
        for widget, policy in zip(here, policies, strict=True):
            widget.setFocusPolicy(policy)

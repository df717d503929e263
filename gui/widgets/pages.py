"""The page that fits a session."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tfstab.gui.actions import Actions
from tfstab.gui.controller import Controller
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.session import Session
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.search.search_page import SearchPage
from tfstab.gui.widgets.sweep.sweep_page import SweepPage

if TYPE_CHECKING:
    from tfstab.gui.widgets.search.history_plot import Curves


def make_page(
    controller: Controller, session: Session, commands: Actions, take_plots: "Callable[[], list[Curves] | None]"
) -> Page:
    """A new page for the session of an open run. take_plots: gives plots made beforehand, if there are some."""
    if isinstance(session, SearchSession):
        return SearchPage(controller, session, commands, take_plots())
    assert isinstance(session, SweepSession)
    return SweepPage(controller, session, commands)

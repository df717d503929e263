"""Copying what is on screen as a Python script, or as a command."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from tfstab.gui.commands import Offers
from tfstab.gui.content.scripts import command_of, python_of
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.session import Session


def copy_offers(session: Session, viewpoint: Callable[[], Viewpoint], said: Callable[[str], None]) -> Offers:
    """Return the commands that copy what is on screen in text that can be run."""

    def copy_python() -> None:
        listed = viewpoint().state.get("listed", {})
        keys = session.marks.keys(listed.get("tag", ""))
        QApplication.clipboard().setText(python_of(viewpoint(), session.run, keys))
        said("Copied a Python script that gives the numbers on screen.")

    def copy_command() -> None:
        command = command_of(viewpoint(), session.run)
        QApplication.clipboard().setText(command)
        said(f"Copied: {command}")

    return {"copy-python": copy_python, "copy-command": copy_command}

"""`tfstab view`: the desktop viewer, in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tfstab.cli.desktop_entry import install_desktop_entry
from tfstab.cli.options import Imports
from tfstab.cli.output import echo, remark
from tfstab.errors import RunError, TfstabError
from tfstab.runs.together import items_in, read_elsewhere
from tfstab.wording import counted

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # signals that end the command, and with it the viewer


def view(
    runs: Annotated[list[Path] | None, typer.Argument(help="Runs and assessments to open, or folders of them.")] = None,
    desktop_entry: Annotated[
        bool, typer.Option("--install-desktop-entry", help="Only add the viewer to the desktop's menu of applications.")
    ] = False,
    imports: Imports = None,
) -> None:
    """Open the desktop viewer, empty or with run folders."""
    if desktop_entry:
        for path in install_desktop_entry():
            echo(f"written: {path}")
        return
    folders = [item for path in runs or [] for item in items_in(path)]
    folders = _viewed(folders)
    if not has_display():
        raise TfstabError(
            "there is no display here (DISPLAY and WAYLAND_DISPLAY are not set): run the viewer on a desktop, "
            "where the run folders open as they are."
        )
    code = _call(viewer_command(folders, imports or ()))
    if code == -signal.SIGABRT:  # how Qt ends a program whose window it cannot open
        raise TfstabError(
            "the viewer could not start: if Qt says above that it could not load a platform plugin, "
            "`tfstab guide install` lists the packages to install."
        )
    raise typer.Exit(code)


def _call(command: list[str]) -> int:
    """Run a command and return its exit code; SIGINT, SIGTERM and SIGHUP end it, unless they are ignored (nohup).

    Raises
    ------
    KeyboardInterrupt, SystemExit
        SIGINT came, or another of these signals; the exit code is that of shells.
    """
    caught: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def end(number: int, _: object) -> None:
        caught.append(number)
        if process is not None:
            process.terminate()

    signals = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]  # Windows has no SIGHUP
    before = {each: signal.getsignal(each) for each in signals}
    try:
        for each in (each for each in signals if before[each] is not signal.SIG_IGN):
            signal.signal(each, end)
        process = subprocess.Popen(command)
        if caught:  # while it was being started
            process.terminate()
        code = process.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if signal.SIGINT in caught:
        raise KeyboardInterrupt
    if caught:
        raise SystemExit(128 + caught[0])
    return code


def _viewed(folders: list[Path]) -> list[Path]:
    """Return the runs that the viewer shows, and say of the others why not; raise RunError if there are others only."""
    shown, problems, unseen = [], [], []
    for folder in folders:
        try:
            elsewhere = read_elsewhere(folder)
        except TfstabError as error:
            problems.append(str(error))
        else:
            if elsewhere:
                unseen.append(f"{folder} {elsewhere}")
            else:
                shown.append(folder)
    if not shown and (refused := [*problems, *unseen]):
        raise RunError(refused[0])
    if len(unseen) > 1:
        unseen = [
            f"{counted(len(unseen), 'explanation')} are not listed: see the tab Why of an assessment of the same "
            "model and images in the same parent folder, or report.html in each folder (made by `tfstab report`)."
        ]
    problems += unseen
    for sentence in problems:
        remark(sentence)
    return shown


def has_display() -> bool:
    """Return True if a window can be shown: on Windows and macOS always, elsewhere if a display is named."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def viewer_command(runs: list[Path], imports: Sequence[str] = ()) -> list[str]:
    """Return the command that opens the viewer with these runs, and with the degradations of these modules.

    -P: a folder named tfstab in the current folder, such as a clone, is not the package.
    """
    options = [f"--import={name}" for name in imports]
    return [sys.executable, "-P", "-m", "tfstab.gui", *options, *(str(run) for run in runs)]

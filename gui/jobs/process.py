"""The child process as the window sees it: it gets orders and sends messages."""

import os
import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from tfstab.content import state_of
from tfstab.degradations.registry import registered_files
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.protocol import ImportOrder, Line, ProtocolError, Quit, RunOrder, decode, encode
from tfstab.importing import trusted_checksum
from tfstab.paths import user_path

KEPT = 8_000  # characters of the child's output, for the details of an error
PATIENCE = 3_000  # ms for the child to end by itself
# -P: do not import a file in the current folder that has a package's name, such as numpy.py.
CHILD = ["-P", "-m", "tfstab.gui.jobs.worker"]


class WorkerProcess(QObject):
    """One child process, started by the first order, and again by an order after its end.

    Signals
    -------
    message : Line
        The child has sent a message.
    ended : str, str
        The child has ended by itself: one sentence, and details or "".
    """

    message = Signal(object)
    ended = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._half = b""
        self._printed = ""
        self._states: dict[str, str] = {}  # of modules in orders, when first sent to this child
        self._imported: set[str] = set()  # files whose degradations and engines the child has

    @property
    def running(self) -> bool:
        """Whether the child runs."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Process id, 0 if the child does not run."""
        return int(self._process.processId()) if self._process is not None else 0

    def send(self, order: Line) -> None:
        """Send an order; start a new child if none runs, or if this one has run modules that have changed since."""
        imports = order.options.get("imports", ()) if isinstance(order, RunOrder | CommandOrder) else ()
        states = {name: _state(name) for name in imports if name.endswith(".py")}
        if any(self._states.get(name, state) != state for name, state in states.items()):
            self.quit()  # this child would not run them again
        if self._process is None:
            self._start()
        assert self._process is not None
        from tfstab.search.engines import registered_engine_files  # here, as the window appears sooner without it

        files = {str(file) for file in (*registered_files().values(), *registered_engine_files())}
        for file in sorted(files - self._imported):
            self._imported.add(file)
            self._process.write(encode(ImportOrder(file, trusted_checksum(file))))
        self._states |= states
        self._process.write(encode(order))

    def kill(self, wait: bool = False) -> None:
        """Kill the child, without emitting `ended`; the finished parts of its run are kept.

        Parameters
        ----------
        wait : bool
            Wait until it has ended, as needed when the window closes.
        """
        process = self._let_go()
        if process is not None:
            process.kill()
        if wait:
            self._kill_all()

    def quit(self) -> None:
        """Let the child finish its orders and end; kill it if that takes too long."""
        process = self._let_go()
        if process is not None:
            process.write(encode(Quit()))
            process.closeWriteChannel()
            QTimer.singleShot(PATIENCE, process, process.kill)

    def shut_down(self) -> None:
        """End the child and wait for its end, as needed when the window closes."""
        process = self._let_go()
        if process is not None:
            process.closeWriteChannel()  # on which the child stops its work
            process.waitForFinished(PATIENCE // 2)
        self._kill_all()

    def _kill_all(self) -> None:
        """Kill all children and wait for their end, those too that were killed or asked to end a moment ago."""
        for process in self.findChildren(QProcess):
            process.kill()
            process.waitForFinished(PATIENCE)

    def _start(self) -> None:
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._keep_printed)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        self._half, self._printed, self._imported, self._states = b"", "", set(), {}
        self._process = process
        process.start(python(), CHILD)

    def _let_go(self) -> QProcess | None:
        """Return the process after disconnecting its signals."""
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._read)
            process.readyReadStandardError.disconnect(self._keep_printed)
            process.finished.disconnect(self._finished)
            process.errorOccurred.disconnect(self._error)
            process.finished.connect(process.deleteLater)
        return process

    def _read(self) -> None:
        process = self._process
        assert process is not None
        *lines, self._half = (self._half + bytes(process.readAllStandardOutput().data())).split(b"\n")
        for line in lines:
            try:
                message = decode(line)
            except ProtocolError:
                self._printed = (self._printed + line.decode(errors="replace") + "\n")[-KEPT:]
                continue
            self.message.emit(message)
            if self._process is not process:  # a receiver has ended the child
                return

    def _keep_printed(self) -> None:
        assert self._process is not None
        text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        self._printed = (self._printed + text)[-KEPT:]

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._keep_printed()
        process = self._let_go()
        assert process is not None
        process.deleteLater()
        crashed = status == QProcess.ExitStatus.CrashExit
        how = "was killed or crashed" if crashed else f"ended with code {code}"
        self.ended.emit(f"The child process {how}", self._printed)

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            process = self._let_go()
            assert process is not None
            reason = process.errorString()
            process.deleteLater()
            self.ended.emit(f"The child process did not start ({reason})", "")


def _state(name: str) -> str:
    """Return the state of a file that a user has named; "" if it does not exist."""
    try:
        return state_of(user_path(name))
    except RuntimeError:  # "~" before a name that is not a user's
        return ""


def python() -> str:
    """Return the interpreter; on Windows the one with a console, because it has standard input and output."""
    if os.name == "nt" and sys.executable.lower().endswith("pythonw.exe"):
        return sys.executable[: -len("pythonw.exe")] + "python.exe"
    return sys.executable

"""The child process as the window sees it: orders go in, messages come out, and its end is told."""

import os
import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from tfstab.gui.jobs.protocol import Line, ProtocolError, Quit, decode, encode

KEPT = 8_000  # characters of what the child printed, for the details of an error
PATIENCE = 3_000  # ms that a child has to end by itself


class WorkerProcess(QObject):
    """One child. It is started by the first order, and may be started again after its end."""

    message = Signal(object)  # Line
    ended = Signal(str, str)  # unasked: one sentence, details

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._half = b""
        self._printed = ""

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        """0 where it does not run."""
        return int(self._process.processId()) if self._process is not None else 0

    def send(self, order: Line) -> None:
        """Give an order; starts the child where it does not run."""
        if self._process is None:
            self._start()
        assert self._process is not None
        self._process.write(encode(order))

    def kill(self, wait: bool = False) -> None:
        """End the child now, as asked for: it is not told by `ended`. Runs keep what is finished.

        wait: until it has ended, for when the window closes.
        """
        process = self._let_go()
        if process is not None:
            process.kill()
            if wait:
                process.waitForFinished(PATIENCE)

    def quit(self) -> None:
        """Let the child end once it has nothing to do; kill it if it takes too long."""
        process = self._let_go()
        if process is not None:
            process.write(encode(Quit()))
            process.closeWriteChannel()
            QTimer.singleShot(PATIENCE, process, process.kill)

    def shut_down(self) -> None:
        """End the child and wait for it, for when the window closes."""
        process = self._let_go()
        if process is not None:
            process.closeWriteChannel()  # upon which it stops what it does
            if not process.waitForFinished(PATIENCE // 2):
                process.kill()
                process.waitForFinished(PATIENCE)

    def _start(self) -> None:
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._keep_printed)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        self._half, self._printed = b"", ""
        self._process = process
        # -P: a file in the current folder that has a package's name, such as numpy.py, is nobody's package.
        process.start(python(), ["-P", "-m", "tfstab.gui.jobs.worker"])

    def _let_go(self) -> QProcess | None:
        """The process, whose signals are heard no more."""
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
            if self._process is not process:  # whoever heard it has ended the child
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


def python() -> str:
    """The interpreter; on Windows the one with a console, which has standard input and output."""
    if os.name == "nt" and sys.executable.lower().endswith("pythonw.exe"):
        return sys.executable[: -len("pythonw.exe")] + "python.exe"
    return sys.executable

"""The button that asks where the file of a run's model is now."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from tfstab.gui.dialogs import ask_to_open, ask_to_trust, show_new_error
from tfstab.gui.jobs.locating import CHANGED
from tfstab.gui.jobs.scorer import Scorer
from tfstab.runs.info import FUNCTION, model_of

TEXT, LOOKING = "Locate model file…", "The file is being loaded…"
FILES = "Models (*.keras *.onnx *.tflite *.h5 *.hdf5 saved_model.pb);;All files (*)"


class LocateButton(QPushButton):
    """Shown where a model cannot be asked because its file is not known; what is chosen is checked and remembered.

    Parameters
    ----------
    scorer : Scorer
        Loads the file, and says when a model has been located, here or elsewhere.
    again : callable
        Called when a model has been located while the button is shown.
    parent : QWidget, optional
    """

    def __init__(self, scorer: Scorer, again: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(TEXT, parent)
        self._scorer, self._again = scorer, again
        self._run: Any = None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setToolTip("Choose the file of the run's model, which has moved or was on another machine")
        self.clicked.connect(self._ask)
        scorer.located.connect(self._ask_again)
        self.hide()

    def offer(self, run: Any, problem: str) -> None:
        """Show the button if `problem`, why a run's model cannot be asked, is that its file is not known."""
        model = model_of(run.info)
        lost = bool(problem) and (CHANGED in problem or not self._scorer.knows(model)) and not model.get(FUNCTION)
        self._run = run if lost else None
        self.setVisible(lost)

    def _ask(self) -> None:
        ask_to_open(self, f"Locate the model {model_of(self._run.info)['name']}", FILES, self._take)

    def _take(self, path: str, trust: bool = False) -> None:
        if self._run is None:  # located elsewhere meanwhile
            return
        self.setEnabled(False)
        self.setText(LOOKING)
        shape, failed = self._run.clean.images.shape[1:], partial(self._fail, path)
        self._scorer.locate(model_of(self._run.info), Path(path), shape, failed, self, trust)

    def _fail(self, path: str, sentence: str, details: str) -> None:
        self._rest()
        if "add --trust" in sentence:
            ask_to_trust(self, path, partial(self._take, path, True))
        else:
            show_new_error(self.window(), sentence, details)

    def _ask_again(self) -> None:
        self._rest()
        if self._run is not None:
            self._again()

    def _rest(self) -> None:
        self.setEnabled(True)
        self.setText(TEXT)

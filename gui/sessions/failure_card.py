"""The failure card of the image in view: asked for while somebody looks at it, and filled as the answers come."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.gui.background import Background, Steps
from tfstab.gui.content.failure_card import AtOnce, CardContent, question_of, read_at_once
from tfstab.gui.content.triple import Triple
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions.session import Session

PATIENCE = 120  # ms for which an image must stay selected, so that stepping through a table asks nothing


class FailureCard(QObject):
    """Asks why the image in view is lost, but only while the card can be seen.

    Attributes
    ----------
    scorer : Scorer
        Asks the model.
    content : CardContent or None
        What is known of the image in view; None if there is none that can be asked about.

    Signals
    -------
    started
        Another image is in view.
    changed : str
        More is known: "at once" for what follows from the run, "nothing at once" if an unexpected error prevented it,
        "problem", or the name of a part of the answer.
    visit_asked : Viewpoint
        The user wants to see the image under other degradations, as this viewpoint shows it.
    explain_asked : int
        Index of an image that has no card or is wrong when clean; the user wants to know why it is misclassified.
    """

    started = Signal()
    changed = Signal(str)
    visit_asked = Signal(object)
    explain_asked = Signal(int)

    def __init__(
        self,
        scorer: Scorer,
        background: Background,
        current: Callable[[], Session | None],
        parent: QObject | None = None,
    ) -> None:
        """Take whom to ask, and a function that returns the session in view."""
        super().__init__(parent)
        self._current = current
        self.content: CardContent | None = None
        self.scorer, self._background = scorer, background
        self._ticket: int | None = None
        self._watched = False
        self._unasked = False  # whether the image in view has been announced, but nothing asked about it yet
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self._ask)

    def follow(self, triple: Triple | None) -> None:
        """Take the triple that is now in view."""
        before, content = self.content, None
        if triple is not None and triple.subject is not None:
            if before is not None and before.triple.subject is triple.subject:
                return  # it was completed with scores
            content = CardContent(triple, problem=self.scorer.lacks(triple.subject.model))
        elif before is None:
            return
        self.scorer.drop(self._ticket)
        self._timer.stop()
        self._ticket, self._unasked, self.content = None, False, content
        self._background.in_steps(self._start(content), self)

    def watch(self, watched: bool) -> None:
        """Note whether the card can be seen; what has been asked is answered even if it is hidden meanwhile."""
        self._watched = watched
        self._wait()

    def ask_again(self) -> None:
        """Ask about the image in view again, because its model can be found now."""
        content = self.content
        assert content is not None
        assert content.triple.subject is not None
        content.problem, self._unasked = self.scorer.lacks(content.triple.subject.model), True
        self.started.emit()
        self._wait()

    @property
    def everywhere(self) -> Viewpoint | None:
        """Viewpoint that shows the image under other degradations; None if unknown, or if its assessment is in view."""
        session, known = self._current(), None if self.content is None else self.content.at_once
        there = None if known is None else known.everywhere
        return None if there is None or session is None or there.run == str(session.real_path) else there

    @property
    def without(self) -> tuple[int, str] | None:
        """Index and title of the image in view if it has no card, because it was not degraded; None otherwise."""
        session = self._current()
        image = None if session is None else session.without_card
        return None if session is None or image is None else (image, session.run.clean.title(image))

    @property
    def wrong_when_clean(self) -> int | None:
        """Index of the image of the card if it is wrong when clean and the run in view has it; None otherwise."""
        session, subject = self._current(), None if self.content is None else self.content.triple.subject
        if session is None or subject is None or subject.image not in session.run.clean.indices:
            return None
        clean = subject.run.clean
        return None if clean.correct[clean.row(subject.image)] else subject.image

    def explain(self) -> None:
        """Ask for the explanation of the image in view, if it is one that the Explorer explains."""
        without = self.without
        image = self.wrong_when_clean if without is None else without[0]
        if image is not None:
            self.explain_asked.emit(image)

    def select(self, image: int) -> None:
        """Select another image of the run, given by its index."""
        session, subject = self._current(), None if self.content is None else self.content.triple.subject
        # An assessment shows images of the runs in its folder.
        if (
            session is not None
            and subject is not None
            and session.path in (subject.run.path, *subject.run.path.parents)
        ):
            session.select_image(image)

    def _start(self, content: CardContent | None) -> Steps:
        """Announce new content, in a later turn of the event loop than the one that shows its images.

        Questions are asked only afterwards, because the announcement clears what earlier answers have filled.
        """
        if content is self.content:
            self._unasked = content is not None
            self.started.emit()
            self._wait()
        yield

    def _wait(self) -> None:
        if self._watched and self._unasked:
            self._timer.start()
        else:
            self._timer.stop()

    def _ask(self) -> None:
        content = self.content
        assert content is not None
        assert content.triple.subject is not None
        self._unasked = False
        triple, model = content.triple, content.triple.subject.model
        self._background.run(
            lambda: read_at_once(triple),
            partial(self._take_at_once, content),
            lambda: self._tell(content, "nothing at once"),
            self,
        )
        if not content.problem:
            self._ticket = self.scorer.ask(
                model, "card", question_of(triple), partial(self._take, content), partial(self._fail, content)
            )

    def _take_at_once(self, content: CardContent, found: AtOnce) -> None:
        content.at_once = found
        self._tell(content, "at once")

    def _take(self, content: CardContent, part: str, values: dict[str, Any]) -> None:
        content.parts[part] = values
        self._tell(content, part)

    def _fail(self, content: CardContent, sentence: str, details: str) -> None:
        content.problem = sentence
        self._tell(content, "problem")

    def _tell(self, content: CardContent, what: str) -> None:
        if content is self.content:
            self.changed.emit(what)

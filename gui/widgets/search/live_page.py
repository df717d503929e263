"""A running search: the images being searched, and the curves and triple of the watched one."""

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSplitter, QWidget

from tfstab.gui.actions import Actions
from tfstab.gui.commands import Offers
from tfstab.gui.content.live_triple import live_triple
from tfstab.gui.controller import Controller
from tfstab.gui.jobs.job import Job, State
from tfstab.gui.jobs.live import LiveImage
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.page import Page
from tfstab.gui.widgets.search.history_plot import HistoryPlot
from tfstab.gui.widgets.search.live_list import LiveList
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.triple_panel import TriplePanel
from tfstab.search.norm import get_norm
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.search import SearchRun

LIST_WIDTH = 230
MOST_OTHERS = 24  # most images whose curves are drawn in addition to the watched one's
EVERY = 50  # ms between two updates; curves and images take turns, so that no update blocks Qt for long


class LivePage(Page):
    """Shows the search of one job; news that arrives between two updates is drawn together.

    Signals
    -------
    results_asked
        The user wants to see the results so far.
    triple_changed : Triple
        Another triple is shown.
    """

    results_asked = Signal()
    triple_changed = Signal(object)

    def __init__(
        self, controller: Controller, commands: Actions, history: HistoryPlot, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = controller.jobs
        self.job: Job | None = None
        self._run: SearchRun | None = None
        self._news = {"curves": False, "images": False}
        self._turn = "images"
        self._shown: tuple[int, int] | None = None  # image and generation of the triple on the screen
        self.text = QLabel()
        self.text.setAccessibleName("State of the search")
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.stop_image, self.pause, self.stop_all, self.results = (
            commands.button(name) for name in ("stop-image", "pause", "cancel", "so-far")
        )
        self.list = LiveList()
        self.triple = TriplePanel("The search has not started yet.")
        self.history = history
        self.history.follow()
        self._timer = QTimer(self, interval=EVERY)
        self._arrange()
        self._timer.timeout.connect(self._look)
        self.list.chosen.connect(self._watch)
        self.triple.said.connect(controller.said)
        self.triple.failed.connect(controller.failed)
        self._jobs.live_changed.connect(self._note)
        self._jobs.job_changed.connect(self._note)

    def set_job(self, job: Job, run: "SearchRun") -> None:
        """Show the search of this job; `run` is its run folder, which has the clean images."""
        if job is not self.job or run is not self._run:
            self.job, self._run, self._shown = job, run, None
            clean, names = run.clean, run.class_names
            self.list.table.classes = {int(i): names[k] for i, k in zip(clean.indices, clean.class_index, strict=True)}
            self.triple.set_triple(None)
            self.history.set_unit(get_norm(run.config.norm).unit)
            self.history.hide()  # until the images are painted: painting both at once takes too long
        self._tell_news()
        self._look()
        self._timer.start()

    def fit(self) -> None:
        """Undo all zooming."""
        self.triple.fit()
        self.history.follow()

    def first(self) -> QWidget:
        """Return the list of images."""
        return self.list

    def images(self) -> TriplePanel:
        """Return the images that blink."""
        return self.triple

    def offers(self) -> Offers:
        """Return the commands that this page can do at present."""
        offers: Offers = {
            "fit": self.fit,
            "so-far": self.results_asked.emit,
            "next": partial(self._step, 1),
            "previous": partial(self._step, -1),
            **self.triple.offers(),
        }
        if self.job is not None and self.job.state in (State.RUNNING, State.PAUSED):
            offers["stop-image"] = self._stop_image
        return offers

    def hideEvent(self, event: object) -> None:
        """Stop updating while the page is hidden."""
        self._timer.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 6, 8, 2)
        top.addWidget(self.text, 1)
        for button in (self.stop_image, self.pause, self.stop_all, self.results):
            top.addWidget(button)
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self.list)
        upper.addWidget(self.triple)
        upper.setStretchFactor(1, 1)
        upper.setSizes([LIST_WIDTH, 600])
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(upper)
        whole.addWidget(self.history)
        whole.setStretchFactor(0, 3)
        whole.setStretchFactor(1, 1)
        whole.setSizes([420, 200])
        fill_column(self, top, whole, spacing=4)

    def _note(self, job: Job) -> None:
        """Remember that there is news, if it is about the job shown."""
        if job is self.job:
            self._tell_news()

    def _tell_news(self) -> None:
        self._news = dict.fromkeys(self._news, True)

    def _look(self) -> None:
        """Draw what has arrived since the last update: images and curves in turn."""
        turn, self._turn = self._turn, "curves" if self._turn == "images" else "images"
        if self.job is None or not self._news[turn]:
            return
        self._news[turn] = False
        watched = self.job.live.images.get(self.job.live.watched) if self.job.live.watched is not None else None
        if turn == "curves" and watched is not None:
            self.history.show()
            self.history.set_history(watched.history)
            others = [live for live in self.job.live.in_work if live is not watched]
            self.history.set_others([live.norms for live in others[:MOST_OTHERS]])
        elif turn == "images":
            self._show_images(self.job)

    def _show_images(self, job: Job) -> None:
        live = job.live
        if live.watched not in live.images or live.images[live.watched].reason:
            waiting = live.in_work
            if waiting:
                self._jobs.watch(job, waiting[0].image)
        self._show_state(job)
        self.list.show_images(list(live.images.values()), live.watched)
        watched = live.images.get(live.watched) if live.watched is not None else None
        if watched is not None:
            self._show_triple(watched)

    def _show_state(self, job: Job) -> None:
        self.text.setText(f"<b>Searching</b> {counted(len(job.live.in_work))} · {escape(job.is_at)}")
        self.text.setToolTip(plain(str(job.out)))

    def _show_triple(self, live: LiveImage) -> None:
        now = (live.image, live.generation)
        if self._run is not None and live.noise is not None and now != self._shown:
            self._shown = now
            triple = live_triple(live, self._run)
            first = self.triple.triple is None
            self.triple.set_triple(triple)
            if first:
                self.offers_changed.emit()
            self.triple_changed.emit(triple)

    def _step(self, by: int) -> None:
        """Watch an image further down (positive) or up in the list."""
        row = self.list.currentIndex().row() + by
        if 0 <= row < self.list.table.rowCount():
            self.list.setCurrentIndex(self.list.table.index(row, 0))

    def _watch(self, image: int) -> None:
        if self.job is not None:
            self._jobs.watch(self.job, image)
            self._tell_news()

    def _stop_image(self) -> None:
        if self.job is not None and self.job.live.watched is not None:
            self._jobs.stop_image(self.job, self.job.live.watched)

"""Base of the overviews of runs: computed in a worker when they come into sight, and again when there is news."""

from html import escape
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from tfstab.errors import TfstabError
from tfstab.gui.background import Steps, unexpected
from tfstab.gui.content.examples import Pair, Weak
from tfstab.gui.content.gallery import WRONG_WHEN_CLEAN
from tfstab.gui.content.overview import Number
from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.sessions.session import Session
from tfstab.gui.theme import BAD, GOOD, MIDDLE, PLAIN, heading
from tfstab.gui.widgets.blocks import BlockColumn, Caption, NumberBlock, TextVerdict
from tfstab.gui.widgets.overview.tiles import Picture, Tile, TileBlock, broken
from tfstab.gui.widgets.tab_order import tab_in_order
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.view import View

PARAGRAPH = "<br><br>"
CHANGED = "<b>Before and after hardening.</b> {change}<br><br><b>This network alone.</b> {verdict}"
TONES = {"good": GOOD, "mid": MIDDLE, "bad": BAD, "unsure": PLAIN}
EVERYTHING = {"only": "all", "class": None, "predicted": None}  # state of a gallery that shows all images
WRONG_CLEAN = EVERYTHING | {"only": WRONG_WHEN_CLEAN, "images": "clean"}  # or the clean ones that are misclassified
NUMBERS = 4  # headline numbers at most


class OverviewPage(View, BlockColumn):
    """Verdict and headline numbers on top, blocks below them; each of them links to another view.

    Signals
    -------
    visit_asked : Viewpoint
        Show what was clicked.
    """

    visit_asked = Signal(object)

    shows_triple = False

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of_session = session
        self._folder = str(session.path.resolve())  # once: each link needs it, and the folder may be far away
        self._stale = True
        self._computing = False
        self.growing = heading(QLabel())
        self.verdict = TextVerdict()
        self.waiting = Caption()
        self.numbers = [NumberBlock("", "") for _ in range(NUMBERS)]
        self.add(self.growing)
        self.add(self.verdict)
        self.add(self.waiting)
        self.unlike, self.drawn = Caption(), Caption()
        self.unlike.hide()
        self.drawn.hide()
        self.add(*self.numbers)
        self.add(self.drawn)
        self.add(self.unlike)

        session.changed.connect(self._say_growing)
        self._say_growing()

    def _say_growing(self) -> None:
        """Say above the verdict that it is not final."""
        said = self._of_session.growing
        self.growing.setText(said)
        self.growing.setVisible(bool(said))

    def build(self) -> Steps:
        """Make the blocks in steps; nothing else is called before."""
        raise NotImplementedError

    def shown(self) -> None:
        """Compute the overview if it is out of date."""
        if self._stale:
            self.refresh()

    def refresh_later(self) -> None:
        """Compute the overview again, at once if it is in sight and not being computed."""
        self._stale = True
        if self.isVisible() and not self._computing:
            self.refresh()

    def refresh(self) -> None:
        """Compute the overview and show it."""
        raise NotImplementedError

    def compute(self, work: Any) -> None:
        """Call `work()` in a worker, then `show_overview` with its result; again if there is news by then."""
        self._stale, self._computing = False, True

        def end() -> None:
            self._computing = False
            if self._stale and self.isVisible():
                self.refresh()

        def tried() -> Any:
            try:
                return work()
            except TfstabError as error:  # such as a folder that was replaced meanwhile
                return error

        def show(overview: Any) -> Steps:
            if isinstance(overview, TfstabError):
                self.wait_for(str(overview))
            else:
                self.viewport().setUpdatesEnabled(False)  # all blocks are painted together
                yield from self.show_overview(overview)
                yield
                tab_in_order(self)
                self.viewport().setUpdatesEnabled(True)
            end()

        def fail() -> None:
            self.wait_for(unexpected("Computing the overview"))
            end()

        self._of_session.background.run(tried, show, fail, owner=self)

    def show_overview(self, overview: Any) -> Steps:
        """Show what has been computed in steps: fill all blocks, then show them."""
        raise NotImplementedError

    def wait_for(self, text: str) -> None:
        """Say what the page is waiting for, and hide everything else; "" if it waits for nothing."""
        self.waiting.setText(text)
        self.waiting.setVisible(bool(text))
        if text:
            for block in (*self.blocks(), self.drawn, self.unlike):
                block.hide()

    def blocks(self) -> list[QWidget]:
        """Return what is hidden until the overview has been computed."""
        return list(self.numbers)

    def show_head(
        self,
        paragraphs: tuple[str, ...],
        level: str,
        numbers: tuple[Number, ...],
        links: dict[str, Viewpoint],
        unlike: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        change: str = "",
    ) -> None:
        """Show the verdict and the headline numbers, and whether the images were drawn from groups.

        Parameters
        ----------
        paragraphs : tuple of str
            The verdict.
        level : str
            Its level.
        numbers : tuple of Number
            The headline numbers.
        links : dict of str to Viewpoint
            Where each of these leads, by name.
        unlike : tuple of str
            What to know of compared runs of other images.
        notes : tuple of str
            What else to know of this run.
        change : str
            What a hardening changed, which is said before the verdict on this network alone, or "".
        """
        from tfstab.report.input_notes import (  # here, as the report's modules are not needed at the start
            group_notes,
            threshold_notes,
        )

        shown = [self._of_session.run]
        drawn = [*notes, *group_notes(shown), *threshold_notes(shown)]
        self.drawn.setText("\n".join(drawn))
        self.drawn.setVisible(bool(drawn))
        self.unlike.setText("\n".join(unlike))
        self.unlike.setVisible(bool(unlike))
        verdict = PARAGRAPH.join(escape(paragraph) for paragraph in paragraphs)
        if change:
            verdict = CHANGED.format(change=escape(change).replace("\n", "<br>"), verdict=verdict)
        self.verdict.set_text(verdict, TONES.get(level, PLAIN))
        for place, block in enumerate(self.numbers):
            block.setVisible(place < len(numbers))
            if place < len(numbers):
                number = numbers[place]
                block.set_number(number.text, "\n".join([number.caption, *number.beside]), self.go(links[number.name]))
                block.setToolTip(plain(number.explanation))
                block.explain(number.term)

    def go(self, there: Viewpoint) -> Any:
        """Return a function that asks for a visit."""
        return lambda: self.visit_asked.emit(there)

    def view(self, title: str, **state: Any) -> Viewpoint:
        """Return a place of this run: a view by its title, and what is chosen there."""
        return Viewpoint(self._folder, title, state)

    def show_pairs(self, block: TileBlock, pairs: tuple[Pair, ...], leading: str = "") -> None:
        """Show leading confusions, and a sentence on which of them leads."""
        shown = [(p.actual, p.predicted, p.said, p.tip, p.example, p.certainty) for p in pairs]
        block.set_tiles(shown, lambda: self._pairs(pairs))
        block.say(leading)

    def _pairs(self, pairs: tuple[Pair, ...]) -> list[Tile]:
        tiles = []
        captions = broken([f"{pair.name} → {pair.other_name}" for pair in pairs], 2, self.fontMetrics())
        for pair, caption in zip(pairs, captions, strict=True):
            pictures = [Picture(pair.taken, pair.tip, self.go(self.taken_link(pair)))]
            if pair.typical is not None and pair.example is not None:
                title = (
                    f"{self._of_session.run.clean.title(pair.example)}: a typical {pair.other_name}, right when clean"
                )
                pictures.append(Picture(pair.typical, title, self.go(self.typical_link(pair))))
            certainty = f"{pair.certainty} " if pair.certainty else ""
            tip = f"{pair.name} is taken for {pair.other_name}: {pair.said}. {certainty}Click to list them"
            tiles.append(Tile(pictures, (*caption, pair.said), self.go(self.pair_link(pair)), tip))
        return tiles

    def pair_link(self, pair: Pair) -> Viewpoint:
        """Return the place that lists the images of one class that are taken for another."""
        raise NotImplementedError

    def taken_link(self, pair: Pair) -> Viewpoint:
        """Return the place that shows the image at the left of a pair."""
        raise NotImplementedError

    def typical_link(self, pair: Pair) -> Viewpoint:
        """Return the place that shows the image at the right of a pair."""
        return self.view("Gallery", gallery=EVERYTHING, selected=pair.example)

    def show_weakest(self, block: TileBlock, weakest: tuple[Weak, ...]) -> None:
        """Show the weakest images."""
        block.set_tiles([(w.image, w.classes, w.said) for w in weakest], lambda: self._weak(weakest))

    def _weak(self, weakest: tuple[Weak, ...]) -> list[Tile]:
        tiles = []
        captions = broken([weak.classes for weak in weakest], 1, self.fontMetrics())
        for weak, caption in zip(weakest, captions, strict=True):
            there = self.go(self.weak_link(weak))
            picture = Picture(weak.picture, weak.tip, there)
            tiles.append(Tile([picture], (*caption, weak.said), there, weak.tip))
        return tiles

    def weak_link(self, weak: Weak) -> Viewpoint:
        """Return the place that shows a weak image."""
        raise NotImplementedError

"""The failure card: blocks that are filled one after the other, as the answers come."""

from html import escape

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from tfstab.gui.content.failure_card import CardContent
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.theme import BAD, GOOD, MIDDLE, PLAIN, SPACE
from tfstab.gui.widgets.blocks import Block, Caption, TextVerdict
from tfstab.gui.widgets.card.copies_bars import CopiesBars
from tfstab.gui.widgets.card.layer_rows import LayerRows
from tfstab.gui.widgets.card.maps_view import MapsView
from tfstab.gui.widgets.card.margin_line import MarginLine
from tfstab.gui.widgets.card.nearest import NearestImages
from tfstab.gui.widgets.card.spectrum_bars import SpectrumBars
from tfstab.gui.widgets.layouts import fill_column

# What each block waits for, by the part that fills it.
WAITING = {
    "copies": "Reading the run…",
    "margin": "Waiting for the model, which takes some seconds to load…",
    "layers": "Measuring the layers…",
    "maps": "Computing the maps…",
    "neighbours": "Looking for similar images…",
    "spectrum": "Measuring the noise…",
}


class FailureCardView(QWidget):
    """Shows a `FailureCard`; what is hidden is not computed."""

    def __init__(self, card: FailureCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = card
        self.verdict = TextVerdict()
        self.verdict.label.setFont(self.font())  # the panel is narrow
        self.blocks = {
            "margin": Block("Margin from clean to degraded"),
            "layers": Block("Gain and margin by layer"),
            "copies": Block("Its copies"),
            "neighbours": Block("Nearest images"),
            "maps": Block("Attribution over the image"),
            "spectrum": Block("Frequencies of its noise"),
        }
        for block in self.blocks.values():
            block.title.setWordWrap(True)
        fill_column(self, self.verdict, *self.blocks.values(), spacing=SPACE)
        self.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        card.started.connect(self._start)
        card.changed.connect(self._fill)
        self._start()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask about the image in view."""
        super().showEvent(event)
        self._card.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing more."""
        super().hideEvent(event)
        self._card.watch(False)

    def _start(self) -> None:
        """Show what is known of another image, and what is waited for."""
        content = self._card.content
        self.setVisible(content is not None)
        if content is None:
            return
        self._say(content)
        for name, block in self.blocks.items():
            block.setVisible(True)
            self._put(name, Caption(WAITING[name]))

    def _fill(self, what: str) -> None:
        content = self._card.content
        assert content is not None
        self._say(content)
        if what == "at once":
            self._fill_at_once(content)
            return
        for name in ("margin", "layers", "maps", "neighbours"):
            if what in (name, "problem"):
                part = content.part(name)
                self._put(name, Caption(content.lacks(name)) if part is None else self._made(name, content))

    def _say(self, content: CardContent) -> None:
        """Say the cause, as far as it is known."""
        findings = content.findings
        sentences = " ".join([*findings.sentences, *([content.problem] if content.problem else [])])
        wrong = findings.clean_prediction != findings.actual
        tone = MIDDLE if wrong else GOOD if findings.predicted == findings.actual else BAD
        self.verdict.set_text(
            f"<b>{escape(findings.title)}.</b> {escape(sentences)}", tone if findings.margins else PLAIN
        )

    def _fill_at_once(self, content: CardContent) -> None:
        assert content.at_once is not None
        spectrum, copies = SpectrumBars(), content.at_once.copies
        spectrum.set_spectrum(content.at_once.spectrum)
        self._put("spectrum", spectrum, Caption("Bars: its noise. Line: white noise."))
        self.blocks["copies"].setVisible(copies is not None)
        if copies is not None:
            bars = CopiesBars()
            bars.set_copies(copies)
            self.blocks["copies"].title.setText(f"Its copies, by {copies.parameter}")
            self._put("copies", bars, Caption(copies.says))

    def _made(self, name: str, content: CardContent) -> QWidget:
        """Return the content of a block."""
        part, names, subject = content.part(name), content.names, content.triple.subject
        assert part is not None
        assert subject is not None
        actual = names[subject.actual]
        if name == "margin":
            line = MarginLine()
            line.set_margins(part["margins"], [names[k] for k in part["predicted"]])
            return line
        if name == "layers":
            return LayerRows(part)
        rival = names[content.rival]
        if name == "maps":
            maps = MapsView()
            maps.set_maps(content.triple, part, actual, rival)
            return maps
        clean, rows = subject.run.clean, []
        for heading, found in ((actual, part["own"]), (rival, part["other"])):
            pairs = zip(found["images"], found["distances"], strict=True)
            images = [(k, f"{clean.title(k)}, distance {d:.2f}", clean.images[clean.row(k)]) for k, d in pairs]
            rows.append((heading if images else f"{heading}: no other image", images))
        about = f"Among {part['among']:,} clean images of the run, by the features of the last hidden layer."
        return NearestImages(rows, about, self._card.select)

    def _put(self, name: str, *widgets: QWidget) -> None:
        """Fill a block."""
        block = self.blocks[name]
        block.clear()
        for widget in widgets:
            block.add(widget)

"""The failure card: blocks that are filled one after the other, as the answers come."""

from html import escape

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from tfstab.gui.background import unexpected
from tfstab.gui.content.failure_card import CardContent
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.theme import BAD, GOOD, MIDDLE, PLAIN, SPACE, heading
from tfstab.gui.widgets.blocks import Block, Caption, TextVerdict
from tfstab.gui.widgets.card.copies_bars import CopiesBars
from tfstab.gui.widgets.card.layer_rows import LayerRows
from tfstab.gui.widgets.card.maps_view import MapsView
from tfstab.gui.widgets.card.margin_line import MarginLine
from tfstab.gui.widgets.card.nearest import NearestImages
from tfstab.gui.widgets.card.pictures import SmallTriple
from tfstab.gui.widgets.card.spectrum_bars import SpectrumBars
from tfstab.gui.widgets.explain_button import ExplainButton
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.locate_button import LocateButton
from tfstab.gui.widgets.pressable import LinkButton
from tfstab.wording import counted

MARGIN = "Above the dashed line, the prediction is right; below it, another class scores higher."
LAYERS = "Gain and margin by layer"
FINDING = '<p style="margin: 4px 0 0 0">{}</p>'  # in a narrow panel, findings in a row would be one long block of text
EVERYWHERE = "Under other degradations"
EVERYWHERE_TIP = "This image under all degradations measured for it, in the tab Robustness of its assessment"
LOADING = "Waiting for the model, which takes some seconds to load…"


OF_MODEL = ("margin", "layers", "maps", "neighbours")  # blocks that the model's answer fills
Content = MarginLine | LayerRows | CopiesBars | NearestImages | MapsView | SpectrumBars


class CardBlock(Block):
    """A block with content and a line below it, which also says what is waited for.

    Its widgets are kept from image to image: new ones would have to be laid out while somebody steps through a table.
    """

    def __init__(self, title: str, content: Content, waiting: str, term: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent, term=term)
        self.title.setWordWrap(True)
        self.content, self.line = content, Caption(waiting)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self._waiting = waiting
        self.add(content)
        self.add(self.line)
        content.hide()

    def wait(self) -> None:
        """Show that something is waited for."""
        self.content.blank()
        if self.content.isHidden():
            self.line.setText(self._waiting)

    def fill(self, line: str) -> None:
        """Show the content, which has its values, and a line about it."""
        self.line.setText(line)
        self.line.setVisible(bool(line))
        self.content.show()

    def lack(self, why: str) -> None:
        """Say in place of the content why there is none."""
        self.line.setText(why)
        self.line.show()
        self.content.hide()


class FailureCardView(QWidget):
    """Shows a `FailureCard`; what is hidden is not computed."""

    def __init__(self, card: FailureCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = card
        self.heading, self.pictures, self.says = heading(QLabel()), SmallTriple(), Caption()
        for label in (self.heading, self.says):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.verdict = TextVerdict()
        self.verdict.label.setFont(self.font())  # the panel is narrow
        self.explain = ExplainButton(card, self)
        self.everywhere = LinkButton(EVERYWHERE, self._show_everywhere, self)
        self.everywhere.setToolTip(EVERYWHERE_TIP)
        self.everywhere.hide()
        self.locate = LocateButton(card.scorer, card.ask_again)
        self.margin, self.layers, self.copies = MarginLine(), LayerRows(), CopiesBars()
        self.nearest, self.maps, self.spectrum = NearestImages(), MapsView(), SpectrumBars()
        self.blocks = {
            "margin": CardBlock("Margin from clean to degraded", self.margin, LOADING, "logit margin"),
            "layers": CardBlock(LAYERS, self.layers, "Measuring the layers…", "relative gain"),
            "copies": CardBlock("Its copies", self.copies, "Reading the run…", "copy"),
            "neighbours": CardBlock("Nearest images", self.nearest, "Looking for similar images…", "feature space"),
            "maps": CardBlock("Attribution over the image", self.maps, "Computing the maps…", "attribution"),
            "spectrum": CardBlock(
                "Frequencies of the noise", self.spectrum, "Measuring its frequencies…", "white noise"
            ),
        }
        fill_column(
            self,
            self.heading,
            self.pictures,
            self.says,
            self.verdict,
            self.explain,
            self.everywhere,
            self.locate,
            *self.blocks.values(),
            spacing=SPACE,
        )
        self.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        card.started.connect(self._start)
        card.changed.connect(self._fill)
        if card.content is None:
            self.hide()
        else:
            self._begin(card.content)  # not shown here: without a parent, it would be a window

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
        if content is not None:
            self._begin(content)

    def _begin(self, content: CardContent) -> None:
        triple = content.triple
        self.heading.setText(triple.title)
        self.pictures.set_triple(triple)
        size = float(np.linalg.norm(triple.noise.astype(np.float64)))
        self.says.setText(f"clean: {triple.clean_says} · L2 {size:.0f} · degraded: {triple.degraded_says}")
        self._say(content)
        self.explain.setVisible(self._card.wrong_when_clean is not None)
        self.everywhere.setEnabled(False)  # it leads nowhere until the run has been read
        for block in self.blocks.values():
            block.wait()
        for name in OF_MODEL:
            self.blocks[name].setVisible(not content.problem)  # which the verdict says

    def _fill(self, what: str) -> None:
        content = self._card.content
        assert content is not None
        self._say(content)
        if what == "at once":
            self._fill_at_once(content)
        elif what == "nothing at once":
            self.everywhere.hide()
            for name in ("spectrum", "copies"):
                self.blocks[name].lack(unexpected("Reading the run"))
        elif what == "problem":
            for name in OF_MODEL:
                self.blocks[name].setVisible(name in content.parts)
        elif what in OF_MODEL:
            if content.part(what) is None:
                self.blocks[what].lack(content.lacks(what))
            else:
                self.blocks[what].fill(self._set(what, content))

    def _show_everywhere(self) -> None:
        if (there := self._card.everywhere) is not None:
            self._card.visit_asked.emit(there)

    def _say(self, content: CardContent) -> None:
        """Show the cause of the error that the parts received so far support."""
        findings = content.findings
        sentences = [*findings.sentences, *([content.problem] if content.problem else [])]
        wrong = findings.clean_prediction != findings.actual
        tone = MIDDLE if wrong else GOOD if findings.predicted == findings.actual else BAD
        text = f"<b>{escape(findings.title)}.</b>" + "".join(FINDING.format(escape(said)) for said in sentences)
        self.verdict.set_text(text, tone if wrong or findings.margins else PLAIN)
        assert content.triple.subject is not None
        self.locate.offer(content.triple.subject.run, content.problem)

    def _fill_at_once(self, content: CardContent) -> None:
        assert content.at_once is not None
        self.everywhere.setVisible(self._card.everywhere is not None)
        self.everywhere.setEnabled(True)
        self.spectrum.set_spectrum(content.at_once.spectrum)
        self.blocks["spectrum"].title.setText(f"Frequencies of the {content.change}")
        self.blocks["spectrum"].fill(f"Bars: the {content.change}. Line: white noise.")
        copies, problem = content.at_once.copies, content.at_once.problem
        self.blocks["copies"].setVisible(bool(copies is not None or problem))
        if problem:
            self.blocks["copies"].lack(problem)
        if copies is not None:
            self.copies.set_copies(copies)
            self.blocks["copies"].title.setText(f"Its copies, by {copies.parameter}")
            self.blocks["copies"].fill(copies.says)

    def _set(self, name: str, content: CardContent) -> str:
        """Give a block its values, and return the line about them."""
        part, names, subject = content.part(name), content.names, content.triple.subject
        assert part is not None
        assert subject is not None
        if name == "margin":
            self.margin.set_margins(part["margins"], [names[k] for k in part["predicted"]])
            return MARGIN
        if name == "layers":
            line = self.layers.set_layers(part)
            self.blocks[name].title.setText(LAYERS if self.layers.margins else "Gain by layer")
            return line
        actual, rival = names[subject.actual], names[content.rival]
        if name == "maps":
            self.maps.set_maps(content.triple, part, actual, rival)
            return ""
        clean, rows = subject.run.clean, []
        for name_of, found in ((f"{actual} (true)", part["own"]), (content.rival_says, part["other"])):
            pairs = zip(found["images"], found["distances"], strict=True)
            images = [(k, f"{clean.title(k)}, distance {d:.2f}", clean.images[clean.row(k)]) for k, d in pairs]
            rows.append((name_of, images))
        self.nearest.set_images(rows, self._card.select)
        return f"Among {counted(part['among'], 'clean image')} of the run, by the features of the last hidden layer."

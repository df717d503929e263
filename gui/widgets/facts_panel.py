"""What is known of the selected image: the failure card, scores as bars, and facts that can be selected and copied."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from tfstab.gui.background import Background
from tfstab.gui.content.triple import Facts, Triple
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.widgets.card.card import FailureCardView
from tfstab.gui.widgets.explain_button import ExplainButton
from tfstab.gui.widgets.layouts import fill_column
from tfstab.gui.widgets.lazy import Lazy
from tfstab.gui.widgets.score_bars import ScoreBars
from tfstab.gui.widgets.tab_order import tab_in_order
from tfstab.gui.widgets.wheel import keep_wheel
from tfstab.gui.widgets.wrapped import SentenceLabel

LEAST = 220  # pixels of width
NO_CARD = "{} was scored when clean, but not degraded, so it has no card."
NOTHING = "Click an image, a point or a row to see facts about it, and why the image is lost."


class FactsPanel(QScrollArea):
    """Shows the failure card, `Triple.bars` and `Triple.facts`; for an image without a card, a link to explain it."""

    def __init__(self, card: FailureCard, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = card
        self._view = Lazy(lambda: FailureCardView(card), background)  # an empty window does not need it
        self._view.came.connect(lambda: card.changed.connect(self._order))  # after the card has shown what changed
        self.label = SentenceLabel(NOTHING)
        self.label.setAccessibleName("Facts about the selected image")
        self.label.setMinimumWidth(LEAST // 2)  # or the longest class name would set the width of the panel
        self.label.setMargin(8)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.scores = ScoreBars()
        self.scores.hide()
        self.explain = ExplainButton(card, self)
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        below = QHBoxLayout()
        below.setContentsMargins(4, 0, 4, 0)
        below.addWidget(self.explain, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        fill_column(content, self._view, self.scores, self.label, below, spacing=0)
        self.setWidget(content)
        keep_wheel(self)
        self.setWidgetResizable(True)
        self.setMinimumWidth(LEAST)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    @property
    def card(self) -> FailureCardView:
        """The failure card, which is made at once if it has not been."""
        return self._view.view

    def set_triple(self, triple: Triple | None) -> None:
        """Show the card and the facts of another triple; without a triple, say why, or what to click."""
        self._card.follow(triple)
        self.scores.setVisible(triple is not None and bool(triple.bars))
        if triple is None:
            self.scores.set_bars(())
        else:
            self.scores.set_bars(triple.bars, triple.clean_is.lower())
        without = self._card.without if triple is None else None
        self.explain.setVisible(without is not None)
        nothing = NOTHING if without is None else escape(NO_CARD.format(without[1]))
        self.label.setText(as_html(triple.facts) if triple else nothing)

    def _order(self, _what: str) -> None:
        """Let Tab visit pictures where they are: Qt puts what takes the focus only later anywhere."""
        tab_in_order(self)


def as_html(facts: Facts) -> str:
    """Format facts as an HTML table of two columns."""
    rows = []
    for heading, pairs in facts:
        rows.append(f'<tr><td colspan="2" style="padding-top: 8px"><b>{escape(heading)}</b></td></tr>')
        rows += [
            f'<tr><td style="padding-right: 10px">{escape(name)}</td><td>{escape(value)}</td></tr>'
            for name, value in pairs
        ]
    return f'<table width="100%" cellspacing="0" cellpadding="2">{"".join(rows)}</table>'

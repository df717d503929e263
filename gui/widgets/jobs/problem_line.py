"""What is wrong with a new run, in a sentence, and where the guide says what to do about it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from tfstab.gui.content.guide import advice_on
from tfstab.gui.jobs.field_words import as_sentence
from tfstab.gui.widgets.help_button import HelpButton
from tfstab.gui.widgets.jobs.failure_note import clear_ground, redden
from tfstab.gui.widgets.wrapped import SentenceLabel


class ProblemLine(QHBoxLayout):
    """A sentence with a button that opens the guide, if the guide has advice; both are hidden if nothing is wrong.

    Attributes
    ----------
    label : SentenceLabel
        The sentence.
    advice : HelpButton
        The button.
    """

    def __init__(self) -> None:
        super().__init__()
        self.label = SentenceLabel()
        self.label.setAccessibleName("What is wrong")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setFrameShape(QFrame.Shape.StyledPanel)
        self.label.setMargin(6)
        self.advice = HelpButton()
        self.addWidget(self.label, 1)
        self.addWidget(self.advice)
        self.clear()

    def tell(self, sentence: str, stressed: bool = False) -> None:
        """Show an error in the words of the form. stressed: on a red ground, because Start was pressed in vain."""
        clear_ground(self.label)
        if stressed:
            redden(self.label)
        self.label.setText(f"⚠  {as_sentence(sentence)}")
        self.label.show()
        place = advice_on(sentence)
        self.advice.explain(place, "this problem", "Open the guide where it says what to do about this")
        self.advice.setVisible(bool(place))

    def clear(self) -> None:
        """Hide it."""
        self.label.hide()
        self.advice.hide()

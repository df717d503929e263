"""The link to an explanation, in the Explorer, of the image in view if it has no card or is wrong when clean."""

from PySide6.QtWidgets import QWidget

from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.widgets.pressable import LinkButton

TEXT = "Explain this image"
TIP = "Open it in the Explorer, which says whether the photograph or the model is probably the reason"


class ExplainButton(LinkButton):
    """Asks for the explanation of the image that a FailureCard is about; hidden until there is such an image."""

    def __init__(self, card: FailureCard, parent: QWidget | None = None) -> None:
        super().__init__(TEXT, card.explain, parent)
        self.setToolTip(TIP)
        self.hide()

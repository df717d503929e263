"""The layout of figures that are saved several times."""

from matplotlib import rc_context
from matplotlib.figure import Figure


def keep_layout(figure: Figure) -> None:
    """Let a figure that has been saved keep its layout: to repeat that takes longer than to draw it.

    With a layout engine of whatever kind, matplotlib would also go through the whole figure twice whenever it saves it.
    """
    # In a context of its own, since a person's settings may ask for an engine where none is named.
    with rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        figure.set_layout_engine(None)

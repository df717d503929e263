"""`Figure`, a matplotlib figure that a notebook shows as a picture, and what figures share."""

import io

from matplotlib import figure
from matplotlib.ticker import FuncFormatter

from tfstab.fonts import use_fonts

DPI = 110  # of the picture in a notebook
# Inches beside long labels, such as "salt and pepper noise": letters differ in width between file formats, and a label
# would touch the edge in the formats for which the layout was not made.
LABEL_PAD = 0.1
PERCENT = FuncFormatter(lambda share, _: f"{round(100 * share, 6):g} %")  # for an axis of shares


class Figure(figure.Figure):
    """A matplotlib figure that is shown when it is the last line of a cell of a notebook.

    Notebooks show matplotlib's own figures only once `pyplot` has made one in the session. tfstab makes its figures
    without `pyplot`, which would keep each of them in memory and may open windows.
    """

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG, for a notebook."""
        use_fonts(self)
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=DPI)
        return picture.getvalue()

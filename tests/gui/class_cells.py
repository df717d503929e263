"""What the table of recalls by class shows."""

from PySide6.QtCore import Qt


def shown(table):
    """The titles of the rows and columns, and the texts of the cells."""
    model = table.model()
    across = [model.headerData(x, Qt.Orientation.Horizontal) for x in range(1, model.columnCount())]
    down = [model.headerData(y, Qt.Orientation.Vertical) for y in range(model.rowCount())]
    cells = [[model.index(y, x).data() for x in range(1, model.columnCount())] for y in range(model.rowCount())]
    return across, down, cells

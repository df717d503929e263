"""Where layouts and widgets put their parts, at the widths at which a part just fits and just does not."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tfstab.gui.widgets.layouts import BETWEEN, NO_LIMIT, BreakingRow, FlowLayout, Pages, Shrinkable, fill_column


class Sized(QWidget):
    """A widget that states a size, and takes any other."""

    def __init__(self, width, height=20):
        super().__init__()
        self.stated = QSize(width, height)

    def sizeHint(self):
        return self.stated

    def minimumSizeHint(self):
        return self.stated


@pytest.fixture
def owner(qtbot):
    """A window for layouts."""
    owner = QWidget()
    qtbot.addWidget(owner)
    return owner


# --- layouts ---


def test_widgets_flow_into_further_rows_where_they_do_not_fit(owner):
    flow = FlowLayout(owner, spacing=11)
    flow.setContentsMargins(3, 4, 5, 6)
    assert (flow.sizeHint(), flow.minimumSize(), flow.heightForWidth(50)) == (QSize(8, 10), QSize(8, 10), 10)
    parts = [Sized(50), Sized(70, 31), Sized(40, 10), Sized(500, 400)]
    for part in parts:
        flow.addWidget(part)
    parts[3].hide()
    owner.show()
    assert owner.heightForWidth(138) == 66, "a layout above asks the widget"

    def placed():
        return [part.geometry().getRect() for part in parts[:3]]

    assert flow.sizeHint() == QSize(50 + 70 + 40 + 2 * 11 + 8, 31 + 10) and flow.minimumSize() == QSize(78, 41)
    flow.setGeometry(QRect(10, 20, 139, 60))  # 131 without the margins, which the first two just fill
    assert placed() == [(13, 29, 50, 20), (74, 24, 70, 31), (13, 60, 40, 10)] and flow.geometry().x() == 10
    assert [flow.heightForWidth(width) for width in (1000, 139, 138, 129, 128, 10)] == [41, 56, 66, 66, 81, 81]
    assert placed()[0] == (13, 29, 50, 20), "to ask for a height moves nothing"
    flow.setGeometry(QRect(0, 0, 138, 60))
    assert placed() == [(3, 4, 50, 20), (3, 29, 70, 31), (84, 39, 40, 10)]
    assert [flow.itemAt(k) and flow.itemAt(k).widget() for k in (-1, 0, 3, 4)] == [None, parts[0], parts[3], None]
    assert flow.takeAt(-1) is None and flow.takeAt(4) is None and flow.count() == 4
    assert flow.takeAt(3).widget() is parts[3] and flow.takeAt(0).widget() is parts[0] and flow.count() == 2


def test_a_row_breaks_into_rows_of_equal_length(owner):
    parts = [Sized(width) for width in (40, 100, 60, 70, 80)]
    row = BreakingRow(parts)
    owner.setLayout(row)
    owner.show()

    def cells():
        return [row.getItemPosition(row.indexOf(part))[:2] for part in parts if row.indexOf(part) >= 0]

    def stretches():
        return [row.columnStretch(column) for column in range(6)]

    assert BETWEEN == row.horizontalSpacing() == 12
    assert cells() == [(0, k) for k in range(5)] and stretches() == [1, 1, 1, 1, 1, 0]
    for room, columns in ((548, 5), (547, 3), (324, 3), (323, 2), (212, 2), (211, 1), (0, 1), (10_000, 5)):
        row.arrange(room)
        assert cells() == [(k // columns, k % columns) for k in range(5)], room
        assert stretches() == [1] * columns + [0] * (6 - columns)
    parts[1].hide()  # the widest of the others is 80, so that 3 fit, but two rows of two are as many rows
    row.arrange(3 * 80 + 2 * 12)
    assert cells() == [(0, 0), (0, 1), (1, 0), (1, 1)] and row.indexOf(parts[1]) == -1
    for part in parts:
        part.hide()
    row.arrange(10_000)
    assert len(cells()) == 4, "without parts nothing changes"


def test_the_last_part_of_a_column_gets_the_height(owner):
    inner = QVBoxLayout()
    inner.addWidget(Sized(10, 30))
    parts = Sized(10, 40), Sized(10, 50)
    fill_column(owner, parts[0], inner, parts[1])
    owner.resize(100, 400)
    owner.show()
    assert [part.geometry().getRect() for part in parts] == [(0, 0, 100, 40), (0, 74, 100, 326)]
    assert inner.geometry() == QRect(0, 42, 100, 30)


def test_what_pages_and_what_scrolls_ask_for(owner):
    pages = Pages(owner)
    assert not pages.minimumSizeHint().isValid()
    for part in (Sized(300, 200), Sized(30, 20)):
        pages.addWidget(part)
    assert pages.minimumSizeHint() == QSize(300, 200)
    pages.setCurrentIndex(1)
    assert pages.minimumSizeHint() == QSize(30, 20)
    scrolled = Shrinkable(Sized(700, 900), owner)
    panels = owner.screen().availableSize().width() - scrolled.minimumSizeHint().width()
    assert scrolled.sizeHint() == QSize(700, 900) and scrolled.minimumSizeHint().height() == 300
    assert panels == 470 and QLabel().maximumHeight() == NO_LIMIT
    scrolled.resize(1000, 950)
    scrolled.show()
    owner.show()
    assert scrolled.widget().size() == QSize(1000, 950) and scrolled.widget().mapTo(scrolled, QPoint()) == QPoint()

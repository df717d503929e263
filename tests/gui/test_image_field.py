"""The field in which an image is chosen by its number or its file name."""

import numpy as np
import pytest
from doubles import heard
from PySide6.QtCore import Qt

from tfstab.gui.widgets.image_field import ImageField
from tfstab.runs import CleanImages

NAMES = np.array(["cat/0012.png", "cat/b.png", "dog/b.png"])


@pytest.fixture
def field(qtbot):
    """A field for images 10, 11 and 12; type_in(text) types it and presses Enter."""
    images, scores = np.zeros((3, 2, 2, 1), np.uint8), np.zeros((3, 2), np.float32)
    clean = CleanImages(images, np.zeros(3, int), np.arange(10, 13), scores, NAMES)
    field = ImageField(lambda: clean)
    qtbot.addWidget(field)
    field.show()
    field.show_image(11)

    def type_in(text):
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)

    field.type_in = type_in
    return field


@pytest.mark.parametrize(
    ("typed", "image"), [("12", 12), ("dog/b.png", 12), ("0012", 10), ("CAT/B", 11), ("  10 ", 10)]
)
def test_an_image_is_found_by_its_number_or_by_what_only_its_name_has(field, typed, image):
    asked, said = heard(field.asked), heard(field.said)
    field.type_in(typed)
    assert asked == [(image,)] and said == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [("13", "Image 13 is not"), ("b.png", "Unknown image"), ("ox", "Unknown"), ("011", "Unknown image '011'")],
)
def test_what_is_no_image_is_said_and_the_number_in_view_comes_back(field, typed, why):
    asked, said = heard(field.asked), heard(field.said)
    field.type_in(typed)
    assert asked == [] and field.text() == "11"
    assert len(said) == 1 and said[0][0].startswith(why)


def test_nothing_is_asked_of_an_empty_field(field, qtbot):
    asked, said = heard(field.asked), heard(field.said)
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked == said == [] and field.text() == "11"

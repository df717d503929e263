"""The failure card of a sweep in a window whose child process runs, looked at as by hand."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

PARTS = {"margin", "random", "layers", "neighbours", "maps", "at once"}


def said(block):
    """Return all texts of a block."""
    return " ".join(label.text() for label in block.findChildren(QLabel))


def look_at_card(window, qtbot, settle):
    """Select a lost image of a sweep, look at all blocks of its card, and go on to others."""
    session, card, view = window.controller.current, window.controller.card, window.facts.card
    heard = []
    card.changed.connect(heard.append)
    wrong = int(np.flatnonzero(session.points.kind == 1)[0])
    window.panels.want_image(False)
    session.select_point(wrong)
    settle(window)  # the image has been read
    qtbot.wait(100)
    assert heard == [] and card.content.parts == {} and view.margin.accessibleDescription() == "", "it is hidden"
    window.panels.want_image(True)
    qtbot.waitUntil(lambda: "at once" in heard)
    assert view.copies.isVisible() and len(view.copies.accessibleDescription()) > 9
    qtbot.waitUntil(lambda: set(heard) >= PARTS)

    # The margins agree with the scores that the sweep has recorded.
    points, content = session.points, card.content
    image = points.key(wrong)[0]
    recorded = np.log(points.true_score[wrong] / points.score[wrong])
    assert content.parts["margin"]["margins"][-1] == pytest.approx(recorded, abs=1e-3)
    assert content.parts["margin"]["predicted"][-1] == points.predicted[wrong] == content.rival
    assert all(part.isVisible() for part in (view.margin, view.layers, view.maps, view.nearest, view.spectrum))
    assert [row.label for row in view.layers.rows] == content.parts["layers"]["names"]
    names = session.run.class_names
    assert view.heading.text() == content.triple.title and content.triple.degraded_says in view.says.text()
    assert content.findings.title in view.verdict.label.text()
    margins = content.parts["margin"]["margins"]
    assert "100 % of the way: margin" in view.margin.accessibleDescription()
    assert len(margins) == 11

    # A map is chosen by hand, and a neighbour is looked at; both its classes are right.
    maps = view.maps
    before = maps.picture.pixmap().toImage()
    maps.kind.setCurrentIndex(2)
    assert maps.picture.pixmap().toImage() != before and names[points.actual[wrong]] in maps.says.text()
    found = content.parts["neighbours"]
    clean = session.run.clean
    for group, k in (("own", int(points.actual[wrong])), ("other", content.rival)):
        assert all(clean.class_index[clean.row(i)] == k and i != image for i in found[group]["images"])
    nearest = found["own"]["images"][0]
    window.facts.ensureWidgetVisible(view.blocks["neighbours"])
    heard.clear()
    qtbot.mouseClick(view.nearest.pictures[0][0], Qt.MouseButton.LeftButton)
    settle(window)
    assert session.points.key(session.point)[0] == nearest and card.content is not content

    # Stepping through the table asks for the last image only.
    passed = []
    for _ in range(5):
        window.commands["next"].trigger()
        passed.append(card.content)
    *left, last = passed
    qtbot.waitUntil(lambda: last.parts.keys() >= PARTS - {"at once"})
    assert len(left) == 4 and all(not one.parts and one.at_once is None for one in left) and card.content is last

"""The pages of an assessment described widget by widget, as they were last recorded with `make frozen`.

The runs have given predictions, and the model's answers are made up: no model is run.
"""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from assessment_runs import CLASSES, first_of, sweep_of
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from stories import ask, click_at, click_cell, draw, enter, key, leave, point_at

from made_runs import made_explanation, made_search
from tfstab.errors import InputError, RunError
from tfstab.gui.content.track import Track
from tfstab.gui.content.why import Layer, Why
from tfstab.gui.jobs.questions import Answer, DropOrder
from tfstab.gui.jobs.severities import severity_at
from tfstab.gui.sessions import failure_card
from tfstab.gui.widgets.bars import BarRow
from tfstab.gui.widgets.card.drawing import Drawing
from tfstab.gui.widgets.jobs import results
from tfstab.gui.widgets.pick_box import Tool
from tfstab.gui.widgets.robustness import why_page
from tfstab.metrics import Estimate
from tfstab.models import bundled_names

CARD = {
    "margin": {"margins": np.linspace(2, -0.6, 11).tolist(), "predicted": [1] * 8 + [2] * 3, "rival": 2},
    "random": {"strengths": (1, 2, 4, 4.5, 5.2, 8), "changed": (0, 6, 12, 20, 43, 64)},
    "layers": {
        "names": ["input", "dense", "logits"], "gain": [1.0, 1.9, 2.5], "random_gain": [1.0, 1.2, 2.3],
        "margin": [1.0, 0.6, 0.4], "places": [["dense", 2.0], ["logits", 0.5]], "member": None,
        "others": [[1.0, 1.0]] * 40,
    },
    "neighbours": {
        "own": {"images": [2, 4], "distances": [0.5, 0.75]}, "other": {"images": [3], "distances": [0.25]}, "among": 20,
    },
    "maps": {name: np.array([[1, -1], [0.5, 0]], np.float32) for name in ("clean", "degraded", "path")} | {"rival": 2},
}  # fmt: skip
ONE, TWO = bundled_names()[:2]  # names of models that the viewer can find


def assess(folder, name, fog):
    """Gaussian noise on 20 images, fog on 10 of them, a search of 8. One image is wrong when clean."""
    clean = np.arange(20) != 9
    noise = first_of((1, 0.9, 0.6), 20, 4) & clean[:, None, None]
    noise[5, 2] = False, True, True, False
    sweep_of(folder, "gaussian_noise", noise, (10, 20, 40), 4, clean, psnr=np.float32(25), name=name)
    sweep_of(folder, "fog", first_of(fog, 10) & clean[:10, None, None], clean=clean[:10], name=name)
    l2 = np.array([2.0, 2, 3, 3, 4, np.inf, 5, 9])
    labels = np.arange(8) % CLASSES
    made_search(folder / "search", l2, labels, labels, CLASSES, name=name)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two assessments, of which the first has an explanation."""
    folder = tmp_path_factory.mktemp("assessments")
    assess(folder / "one", ONE, (0.9, 0.5, 0.2))
    assess(folder / "two", TWO, (1, 0.8, 0.6))
    explanation = made_explanation(folder / "one" / "explanation", np.linspace(0.02, 0.1, 8), gain=1.4, name=ONE)
    (explanation.path / "report.html").touch()
    return folder


def test_what_was_computed(frozen, open_window, made, settle, story_of, monkeypatch):
    window = open_window(made / "one", made / "two", overview=True)
    window.controller.select(window.controller.sessions[0])
    settle(window)
    page, session = window.page(), window.controller.current
    page.compare.choices[window.controller.sessions[1]].trigger()
    settle(window)
    frozen("assessment-overview", page.header, page.overview, session, session.compared)
    page.overview.wait_for("There is news.")
    assert page.overview.waiting.isVisible() and not any(block.isVisible() for block in page.overview.blocks())
    page.tabs.show_view("Robustness")
    page.robustness.buttons.button(1).click()
    settle(window)
    frozen("assessment-robustness", page.robustness)
    frozen("story-robustness", looked_around(story_of(window), page))
    page.tabs.show_view("Why")
    settle(window)
    frozen("assessment-why", page.why)
    frozen("story-why", explained(story_of(window), page.why, monkeypatch))


def looked_around(story, page):
    """What the parts of the tab Robustness do, and where its links and those of the overview lead."""
    robustness, overview, session = page.robustness, page.overview, story.window.controller.current
    table, heat_map = robustness.image_view.table, robustness.heat_map
    story("a picture", click_cell, table, 0, 1)
    story("the next", key, table, Qt.Key.Key_Right)
    story("below", key, table, Qt.Key.Key_Down)
    story("another image", robustness.image_view.next.click)
    story("the one before", robustness.image_view.previous.click)
    story("the weakest", robustness.image_view.weakest.click)
    story("mark it", story.window.commands["mark"].trigger)
    story("the family of a row", table.verticalHeader().sectionClicked.emit, 1)
    story("back", story.window.commands["back"].trigger)
    story("other networks", robustness.buttons.button(2).click)
    story("dark", story.window.commands["theme-dark"].trigger)
    story("degradations", robustness.buttons.button(0).click)
    story("light", story.window.commands["theme-light"].trigger)
    for column in (0, 1, 3):
        story.leads(f"column {column}", click_cell, heat_map, 1, column)
    page.tabs.show_view("Overview")
    tile, bar = overview.pairs.tiles[0], overview.kept.findChildren(BarRow)[0]
    for part in (overview.numbers[0], tile, bar, overview.pairs.link):
        story(f"point at {part.accessibleName()}", enter, part)
        story("leave it", leave, part)
        story("with the keyboard", part.setFocus)
    for place in (*tile._places(), tile.rect().adjusted(0, tile.height() - 8, 0, 0)):
        story("what it is", ask, tile, place.center().x(), place.center().y())
    for number in overview.numbers:
        story.leads(f"click {number.caption!r}", number.click)
    for block in (overview.curve_block, overview.kept, overview.pairs, overview.weakest):
        story.leads(f"more of {block.title.text()!r}", block.link.click)
    for block in (overview.kept, overview.classes):
        story.leads(f"a bar of {block.title.text()!r}", block.findChildren(BarRow)[0].click)
    story.leads("a severity", overview.curve.severity_asked.emit, 20.0)
    for block in (overview.pairs, overview.weakest):
        tile = block.tiles[0]
        for picture in tile.pictures:
            story.leads(f"a picture: {picture.tip}", picture.do)
        story.leads("its lines", key, tile, Qt.Key.Key_Space)
    assert story.window.controller.current is session
    for wrong in (77, [3], "3"):
        with pytest.raises(InputError, match=r"no selected|not measured under any"):
            session.restore({"selected": wrong})
    return story.lines


def explained(story, page, monkeypatch):
    """What an explanation can say, and where its report opens."""
    session, answers = story.window.controller.current, itertools.cycle((True, False))
    monkeypatch.setattr(results, "QDesktopServices", SimpleNamespace(openUrl=lambda url: next(answers)))
    story("the report", page.causes.link.click)
    story("without a browser", page.causes.link.click)
    folder = session.run.path
    layers = (
        Layer("first", Estimate(0.5, 0.25, 0.75), Estimate(-0.5, -1.0, 0.5)),
        Layer("second", Estimate(1.5, 1.0, 2.0), Estimate(0.25, 0.125, 0.5)),
        Layer("third", Estimate(1.75, 1.5, float("inf")), Estimate(1.0, 0.75, 1.25)),
    )
    known = [
        (
            "with causes",
            Why(
                "Because <of> it.",
                (("Gain", "It grows.", "Train <it>."), ("B", "<c>", "Add.")),
                layers,
                1200,
                None,
            ),
        ),
        ("without layers", Why("No idea.", (), (), 3, folder)),
        ("damaged", RunError("A part of it is damaged.")),
    ]
    for what, outcome in known:
        monkeypatch.setattr(why_page, "_read", lambda run, outcome=outcome: outcome)
        page._read = None  # as if there were another one
        story(what, session.changed.emit)
        story("the report", page.causes.link.click)
    story("the same again", session.changed.emit)
    # On a slow machine it would notice meanwhile that the folder has one, and read that again.
    story.window.controller.watcher.stop()
    monkeypatch.setattr(session.run.opened, "explanation", None)
    monkeypatch.setattr(session.run.opened, "find_explanation", lambda: None)  # which looks beside the assessment
    story("there is none", session.changed.emit)
    return story.lines


def test_what_the_model_is_asked(frozen, open_window, made, settle, qtbot, monkeypatch, story_of):
    monkeypatch.setattr(failure_card, "PATIENCE", 0)
    window = open_window(made / "one")
    window.resize(1700, 800)  # the images of the explorer stand side by side with all fonts
    page, session, process = window.page(), window.controller.current, window.controller.scorer.process

    def answer(question, **parts):
        def asked():
            """The questions of this kind that are not taken back: tracks are, when the degradations change."""
            taken_back = {order.ticket for order in process.orders if isinstance(order, DropOrder)}
            asked = [order for order in process.orders if getattr(order, "question", "") == question]
            return [order for order in asked if order.ticket not in taken_back]

        qtbot.waitUntil(lambda: bool(asked()))
        order = asked()[0]
        process.orders.remove(order)
        for part, values in parts.items():
            process.message.emit(Answer(order.ticket, part, values))
        return order

    session.select_image(5)
    session.select_copy("gaussian_noise", 2)
    settle(window)  # so that it is the copy that is asked about
    asked = answer("card", **CARD)
    assert asked.arguments["class_index"] == session.run.clean.class_index[session.run.clean.row(session.image)]
    qtbot.waitUntil(lambda: window.controller.card.content.at_once is not None)
    settle(window)
    frozen("card", window.facts.card)
    story = story_of(window)
    for drawing in window.facts.card.findChildren(Drawing):
        if drawing._spots:
            at = drawing._spots[0][0].center()
            story(f"a spot of {drawing.accessibleName()}", ask, drawing, at.x(), at.y())
            story("beside all", ask, drawing, -5, -5)
    frozen("story-card", [line for line in story.lines if line.startswith(("##", "tip"))])

    asking = window.controller.card._timer  # the card follows the image, and is not to be filled at any time
    patience = asking.interval()
    asking.setInterval(10**6)
    page.tabs.show_view("Explorer")
    settle(window)
    explorer = page.explorer.view
    explorer.explorer.add("jpeg")
    explorer.explorer.set_severity(0, 30)
    settle(window)
    for _ in range(2):
        answer("scores", scores={"scores": np.array([[0.5, 0.2, 0.3]], np.float32)})
        settle(window)
    severities = np.linspace(0, 60, 7)
    answer("explore", track={"severities": severities, "predicted": np.array([1, 1, 2, 2, 2, 0, 0])})
    settle(window)
    frozen("explorer", explorer)
    frozen("story-explorer", explored(story_of(window), explorer))

    page.tabs.show_view("Atlas")
    settle(window)
    atlas = page.atlas.view
    count = len(atlas.atlas.mapped.keys)
    places = np.stack([np.arange(count), np.arange(count) ** 2 % 7], axis=1).astype(np.float32)
    points = {
        "predicted": np.arange(count) % CLASSES, "map": places, "explained": np.array([0.5, 0.25]), "features": True,
    }  # fmt: skip
    answer("atlas", share={"share": 1.0}, points=points, tsne={"map": -places})
    atlas.atlas.pick(np.array([1, 4, 9]))
    settle(window)
    frozen("atlas", atlas)
    frozen("story-atlas", mapped(story_of(window), atlas))

    asking.setInterval(patience)
    session.select_image(6)
    session.select_copy("gaussian_noise", 2)
    settle(window)
    answer("card", **{name: {"missing": f"There is no {name}."} for name in CARD})
    settle(window)
    frozen("card-lacking", window.facts.card)


def explored(story, page):
    """What can be done in the explorer; the model answers nothing."""
    steps, explorer = page.steps, page.explorer
    story("a severity", steps.rows[0].slider.slider.setValue, 120)
    story("a number", steps.rows[1].number.setValue, 60)
    story("later", steps.rows[0].later.click)
    story("earlier", steps.rows[1].earlier.click)
    story("one more", lambda: (steps.adding.setCurrentIndex(3), steps.adding.activated.emit(3)))
    story("draw again", steps.again.click)
    story("remove", steps.rows[0].remove.click)
    story("remove the last", steps.rows[1].remove.click)
    story("the next image", page.next.click)
    story("the one before", page.previous.click)
    story("type an image", lambda: (page.image.setText("7"), page.image.returnPressed.emit()))
    story("one that is not there", lambda: (page.image.setText("99"), page.image.returnPressed.emit()))
    story("nothing", lambda: (page.image.setText(""), page.image.returnPressed.emit()))
    story("copy the degraded image", page.degraded.copy_action.trigger)
    track = steps.rows[0].slider.track
    family = explorer.state.steps[0].family
    found = np.array([severity_at(family, share) for share in (0, 0.375, 1)])
    track.set_tracks([Track.of(family, found, np.array([0, 1, 1]), 0)], ("one", "two"))
    for share in (-0.5, 1.5):
        story(f"what is predicted at {share}", ask, track, track._x(share), 3)
    track.set_tracks([], ())
    story("what is not known", ask, track, 20, 3)
    for pane, other in ((page.clean, page.degraded), (page.degraded, page.clean)):
        pane.range_changed.emit(QRectF(0, 0, 1, 1))
        assert other.view.viewRect().center() == QPointF(0.5, 0.5), "both show the same part"
        pane.reset_asked.emit()
        assert other.view.viewRect().center() == QPointF(1, 1)
    kept, slider = page.viewpoint_state(), steps.rows[0].slider.slider
    QApplication.sendEvent(slider, wheel(slider))
    assert page.viewpoint_state() == kept, "the wheel scrolls the list"
    story("remove all", steps.rows[0].remove.click)
    story("as it was", page.restore, kept)
    assert explorer.state.steps
    return story.lines


def wheel(widget):
    """The event of a wheel turned over a widget."""
    middle, none = QPointF(widget.rect().center()), Qt.KeyboardModifier.NoModifier
    return QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip


def mapped(story, page):
    """What can be done with a map."""
    plot, atlas = page.plot, page.atlas
    at = [tuple(map(float, place)) for place in atlas.points.places[page.boxes.method.currentText()]]
    story("point at an image", point_at, plot, *at[2])
    story("point beside", point_at, plot, 1e6, 1e6)
    story("click one", click_at, plot, *at[3])
    story("the other map", page.boxes.method.setCurrentIndex, 1 - page.boxes.method.currentIndex())
    for box in (page.boxes.colouring, page.boxes.states, page.boxes.classes):
        for k in [*range(1, min(box.count(), 5)), 0]:
            story(f"{box.accessibleName()}: {box.itemText(k)}", box.setCurrentIndex, k)
    story("draw around all", draw, plot, (-999, -999), (999, -999), (999, 999), (-999, 999))
    story("click a thumbnail", lambda: page.list.list.itemClicked.emit(page.list.list.item(2)))
    story("the first", key, page.list.list, Qt.Key.Key_Home)
    story("Space is the window's", key, page.list.list, Qt.Key.Key_Space)
    story("choose it", key, page.list.list, Qt.Key.Key_Return)
    story("come nearer", key, plot, Qt.Key.Key_Plus)
    nearer = plot.viewRange()
    story("show all of it", story.window.commands["fit"].trigger)
    assert plot.viewRange() != nearer
    with pytest.raises(InputError, match="the state of the atlas is damaged"):
        page.restore({"atlas": []})
    story("dark", story.window.commands["theme-dark"].trigger)
    story("light", story.window.commands["theme-light"].trigger)
    story("a lasso", page.tools[Tool.LASSO].click)
    story("pick nothing", page.clear.click)
    story("what was chosen", page.restore, {"atlas": {"colours": page.boxes.colouring.itemText(2), "class": "none"}})
    return story.lines

"""What somebody does on the pages of runs, and all that it changes, as it was last recorded with `make frozen`."""

import made_up_runs
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from stories import LEFT, RIGHT, click_at, click_cell, click_title, click_twice, draw, key, leave, point_at

from tfstab.gui.content.viewpoint import Viewpoint
from tfstab.gui.widgets.pick_box import Tool


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs of four images with given predictions: a search, a sweep, and others to compare them with."""
    folder = tmp_path_factory.mktemp("stories")
    for name in ("search", "search2"):
        made_up_runs.search(folder / name)
    for name in ("sweep", "other"):
        made_up_runs.sweep(folder / name)
    return folder


@pytest.fixture
def begin(open_window, settle, story_of):
    """begin(*run folders, view=title) opens them, shows a view of the first, and begins a story."""

    def begin_(*folders, view):
        window = open_window(*folders)
        window.controller.select(window.controller.sessions[0])
        settle(window)
        window.page().tabs.show_view(view)
        return story_of(window)

    return begin_


def test_points(frozen, begin, made, settle):
    story = begin(made / "sweep", made / "other", made / "search", view="Scatter")
    page, session = story.window.page(), story.window.controller.current
    plot, filters, commands = page.scatter, page.filters, story.window.commands
    points = session.points
    x, y = float(points.psnr[3]), float(points.score[3])
    story("point at a degraded image", point_at, plot, x, y)
    story("point beside it", point_at, plot, x, y + 0.3)
    story("leave", leave, plot)
    story("click it", click_at, plot, x, y)
    story("click beside it", click_at, plot, x, y + 0.3)
    story("click it with the other button", click_at, plot, x, y, RIGHT)
    story("come nearer", key, plot, Qt.Key.Key_Plus)
    story("move", key, plot, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    story("double-click", click_twice, plot, x, y + 0.2)
    story("mark", key, story.window, Qt.Key.Key_M)
    story("choose a severity", filters.severities.setCurrentIndex, 2)
    story("choose a predicted class", filters.predicted.setCurrentIndex, 1)
    story("the other severity", filters.severities.setCurrentIndex, 1)
    story("show all", filters.clear.click)
    story("type an image", lambda: (QTest.keyClicks(filters.image, "3"), key(filters.image, Qt.Key.Key_Return)))
    story("clear it", filters.image.clear)
    story("only high scores", filters.low.setValue, 0.7)
    story("only middling ones", filters.high.setValue, 0.8)
    story("show all again", commands["show-all"].trigger)
    story("the next class", commands["next-class"].trigger)
    story("and the next", commands["next-class"].trigger)
    story("without those wrong when clean", filters.clean_wrong.click)
    story("all classes", commands["next-class"].trigger)
    multiples = page.scatter_page.multiples
    story("go to a class", key, multiples, Qt.Key.Key_End)
    story("to the first", key, multiples, Qt.Key.Key_Home)
    story("Space is the window's", key, multiples, Qt.Key.Key_Space)
    story("choose it", key, multiples, Qt.Key.Key_Return)
    story("the one before", commands["previous-class"].trigger)
    story("all classes from the list", filters.classes.setCurrentIndex, 3)
    story("click a class", click_cell, multiples, 0)
    (choice,) = page.compare.choices.values()
    assert not page.compare.refused, "a search is no sweep"
    story("compare", choice.trigger)
    (other,) = page.scatter_page.beside.plots
    story("point at an image of the other run", point_at, other, x, y)
    story("leave it", leave, other)
    story("the tool for a rectangle", page.scatter_page.tools[Tool.RECTANGLE].click)
    story("draw it", draw, plot, (30, 0.5), (41, 0.5), (41, 0.7), (30, 0.7))
    story("go back", page.tabs.show_view, "Scatter")
    story("the tool for a lasso", page.scatter_page.tools[Tool.LASSO].click)
    story("draw around", draw, plot, (20, 0.6), (30, 0.6), (30, 0.8), (20, 0.8))
    story("pick nothing", commands["pick-nothing"].trigger)
    story("go back again", page.tabs.show_view, "Scatter")
    story("dark", commands["theme-dark"].trigger)
    story("light", commands["theme-light"].trigger)
    frozen("story-points", story.lines)
    here = story.window.controller.current
    click_at(other, x, y)
    settle(story.window)
    there = story.window.controller.current
    assert there is not here and there.path.name == "other" and there.mark_key == points.key(3)


def test_the_table_of_points(frozen, begin, made):
    story = begin(made / "sweep", made / "other", view="Misclassifications")
    page, session = story.window.page(), story.window.controller.current
    commands, points = story.window.commands, page.points_page
    table = points.table
    story("click a row", click_cell, table, 1, 3)
    story("one further down", key, table, Qt.Key.Key_Down)
    story("the next", commands["next"].trigger)
    story("by PSNR", click_title, table, 9)
    story("the other way round", click_title, table, 9)
    story("as before", click_title, table, 9)
    story("two rows", lambda: (click_cell(table, 0), key(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)))
    story("mark them", commands["mark"].trigger)
    story("tag them", session.marks.tag, list(table.selected_keys()), "odd")
    story("tag again", commands["tag-again"].trigger)
    story("undo", commands["undo"].trigger)
    story("a note", table.model().setData, table.model().index(2, 12), " strange ")
    story("marked only", points.marked.click)
    story("also the others", points.marked.click)
    story("with the tag", lambda: (points.tags.setCurrentIndex(1), points.tags.activated.emit(1)))
    story("any tag", lambda: (points.tags.setCurrentIndex(0), points.tags.activated.emit(0)))
    story("correct ones too", points.correct.click)
    story("copy", lambda: QTest.keySequence(table, QKeySequence.StandardKey.Copy))
    story("by image", points.groups.setCurrentIndex, 1)
    story("open a group", click_cell, table, 0, 1)
    story("a row of it", click_cell, table, 1, 4)
    story("close it", key, table, Qt.Key.Key_Up)
    story("with the key", key, table, Qt.Key.Key_Return)
    story("open all", points.fold.click)
    story("close all", points.fold.click)
    story("by classes", points.groups.setCurrentIndex, 2)
    story("by sigma", points.groups.setCurrentIndex, 3)
    story("an image of a closed group", session.select, 3)
    (choice,) = page.compare.choices.values()
    story("compare", choice.trigger)
    story("lost here", points.against.setCurrentIndex, 1)
    story("wrong in both", points.against.setCurrentIndex, 3)
    story("all of them", points.against.setCurrentIndex, 0)
    story("not in groups", points.groups.setCurrentIndex, 0)
    header = table.horizontalHeader()
    for column in (8, 10):
        table.scrollTo(table.model().index(0, column))
        at = QPoint(header.sectionViewportPosition(column) + 3, 3)
        story("what a column is", header.customContextMenuRequested.emit, at)
    runs = story.window.run_list.list
    middle = runs.visualItemRect(runs.item(1)).center()
    story("what can be done with a run", runs.customContextMenuRequested.emit, middle)
    story("and beside all", runs.customContextMenuRequested.emit, QPoint(5, 2000))
    story("ask for a note", commands["note"].trigger)
    story("ask for a tag", commands["tag"].trigger)
    story("nothing of this class", page.filters.predicted.setCurrentIndex, 3)
    story("show all", commands["show-all"].trigger)
    frozen("story-table", story.lines)


def test_metrics_and_galleries(frozen, begin, made):
    story = begin(made / "sweep", made / "other", view="Metrics")
    page, commands = story.window.page(), story.window.commands
    metrics, gallery = page.metrics, page.gallery
    curve, line = metrics.accuracy, metrics.accuracy.lines[0][0]
    story("point at the curve", point_at, curve, float(line.xData[1]), float(line.yData[1]))
    story("leave it", point_at, curve, 1e6, 0)
    story("come nearer", key, curve, Qt.Key.Key_Plus)
    story("show all of it", commands["fit"].trigger)
    story("at one sigma", metrics.severities.setCurrentIndex, 2)
    story("only those right when clean", metrics.clean_correct.click)
    story("by recall", click_title, metrics.classes, 3)
    story("the other way round", click_title, metrics.classes, 3)
    story("unsorted", click_title, metrics.classes, 3)
    story("confusions", metrics.tabs.show_view, "Confusion")
    view = metrics.confusion.views[0]
    story("explain", metrics.help.click)
    view.setCurrentIndex(view.model().index(0, 0))
    story("go to a cell", key, view, Qt.Key.Key_Right)
    story("Space is the window's", key, view, Qt.Key.Key_Space)
    story("choose it", key, view, Qt.Key.Key_Return)
    story("go back", page.tabs.show_view, "Metrics")
    story("click another", click_cell, view, 1, 1)
    story("and again", page.tabs.show_view, "Metrics")
    story("weakest images", metrics.tabs.show_view, "Weakest images")
    story("explain", metrics.help.click)
    story("by the share", click_title, metrics.weakest, 5)
    story("one of them", click_cell, metrics.weakest, 1)
    story("the next", key, gallery.list, Qt.Key.Key_Right)
    story("by another order", gallery.sorting.setCurrentIndex, 2)
    story("the other way round", gallery.descending.click)
    story("of a class", gallery.classes.setCurrentIndex, 1)
    story("few of them", gallery.only.setCurrentIndex, 2)
    story("none", gallery.only.setCurrentIndex, 1)
    story("of all classes", gallery.classes.setCurrentIndex, 0)
    story("all", gallery.only.setCurrentIndex, 0)
    story("degraded ones", gallery.showing.setCurrentIndex, 2)
    story("click one", click_cell, gallery.list, 2)
    story("larger", gallery.side.setValue, 100)
    kept = story.window.page().viewpoint()
    story("as at first", gallery.restore, {"gallery": {"only": "all", "sort": gallery.sorting.itemText(0), "size": 56}})
    (choice,) = page.compare.choices.values()
    story("compare", choice.trigger)
    story("its tables", page.tabs.show_view, "Metrics")
    story("the pairs", metrics.tabs.show_view, "Comparison")
    story("what was before", story.window.controller.visit, kept)
    story("Space is the window's", key, gallery.list, Qt.Key.Key_Space)
    nowhere = Viewpoint(kept.run, "Nowhere", {})
    story("a view that there is not", story.window.controller.visit, nowhere)
    damaged = Viewpoint(kept.run, "Metrics", {"metrics": {"table": "none"}})
    story("a damaged view", story.window.controller.visit, damaged)
    story("back", commands["back"].trigger)
    story("refresh", commands["refresh"].trigger)
    frozen("story-metrics", story.lines)


def test_the_images_of_a_search(frozen, begin, made):
    story = begin(made / "search", made / "search2", view="Images")
    page, commands = story.window.page(), story.window.commands
    strip, triple, replay = page.strip, page.triple, page.history.replay
    story("click an image", click_cell, strip, 1)
    story("the last", key, strip, Qt.Key.Key_End)
    story("the second", click_cell, strip, 1)
    story("the one before", commands["previous"].trigger)
    story("at a pixel", lambda: triple.clean._hover(triple.clean.view.mapViewToScene(QPointF(1.5, 2.5))))
    story("beside the image", lambda: triple.clean._hover(triple.clean.view.mapViewToScene(QPointF(-1.5, 2.5))))
    story("leave it", leave, triple.noise.graphics)
    story("less gain", triple.controls.slider.setValue, 10)
    story("true scale", triple.controls.true_scale.click)
    story("fit", triple.controls.fit.click)
    story("not fit", triple.controls.fit.click)
    story("copy the noise", triple.noise.copy_action.trigger)
    story("copy them all", commands["copy-images"].trigger)
    story("the first generation", replay.slider.setValue, 1)
    story("at a curve", point_at, page.history.norm, 1.1, 14.5)
    story("away from it", point_at, page.history.norm, 1e6, 0)
    story("the last generation", replay.slider.setValue, 2)
    story("play", replay.play.click)
    story("play on", replay._advance)
    for _ in range(200):
        replay._advance()
    story("to the end", replay._advance)
    story("mark it", commands["mark"].trigger)
    session = story.window.controller.current
    story("write a note", lambda: session.marks.write(session.mark_key, "odd"))
    story("that is wrong when clean", click_cell, strip, 3)
    story("undo", commands["undo"].trigger)
    story("redo", commands["redo"].trigger)
    gallery = page.gallery
    story("a gallery", page.tabs.show_view, "Gallery")
    story("click one", click_cell, gallery.list, 0)
    story("sorted", gallery.sorting.setCurrentIndex, 2)
    story("degraded", gallery.showing.setCurrentIndex, 1)
    story("few", gallery.only.setCurrentIndex, 1)
    frozen("story-search", story.lines)


def test_the_results_of_a_search(frozen, begin, made):
    story = begin(made / "search", made / "search2", view="Results")
    page, commands, session = story.window.page(), story.window.commands, story.window.controller.current
    results, table = page.results, page.results.table
    story("by norm", click_title, table, 6)
    story("the other way round", click_title, table, 6)
    story("unsorted", click_title, table, 6)
    story("two rows", lambda: (click_cell(table, 0), key(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)))
    story("mark them", commands["mark"].trigger)
    story("tag them", session.marks.tag, [(2,), (3,)], "odd")
    story("copy them", lambda: QTest.keySequence(table, QKeySequence.StandardKey.Copy))
    story("the tagged ones", lambda: (results.tags.setCurrentIndex(1), results.tags.activated.emit(1)))
    story("all", lambda: (results.tags.setCurrentIndex(0), results.tags.activated.emit(0)))
    story("few", results.restore, {"results": {"low": 10.0, "high": 20.0}, "results-tag": "odd"})
    story("show all", results.all.click)
    story("any tag", results.restore, {"results-tag": ""})
    story("a tag that no image has", results.restore, {"results-tag": "none"})
    story("any tag again", results.restore, {"results-tag": ""})
    header = table.horizontalHeader()
    at = header.sectionViewportPosition(7) + 3
    story("what L2 is", lambda: header.customContextMenuRequested.emit(QPoint(at, 3)))
    (choice,) = page.compare.choices.values()
    story("compare", choice.trigger)
    story("the next", commands["next"].trigger)
    story("an overview", page.tabs.show_view, "Overview")
    overview = page.overview
    story("at a bin", point_at, overview.histogram, 14.0, 0.5)
    story("beside all", point_at, overview.histogram, -5.0, 0.5)
    story("at a class", point_at, overview.boxes, 14.0, 0)
    story("no longer compared", choice.trigger)
    story("at the same bin", point_at, overview.histogram, 14.0, 0.5)
    for number in overview.numbers:
        story.leads(f"click {number.caption!r}", number.click)
    story.leads("images of a class", overview.boxes.class_asked.emit, 0)
    story.leads("an image", overview.boxes.image_asked.emit, 3)
    story.leads("a dot", click_at, overview.boxes, 14.4, 1)
    story.leads("beside the dots", click_at, overview.boxes, 3.0, 1)
    story.leads("a bin", click_at, overview.histogram, 14.4, 0.2)
    story.leads("a range", overview.histogram.range_asked.emit, 10.0, 20.0)
    story.leads("a cell", click_cell, overview.matrix, 0, 1)
    for block in (overview.histogram_block, overview.boxes_block, overview.pairs, overview.weakest):
        story.leads(f"more of {block.title.text()!r}", block.link.click)
    tile = overview.pairs.tiles[0]
    below = QPoint(tile.width() // 2, tile.height() - 4)
    story.leads("the lines of a pair", lambda: QTest.mouseClick(tile, LEFT, pos=below))
    for picture in tile.pictures:
        story.leads(f"a picture: {picture.tip}", picture.do)
    story.leads("a weak image", lambda: key(overview.weakest.tiles[0], Qt.Key.Key_Space))
    frozen("story-results", story.lines)

"""A picture of one's own in the explorer: dropped on the window, made right by sliders, and left again."""

from pathlib import Path

import numpy as np
import numpy_runs
from child_answers import answer_asked
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QGraphicsView, QMessageBox, QStyle

from tfstab import SweepConfig, inspect_picture
from tfstab.datasets.resize import Resize
from tfstab.gui.content.own_picture import resized
from tfstab.gui.content.scripts import python_of
from tfstab.gui.jobs.questions import Answer, AskOrder
from tfstab.gui.jobs.verdict import verdict


def drop(widget, path):
    """Drag a file to a widget and drop it; return whether it is taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    given = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), *given)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(9, 9), *given))
    return enter.isAccepted()


def test_a_picture_dropped_on_the_window_of_a_run_is_explored(open_window, tmp_path, qtbot, settle):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80, 10), copies=1))
    window = open_window(run.path, view="Misclassifications")
    session, page = window.controller.current, window.page()
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "dark.png")
    assert page.tabs.title() == "Misclassifications" and drop(window, tmp_path / "dark.png")
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Reading and scoring dark.png…")
    assert page.tabs.title() == "Explorer"
    orders = window.controller.scorer.process.orders
    qtbot.waitUntil(lambda: any(isinstance(order, AskOrder) and order.question == "scores" for order in orders))


def test_a_picture_of_ones_own_is_explored_spoken_of_and_left(open_window, tmp_path, qtbot, settle):
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80, 10), copies=1))
    window = open_window(run.path, view="Misclassifications")
    session, page, said = window.controller.current, window.page(), window.statusBar().currentMessage
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    session.select((4, 1, 0))
    path, pixels = tmp_path / "bright <b>.png", np.full((6, 12, 3), 230, np.uint8)
    pixels[:, :1] = 0  # cut off by cropping
    Image.fromarray(pixels).save(path)
    window.commands["open-image"].trigger()
    view, process = page.explorer.view, window.controller.scorer.process
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: view.findChild(QMessageBox) is not None)
    box, explorer = view.findChild(QMessageBox), view.explorer
    assert box.informativeText().startswith("Crop: cuts out the largest")
    assert "<b>.png has 12 x 6 pixels, and the images of this run 4 x 4" in box.text() and not view.own.back.isVisible()

    # While it is asked, nothing is read, and a newer picture takes the question's place.
    assert not said() and drop(view, path)
    assert said() == "Reading and scoring bright <b>.png…" and not box.isVisible()
    qtbot.waitUntil(lambda: any(b is not box and b.isVisible() for b in view.findChildren(QMessageBox)))
    box = next(b for b in view.findChildren(QMessageBox) if b.isVisible())
    assert not said()

    def answer():
        """Answer what the child is asked for until the picture has its scores."""
        for order in process.orders[:]:
            if isinstance(order, AskOrder) and order.question == "verdict":
                process.orders.remove(order)
                (part,) = (part for part in verdict(numpy_runs.classifier(), order.arguments) if part is not None)
                process.message.emit(Answer(order.ticket, *part))
            elif isinstance(order, AskOrder) and order.question == "scores":
                process.orders.remove(order)
                scores = numpy_runs.brightness(order.arguments["images"]).astype(np.float32)
                process.message.emit(Answer(order.ticket, "scores", {"scores": scores}))
                process.message.emit(Answer(order.ticket, "", {}, last=True))
        return explorer.followed and explorer.state.own is not None

    next(button for button in box.buttons() if button.text() == "&Crop").click()
    assert said().startswith("Reading and scoring")
    qtbot.waitUntil(answer)
    assert said() == "" and explorer.state.steps == (), "those of the run's copy are not applied to it"
    explorer.add("jpeg")
    explorer.set_severity(0, 10)
    qtbot.waitUntil(answer)
    clean = np.full((4, 4, 1), 230, np.uint8)
    assert np.array_equal(explorer.clean, clean) and explorer.triple.degraded_says.startswith("2, score ")
    named = "Own image bright <b>.png, JPEG compression, quality 10"
    assert view.title.text() == "Own image bright <b>.png" and explorer.triple.title == named and not view.image.text()
    assert view.other.text() == (
        "bright <b>.png, resized to 4 x 4 (crop, bicubic), is a picture of your own. If you know its true class, "
        "choose it above, to see where the prediction is right."
    )
    facts = window.facts.label.text
    assert "Own image bright &lt;b&gt;.png" in facts() and "unknown" in facts()
    assert "Compared with the images of the run" in facts() and "brighter than all" in facts()
    assert "less grainy than all 9" in facts() and "usual" not in facts()
    assert explorer.triple.clean_is == "As given"
    assert not any(word in facts() for word in ("counts as right", "Correct", "Score of the true class")), (
        "nothing is judged"
    )
    assert not any(bar.actual for bar in explorer.triple.bars) and explorer.original.actual is None
    copied = {}
    exec(python_of(page.viewpoint(), session.run).partition("classifier = ")[0], copied)
    assert np.array_equal(copied["degraded"], explorer.degraded)
    window.commands["copy-command"].trigger()
    assert said() == f"Copied: tfstab inspect {run.path} '{path}' --why --resize=crop:4x4", (
        "all degradations are tried on it"
    )
    window.commands["save-table"].trigger()
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "scores.csv"))
    dialog.close()
    row = (tmp_path / "scores.csv").read_text().splitlines()[1]
    assert row.startswith("bright <b>.png,") and ",0,cat,," in row, "no true class"
    # Once the user says what the image shows, it is judged by that.
    said_class = view.own.true_class
    assert [said_class.itemText(k) for k in range(said_class.count())] == ["unknown", "cat [0]", "dog [1]", "2"]
    said_class.setFocus()
    assert not view.answer.isVisible()
    qtbot.keyClick(said_class, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: answer() and view.answer.isVisible())
    found = inspect_picture(numpy_runs.classifier(), path, "cat", run=run, resize="crop")
    assert view.answer.text() == found.verdict.sentence, "as `tfstab inspect` says it"
    assert view.answer.text().endswith(
        "the run has 9 images, too few to say whether the picture is unusual among them."
    )
    assert view.other.text().endswith(
        " You chose its true class, cat. Edit > Copy as command copies a command that tries all degradations on it."
    )
    assert all(fact in facts() for fact in ("Score of the true class", "Correct as given", "Correct when degraded"))
    assert [bar.name for bar in explorer.triple.bars if bar.actual] == ["cat"]
    window.commands["copy-command"].trigger()
    assert said().endswith(" --why --class=cat --resize=crop:4x4")
    qtbot.keyClick(said_class, Qt.Key.Key_Up)
    qtbot.waitUntil(answer)
    assert explorer.original.actual is None and "Correct" not in facts() and not view.answer.isVisible()
    # In another tab, the panel is about the selected image; so it is after a click on the way back.
    page.tabs.show_view("Gallery")
    assert "Image 4" in facts()
    page.tabs.show_view("Explorer")
    assert "Own image" in facts()
    view.own.back.click()
    qtbot.waitUntil(lambda: explorer.made == explorer.state)
    assert view.title.text().startswith("Image 4") and "Image 4" in facts() and not view.own.back.isVisible()
    assert view.other.text() == "" and view.image.text() == "4"
    # A picture of the right size is asked nothing; of what cannot be read, the reason is given.
    Image.fromarray(clean[..., 0]).save(tmp_path / "small.png")
    pane = view.findChild(QGraphicsView).viewport()  # which leaves drops to the page
    assert drop(pane, tmp_path / "small.png")
    qtbot.waitUntil(answer)
    assert explorer.state.own.form is None and np.array_equal(explorer.clean, clean)
    # Nor is one of the same proportions, of which cropping and stretching give the same pixels.
    levels = np.random.default_rng(1).integers(0, 256, (12, 12), np.uint8)
    square = tmp_path / "pictures" / "square.png"
    square.parent.mkdir()
    Image.fromarray(levels).save(square)
    assert drop(pane, square)
    qtbot.waitUntil(lambda: answer() and explorer.state.own.path == square)
    assert not any(b.isVisible() for b in view.findChildren(QMessageBox))
    for way in ("crop", "stretch"):
        same = resized(levels[..., None], Resize((4, 4), way))
        assert np.array_equal(explorer.clean, same), "the same pixels"
    # The next one is looked for beside it, wherever something was saved meanwhile.
    window.commands["save-table"].trigger()
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "scores.csv"))
    dialog.close()
    window.commands["open-image"].trigger()
    dialog = next(d for d in view.findChildren(QFileDialog) if d.isVisible())
    assert Path(dialog.directory().absolutePath()) == square.parent
    dialog.close()
    view.next.click()
    assert explorer.state.own is None and explorer.state.image == 5
    path.write_bytes(b"no picture")
    drop(view, path)
    qtbot.waitUntil(lambda: any("cannot be read as an image" in b.text() for b in window.findChildren(QMessageBox)))
    next(b for b in window.findChildren(QMessageBox) if b.isVisible()).close()
    assert not said()


def test_in_an_assessment_a_picture_is_compared_with_the_images_of_its_largest_run(open_window, tmp_path, qtbot):
    folder, classifier = tmp_path / "assessed", numpy_runs.classifier()
    for name, images in (("fog", 5), ("jpeg", 9)):
        config = SweepConfig(degradation=name, severities=(40,), copies=1)
        numpy_runs.sweep(folder / name, config, data=numpy_runs.dataset(images))
    window = open_window(folder, view="Explorer")
    info = window.controller.current.run.info
    info["model"]["name"], info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    view, process, path = window.page().explorer.view, window.controller.scorer.process, tmp_path / "dark.png"
    Image.fromarray(np.full((4, 4), 60, np.uint8)).save(path)

    def answer():
        answer_asked(process, ("scores", "verdict"))
        return True

    assert drop(view, path)
    qtbot.waitUntil(lambda: answer() and view.explorer.state.own is not None)
    view.own.true_class.setFocus()
    for _ in range(2):
        qtbot.keyClick(view.own.true_class, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: answer() and view.answer.isVisible())
    found = inspect_picture(classifier, path, "dog", run=folder)
    assert view.answer.text() == found.verdict.sentence and "the run has 9 images" in found.verdict.sentence


def test_a_dark_picture_is_made_brighter_and_the_next_one_opened(open_window, tmp_path, qtbot, settle):
    """With the slider and the number of gamma, of which the default severities make images darker."""
    run = numpy_runs.sweep(tmp_path / "run", SweepConfig(degradation="jpeg", severities=(80,), copies=1))
    window = open_window(run.path, view="Explorer")
    session, view, said = window.controller.current, window.page().explorer.view, window.statusBar().currentMessage
    session.run.info["model"]["name"], session.run.info["environment"]["device"] = "mnist-lenet", "CPU"  # it is known
    explorer, process = view.explorer, window.controller.scorer.process

    def answer():
        answer_asked(process)
        return explorer.followed and all(explorer.tracks.found)

    for name, grey in (("dark.png", 60), ("next.png", 70)):
        Image.fromarray(np.full((4, 4), grey, np.uint8)).save(tmp_path / name)
    assert drop(view, tmp_path / "dark.png")
    qtbot.waitUntil(lambda: answer() and explorer.state.own is not None)
    assert not said(), "no degradation is applied"
    view.own.true_class.setFocus()
    for _ in range(2):
        qtbot.keyClick(view.own.true_class, Qt.Key.Key_Down)
    view.steps.adding.setFocus()
    view.steps.adding.setCurrentIndex(view.steps.adding.findText("gamma", Qt.MatchFlag.MatchFixedString) - 1)
    qtbot.keyClick(view.steps.adding, Qt.Key.Key_Down)
    (row,) = view.steps.rows
    slider, number = row.slider.slider, row.number
    assert [flip.text() for flip in row.flips] == ["◀ brighter", "▶ darker"], "before the model has answered"
    qtbot.waitUntil(answer)
    (brighter, darker) = explorer.tracks.found[0]
    assert brighter.flip is not None and brighter.flip < 1 and darker.flip is None
    assert [flip.text() for flip in row.flips] == [
        f"◀ brighter: cat → dog at {brighter.flip:.3g}", "▶ darker: stays cat up to 6",
    ]  # fmt: skip
    assert "predicted class" not in view.steps.legend.text() and "misclassified" in view.steps.legend.text()

    # A number below the neutral one moves the slider to the left, and the prediction becomes right.
    assert (slider.value(), number.value()) == (0, 1)
    number.selectAll()
    qtbot.keyClicks(number, "0.5")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(answer)
    assert slider.value() == round(-200 * 0.5 / 0.83) and brighter.flip > 0.5
    assert explorer.triple.degraded_says.startswith("dog, score ")
    copied = {}
    exec(python_of(window.page().viewpoint(), session.run).partition("classifier = ")[0], copied)
    assert np.array_equal(copied["degraded"], explorer.degraded)

    # By keys and by the mouse, which finds the neutral severity in the middle again.
    slider.setFocus()
    for key, severity in ((Qt.Key.Key_Home, 0.17), (Qt.Key.Key_End, 6), (Qt.Key.Key_Home, 0.17)):
        qtbot.keyClick(slider, key)
        assert number.value() == severity == explorer.state.steps[0].severity
    middle, height = slider.width() / 2, slider.height() / 2
    handle = slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, slider)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPointF(handle / 2, height).toPoint())
    for x in (middle / 2, middle - 1):
        qtbot.mouseMove(slider, QPointF(x, height).toPoint())
    assert explorer.state.steps[0].severity == 1 and slider.value() == 0
    qtbot.mouseMove(slider, QPointF(middle * 1.5, height).toPoint())
    assert explorer.state.steps[0].severity > 2
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPointF(middle * 1.5, height).toPoint())

    # The next picture is degraded in the same way: that is said, and the slider agrees with it.
    number.setValue(0.5)
    qtbot.waitUntil(answer)
    assert drop(view, tmp_path / "next.png")
    qtbot.waitUntil(lambda: answer() and explorer.state.own.path.name == "next.png")
    assert said() == "The degradations are still applied: gamma, exponent 0.5."
    (row,) = view.steps.rows
    assert row.number.value() == 0.5 and row.slider.slider.value() == round(-200 * 0.5 / 0.83)
    kept = window.page().viewpoint()
    row.number.setValue(3)
    qtbot.waitUntil(lambda: not said())
    window.controller.visit(kept)
    settle(window)
    assert view.steps.rows[0].slider.slider.value() == round(-200 * 0.5 / 0.83), "the severity says the direction"

    # That degradations are still applied is said only while it is so; what is said since then stays.
    assert drop(view, tmp_path / "next.png")
    qtbot.waitUntil(lambda: answer() and explorer.state.own is not None)
    for name, since in (("dark.png", ""), ("next.png", "Something else.")):
        if not explorer.state.steps:
            explorer.add("gamma")
            explorer.set_severity(0, 3)
        assert drop(view, tmp_path / name)
        qtbot.waitUntil(lambda name=name: answer() and explorer.state.own.path.name == name)
        assert said().startswith("The degradations are still applied: gamma, exponent ")
        if not since:
            window.page().tabs.show_view("Gallery")
            assert not said(), "it is not about what is in view"
            window.page().tabs.show_view("Explorer")
            settle(window)
            assert not said()
        else:
            window.controller.said.emit(since)
        qtbot.mouseClick(view.steps.rows[0].remove, Qt.MouseButton.LeftButton)
        assert not explorer.state.steps and said() == since
        qtbot.waitUntil(answer)

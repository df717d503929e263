"""A model of one's own from the window, by hand: trusted, its classes imported, its inputs as it wants them."""

import os

import keras
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from tfstab import load_classifier, open_run
from tfstab.gui.jobs.job import State
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.widgets.jobs.new_run_dialog import NewRunDialog
from tfstab.runs.known_models import find_model

LEFT = Qt.MouseButton.LeftButton
MODULE = """
import keras

@keras.saving.register_keras_serializable("viewer_test")
class OnlyUnit(keras.layers.Layer):
    def call(self, x):  # as it is from 0 to 1, black from 2 on
        relu = keras.ops.relu
        return relu(x) - 2 * relu(x - 1) + relu(x - 2)
"""


@pytest.fixture
def no_child(forked_child):
    """The child process is the real one."""


@pytest.fixture
def window(window_with_jobs):
    return window_with_jobs


@pytest.fixture
def model(tmp_path):
    """An HDF5 file of a digits' network in 0..1 with a layer of its own, which my_layers.py beside it registers."""
    (tmp_path / "my_layers.py").write_text(MODULE)
    made = {}
    exec(MODULE, made)
    trained = load_classifier("mnist-lenet").model.layers[1:]  # without its rescaling
    keras.Sequential([keras.Input((28, 28, 1)), made["OnlyUnit"](), *trained]).save(tmp_path / "mine.h5")
    keras.saving.get_custom_objects().pop("viewer_test>OnlyUnit")
    return tmp_path / "mine.h5"


def choose_file(dialog, ask, path):
    """What a person does with a file dialog."""
    ask()
    (files,) = [d for d in dialog.findChildren(QFileDialog) if d.isVisible()]
    files.setDirectory(str(path.parent))
    files.selectFile(str(path))
    files.accept()


def test_a_model_is_trusted_imported_and_preprocessed(window, model, qtbot, settle):
    jobs = window.controller.jobs
    dialog = window.ask_for_new_run()
    own = dialog.own_model
    assert not own.isVisible() and dialog.order().options == {}
    choose_file(dialog, dialog.model.browse.menu().actions()[0].trigger, model)
    assert own.isVisible() and dialog.model.value == str(model) and dialog.data.value == ""
    dialog.data.choose("mnist-5k")
    assert dialog.order().model == str(model) and dialog.order().options == {}
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: "can run any code" in dialog.problem.text())
    qtbot.mouseClick(own.trust, LEFT)
    choose_file(dialog, lambda: qtbot.mouseClick(own.browse, LEFT), model.with_name("my_layers.py"))
    dialog.limit.setValue(40)
    dialog.kinds.buttons["sweep"].click()
    dialog.kinds.parts["sweep"].severities.setText("5, 60")
    dialog.kinds.parts["sweep"].copies.setValue(5)
    modules = [str(model.with_name("my_layers.py"))]
    assert dialog.order().options == {"trust": True, "imports": modules}
    qtbot.mouseClick(dialog.start, LEFT)

    # It does not get what it wants, which is said and filled in; the next run gets it.
    qtbot.waitUntil(lambda: [job.state for job in jobs.jobs] == [State.FAILED])
    (wrong,) = jobs.jobs
    row = window.jobs_panel.rows[wrong]
    said = row.state.text()
    assert "Accuracy is" in said and 'Use "unit" in the field Preprocessing' in said and 'tick "As is"' in said
    (error,) = (box for box in window.findChildren(QMessageBox) if box.isVisible())
    assert row.edit.isVisible() and QApplication.activeModalWidget() is error, "the row cannot be clicked"
    qtbot.mouseClick(next(button for button in error.buttons() if button.text() == "&Edit and retry…"), LEFT)
    assert not error.isVisible()
    dialog = next(d for d in window.findChildren(NewRunDialog) if d.isVisible() and d is not dialog)
    assert dialog.own_model.preprocess.accessibleDescription() == said.partition(": ")[2]
    qtbot.mouseClick(dialog.failure.use, LEFT)
    dialog.kinds.parts["sweep"].copies.setValue(40)
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: [job.state for job in jobs.jobs] == [State.RUNNING])
    (right,) = jobs.jobs
    qtbot.mouseClick(window.jobs_panel.rows[right].cancel, LEFT)
    qtbot.waitUntil(lambda: right.state is State.STOPPED)
    options = {"preprocess": "unit", "trust": True, "imports": modules}
    assert right.order.options == options
    qtbot.mouseClick(window.jobs_panel.rows[right].resume, LEFT)
    qtbot.waitUntil(lambda: right.state is State.FINISHED)
    run = open_run(right.out)
    assert run.info["model"]["preprocess"] == "unit" and run.clean.correct.mean() > 0.9 and not right.remarks

    # Its points are scored by the same, as long as the file is the one that was trusted.
    described = run.info["model"]
    assert find_model(described) == (str(model), options)
    answers, image = [], int(run.clean.indices[3])
    window.controller.scorer.score(described, run.degraded_image(image, 1, 7)[None], answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].argmax() == run.sample(image, 1, 7)["predicted"]
    os.utime(model, ns=(0, 0))
    assert find_model(described) == (str(model), options), "its content is the same"
    with model.open("ab") as file:
        file.write(b"more")
    assert find_model(described) is None


def test_the_options_are_there_after_a_restart(window, model):
    jobs, options = window.controller.jobs, {"trust": True, "preprocess": "unit", "imports": ["nowhere"]}
    dialog = window.ask_for_new_run()
    dialog.model.choose(str(model))
    dialog.data.choose("mnist-5k")
    dialog.own_model.trust.click()
    dialog.own_model.imports.setText("nowhere")
    texts = dialog.own_model.preprocess
    texts.setCurrentIndex(texts.findData("none"))
    assert dialog.order().options == options | {"preprocess": "none"}, (
        "the file beside the model may say something else"
    )
    texts.setCurrentIndex(texts.findData("unit"))
    size, room = dialog.size(), dialog.screen().availableGeometry()
    assert size.width() <= 1366 / 1.5 and size.height() < room.height(), "with all fields, on a small screen at 150 %"
    assert texts.view().minimumWidth() > max(
        texts.fontMetrics().horizontalAdvance(texts.itemText(k)) for k in range(texts.count())
    )
    order = dialog.order()
    assert order.options == options
    jobs.add(order)
    jobs.shut_down()
    (again,) = JobQueue(window.controller.settings).jobs
    assert again.order.options == options

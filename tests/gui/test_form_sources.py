"""The parts of the form of a new run that choose what it is about, each by itself and without a window."""

from pathlib import Path

import numpy as np
from doubles import AtOnce, Held, heard
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from tfstab.gui.jobs.preview import SHOWN, Preview
from tfstab.gui.widgets.jobs.model_settings import ModelSettings
from tfstab.gui.widgets.jobs.preview_strip import PreviewStrip
from tfstab.gui.widgets.jobs.runs_picker import RunsPicker
from tfstab.gui.widgets.jobs.source_picker import SourcePicker, shown
from tfstab.gui.widgets.jobs.subject_form import SubjectForm
from tfstab.gui.widgets.jobs.task_picker import TaskPicker

# --- model and images ---


def test_options_of_a_model_that_are_not_known_are_left_at_their_defaults(show):
    form = show(ModelSettings())
    options = {"preprocess": "unit", "outputs": "logits", "trust": True, "imports": ["a", "b.py"], "classes": "x,y"}
    options |= {"threshold": 0.3}
    form.fill(options)
    assert form.options == options
    form._add_module("c.py")
    assert form.options["imports"] == ["a", "b.py", "c.py"]
    form.threshold.setText("0,3")
    assert form.options["threshold"] == "0,3", "it is refused with what was typed"
    form.fill({"preprocess": "gone", "outputs": "gone"})
    assert form.options == {} and (form.preprocess.currentIndex(), form.outputs.currentIndex()) == (0, 0)
    form._add_module("c.py")
    assert form.options == {"imports": ["c.py"]}


def test_a_mean_and_standard_deviation_are_typed_in_a_field_of_their_own(show):
    form = show(ModelSettings())
    told = heard(form.changed)
    assert not form.own_scale.isVisible()
    form.fill({"preprocess": "mean=76/std=66"})
    assert form.own_scale.isVisible() and form.options == {"preprocess": "mean=76/std=66"}
    form.own_scale.setText(" unit/mean=0.5/std=0.25 ")
    assert form.options == {"preprocess": "unit/mean=0.5/std=0.25"} and len(told) == 3
    form.own_scale.clear()
    assert form.options == {"preprocess": "mean="}, "which is refused, so that nobody runs without it"
    form.fill(form.options)
    assert form.own_scale.isVisible() and form.own_scale.text() == ""
    form.fill({"preprocess": "unit"})
    assert not form.own_scale.isVisible() and form.options == {"preprocess": "unit"}


def test_a_source_is_listed_once(show):
    picker = show(SourcePicker("Data", [("mnist-5k", "digits"), ("cifar10", "pictures")]))
    told = heard(picker.changed)
    tip = Qt.ItemDataRole.ToolTipRole
    for value in ("cifar10", "mnist-5k", "folder:/a/b/c", "cifar10"):
        picker.choose(value)
        assert picker.value == value
    assert picker.list.count() == 3 and len(told) == 4
    assert [picker.list.itemData(k, tip) for k in range(3)] == ["digits", "pictures", "folder:/a/b/c"]
    picker.choose("")
    assert picker.value == "" and picker.list.placeholderText() == "Choose the data…" and len(told) == 5
    assert picker.list.toolTip() == ""
    assert [shown(path) for path in ("a/b/c", "/a/b/c", "folder:C:\\a\\b\\c\\", "images:/a/b.png", "x/folder:")] == [
        "a/b/c", "…/b/c", "classes in …/b/c", "images: /a/b.png", "x/folder:",
    ]  # fmt: skip


def test_the_size_of_images_is_chosen_or_typed(show):
    parent = show(QWidget())
    form = SubjectForm(Held(), parent)
    assert form.images == {"split": "test", "limit": None, "images": None, "resize": None, "damaged": None}
    for way in ("crop", None, "stretch", "crop:224", "stretch:bilinear", None):
        form.resize_to(way)
        assert form.images["resize"] == way
    assert form.resizing.currentText() == "unchanged"
    form.data.choose("images:/a/b")
    assert form.resizing.currentText() == "stretched if needed" and form.images["resize"] is None
    form.resize_to("crop:224")
    form.data.choose("mnist-5k")
    assert form.resizing.currentText() == form.images["resize"] == "crop:224"
    form.resize_to(None)
    assert form.resizing.currentText() == "unchanged" and form.images["resize"] is None
    given = {"split": "train", "limit": 9, "images": "1:3", "resize": "crop", "damaged": "skip"}
    form.fill(given, {})
    assert form.images == given
    form.fill({}, {})
    assert form.images == given | dict.fromkeys(("images", "resize", "damaged"))
    form.model.choose("my.keras")
    form.fill({"limit": None}, {"classes": "a,b"})
    assert form.images["limit"] is None and form.options == {"classes": "a,b"}


def test_the_splits_of_the_data_are_offered(show, tmp_path):
    for name in ("own/train/cat", "own/val/cat", "own/val/dog", "classes/train", "classes/car"):
        (tmp_path / name).mkdir(parents=True)
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / name / "1.png")
    parent = show(QWidget())
    form = SubjectForm(AtOnce(), parent)
    changed = heard(form.changed)

    def offered(data):
        form.data.choose(data)
        form.preview._timer.timeout.emit()
        return [form.split.itemText(place) for place in range(form.split.count())]

    form.fill({"split": "val"}, {})
    assert form.images["split"] == "val", "that of a run, before it is known which ones the data have"
    assert offered(f"folder:{tmp_path / 'own'}") == ["val", "train"] and form.images["split"] == "val"
    form.fill({"split": "test"}, {})
    told = len(changed)
    assert offered(f"folder:{tmp_path / 'own'}") == ["val", "train"] and form.images["split"] == "val"
    assert len(changed) > told, "there is no test split, so another preview is asked for"
    form.preview._timer.timeout.emit()
    assert form.preview.text.text().startswith("2 images in 2 classes")
    form.split.setCurrentText("train")
    assert offered("mnist-5k") == ["test"] and form.images["split"] == "test"
    assert offered(f"folder:{tmp_path / 'classes'}") == ["test", "train"], "train is one of two classes"
    assert form.images["split"] == "test"


def test_images_that_the_model_was_probably_trained_on_are_noted_before_the_start(show, tmp_path):
    for folder in ("test", "train"):
        (tmp_path / folder / "cat").mkdir(parents=True)
        Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / folder / "cat" / "1.png")
    parent = show(QWidget())
    form, said = SubjectForm(AtOnce(), parent), {}
    for model, folder in (("mnist-lenet", "train"), ("mnist-lenet", "test"), ("", "train")):
        form.model.choose(model)
        form.data.choose(f"folder:{tmp_path / folder}")
        form.preview._timer.timeout.emit()
        said[model, folder] = form.preview.text.text().partition("\n")[2]
    assert said.pop(("mnist-lenet", "train")) == (
        "These may be training images, as their folder is called train. If the model was trained on them, it looks "
        "more accurate than it is, and its stability may look higher or lower: use images that it has not seen."
    )
    assert set(said.values()) == {""}


def test_fields_that_a_command_does_not_take_are_hidden_and_not_asked_for(show):
    parent = show(QWidget())
    form = SubjectForm(held := Held(), parent)
    form.show()
    assert form.lacks("data") is False and form.lacks("model") is False
    form.model.choose("cifar10-quick")
    form.follow_model()
    assert form.data.value == "cifar10" and not form.own_model.isVisible() and not form.is_own
    form.model.choose("my.keras")
    form.follow_model()
    assert form.own_model.isVisible() and form.is_own and form.lacks("data"), "pictures of cifar10 are no proposal"
    form.data.choose("cifar10")
    form.own_model.classes.setText("a,b")
    assert form.options == {"classes": "a,b"}
    form.model.choose("")
    assert form.lacks("model") and not form.is_own and form.options == {}
    form.model.choose("my.keras")
    form.show_only({"data"})
    fields = (form.model, form.own_model, form._which, form.resizing, form.data, form.preview)
    assert [field.isVisible() for field in fields] == [False, False, False, False, True, True]
    form.follow_model()
    assert not form.own_model.isVisible() and form.options == {}
    form.preview._timer.timeout.emit()
    ((asked, *_),) = held.waiting
    assert asked.args[:2] == ("", "cifar10"), "a model that is not shown is not looked at"
    form.model.choose("")
    assert not form.lacks("model") and form.values == {"data": "cifar10"}
    form.show_only({"model", "limit"})
    assert form.limit.isVisible() and not form.span.isVisible() and not form.split.isVisible()
    assert not form.data.isVisible() and not form.preview.isVisible()
    assert form.images == {"limit": None} and form.field("model") is form.model.list and form.field("seed") is None


def test_a_hardening_says_before_it_starts_which_images_are_set_aside(show, tmp_path):
    pictures = {
        "own/train": 4,
        "own/test": 40,
        "few/train": 4,
        "few/val": 2,
        "many/train": 4,
        "many/val": 5,
        "many/test": 5,
        "loose": 50,
    }
    for name, count in pictures.items():
        for label in ("cat", "dog"):
            (tmp_path / name / label).mkdir(parents=True)
            for number in range(count):
                Image.fromarray(np.full((4, 4), number, np.uint8)).save(tmp_path / name / label / f"{number}.png")
    form = SubjectForm(AtOnce(), parent := show(QWidget()))
    form.model.choose("mnist-lenet")
    own, few, many, loose = (f"folder:{tmp_path / name}" for name in ("own", "few", "many", "loose"))

    def said(data, train, optional=True, field="limit"):
        form.show_only({"model", "data", field}, {"data": "those of Train"} if optional else {})
        form.data.choose(data)
        form.follow_training_images(train)
        form.preview._timer.timeout.emit()
        return form.preview.text.text().partition("\n")[2]

    assert said(own, "", optional=False) == said("", "") == "", "of other tasks, and as long as nothing is chosen"
    for data, train in ((own, ""), (own, loose), ("", own)):
        note = said(data, train)
        assert "About 20 of the test images are set aside" in note and "the model has learned them" in note, data
        assert note.endswith("If Train or Data had a split val, it would be used instead.")
    form.limit.setValue(40)
    assert "About 10 of the test images" in said(own, "")
    form.limit.setValue(0)
    assert "A quarter of the test images, at most 2,000, is set aside" in said("", loose), "of a fifth of its images"
    assert said(own, many).startswith("The split val of Train is used for validation")
    assert said(many, loose).startswith("The split val of Data is used for validation")
    form.fill({"split": "val"}, {})
    note = said(many, "", field="split")
    assert note.startswith("About 2 of the test images are set aside") and "be used" not in note, "they are that split"
    assert said(own, few).endswith("The split val cannot be used: it has only 4 images and needs 5.")
    assert said(str(tmp_path / "none"), own) == "", "the images cannot be read"
    assert parent.isVisible()


def test_first_images_are_shown_until_others_are_asked_for(show):
    strip = show(PreviewStrip(held := Held()))
    asked = heard(strip.resize_asked)
    strip._timer.timeout.emit()
    assert held.waiting == [] and not strip.crop.isVisible() and not strip.problem.isVisible()

    def preview(count, text, problem=""):
        images = np.full((count, 4, 4, 1), 9, np.uint8)
        return Preview(images, tuple(f"class {k}" for k in range(count)), text, problem, bool(problem))

    for count, text, problem in ((3, "three", "too large"), (0, "none", ""), (SHOWN, "all", "")):
        strip.ask(lambda count=count, text=text, problem=problem: preview(count, text, problem))
        strip._timer.timeout.emit()
        assert strip.text.text() == "Reading the images …"
        held.answer()
        assert [picture.isVisible() for picture in strip.pictures] == [True] * count + [False] * (SHOWN - count)
        assert strip.text.text() == text and strip.problem.isVisible() == bool(problem)
        assert strip.crop.isVisible() == strip.stretch.isVisible() == bool(problem)
        if problem:
            strip.crop.click()
            strip.stretch.click()
            assert strip.problem.text() == "⚠  too large" and asked == [("crop",), ("stretch",)]
            assert [picture.toolTip() for picture in strip.pictures[:3]] == ["class 0", "class 1", "class 2"]
    strip.ask(lambda: preview(1, "older"))
    strip._timer.timeout.emit()
    strip.ask(lambda: preview(1, "newer"))
    held.answer()
    assert strip.text.text() == "Reading the images …", "of what was asked for before"
    strip._timer.timeout.emit()
    held.answer()
    assert strip.text.text() == "newer"
    for text in ("first", "second", "third"):
        strip.ask(lambda text=text: preview(1, text))
        strip._timer.timeout.emit()
    held.answer()
    assert len(held.waiting) == 1 and strip.text.text() == "Reading the images …", "the second is never begun"
    held.answer()
    assert held.waiting == [] and strip.text.text() == "third"
    strip.ask(lambda: 1 // 0)
    strip._timer.timeout.emit()
    held.answer()
    strip.ask(lambda: preview(1, "after a failure"))
    strip._timer.timeout.emit()
    held.answer()
    assert strip.text.text() == "after a failure"


def test_images_that_the_user_chose_stay_when_the_model_changes(show):
    parent = show(QWidget())
    form = SubjectForm(Held(), parent)
    for model, data in (("mnist-lenet", "mnist-5k"), ("my.keras", ""), ("cifar10-quick", "cifar10")):
        form.model.choose(model)
        form.follow_model()
        assert form.data.value == data
    form.data.choose("folder:photos")
    for model in ("my.keras", "other.keras", "cifar10-quick", "mnist-lenet"):
        form.model.choose(model)
        form.follow_model()
        assert form.data.value == "folder:photos", "also with a bundled network, to compare on the same images"
    form.data.choose("mnist-5k")
    form.model.choose("cifar10-quick")
    form.follow_model()
    assert form.data.value == "cifar10", "those of the network before"


# --- runs and tasks ---


def test_runs_are_ticked_and_added_once(show):
    picker = show(RunsPicker([("a", Path("/runs/a")), ("b", Path("/runs/b"))]))
    told = heard(picker.changed)
    assert picker.paths == []
    picker.tick([Path("/runs/b"), Path("/else/c")])
    picker.tick([Path("/runs/b")])
    assert picker.paths == ["/runs/b", "/else/c"] and picker.list.count() == 3 and picker.list.item(2).text() == "c"
    count = len(told)
    picker.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert picker.paths == ["/runs/a", "/runs/b", "/else/c"] and len(told) > count
    assert picker.list.item(0).flags() & Qt.ItemFlag.ItemIsUserCheckable
    picker.browse.click()
    (files,) = picker.findChildren(QFileDialog)
    files.fileSelected.emit("/else/d")
    files.close()
    assert picker.paths[3:] == ["/else/d"]


def test_a_task_has_its_settings_and_fields(show):
    tasks = show(TaskPicker())
    chosen, changed = heard(tasks.chosen), heard(tasks.changed)
    assert tasks.kind == "search" and tasks.field("seed") is None and tasks.field("nonsense") is None
    settings, limits = tasks.settings_and_limits()
    assert limits == {} and settings == tasks.part.settings
    tasks.buttons["evaluate"].click()
    assert len(chosen) == 1 and "evaluate" not in tasks.parts
    tasks.show_part()
    assert tasks.stack.currentWidget().isAncestorOf(tasks.part) and tasks.field("nonsense") is None
    name = next(iter(tasks.part.fields))
    assert tasks.field(name) is tasks.part.fields[name].input and not changed
    pages = [tasks.stack.widget(k) for k in range(tasks.stack.count())]
    heights = {page.sizePolicy().verticalPolicy() for page in pages if page is not tasks.stack.currentWidget()}
    assert heights == {QSizePolicy.Policy.Ignored}
    assert tasks.stack.currentWidget().sizePolicy().verticalPolicy() == QSizePolicy.Policy.Preferred
    tasks.offer_classes(["cat", "dog"])
    assert tasks.parts["search"].target.count() == 3


def test_settings_and_limits_of_a_run_are_filled_in(show):
    tasks = show(TaskPicker())
    changed = heard(tasks.changed)
    tasks.fill({"seed": 7, "workers": 2, "beta": 3.5})
    settings, limits = tasks.settings_and_limits()
    assert settings["seed"] == 7 and limits == {"workers": 2} and settings["beta"] == 3.5 and changed

"""Small parts of the viewer by hand: what fails and is tried again, previews of files, paired differences, menus."""

import json
import math
import zipfile
from collections import OrderedDict
from types import SimpleNamespace

import made_up_runs
import numpy as np
import pytest
from doubles import Held
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from made_runs import made_sweep
from tfstab import SweepConfig, open_run
from tfstab.errors import DataError, DiskError, RunError
from tfstab.gui.choice import ChoiceButton, ChoiceToolButton
from tfstab.gui.content.copies import copies_of
from tfstab.gui.content.pair_sentences import sentences_of_searches
from tfstab.gui.content.pairing import Pairing, PairRow
from tfstab.gui.content.points import Cloud
from tfstab.gui.content.saved_views import read_views, write_views
from tfstab.gui.jobs import card as cards
from tfstab.gui.jobs.plan import data_of_folder
from tfstab.gui.jobs.preview import forget, preview_of
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.theme import BAD, GOOD, MIDDLE, PLAIN, tone_colour
from tfstab.gui.widgets.card import layer_rows
from tfstab.gui.widgets.card.layer_rows import LayerRows
from tfstab.gui.widgets.robustness.pair_table import HOW, PairTable
from tfstab.gui.widgets.sweep.scatter_plot import SINGLE, ScatterPlot
from tfstab.metrics.paired import Difference


@pytest.fixture
def held(qapp):
    return Held()


def fail(held):
    """Let the work that waits fail for a reason that nobody expects."""
    _, _, failed = held.waiting.pop(0)
    failed()


def test_pictures_are_asked_for_again_after_a_failure(held, qtbot):
    pictures = LazyPictures(held, lambda key: np.full((1, 1, 1), key, np.uint8))
    pictures.get(1)
    qtbot.waitUntil(lambda: len(held.waiting) == 1)
    fail(held)
    assert pictures.get(1) is None
    qtbot.waitUntil(lambda: len(held.waiting) == 1)
    held.answer()
    assert pictures.get(1).tolist() == [[[1]]]


def test_a_list_is_computed_again_after_a_failure(held, tmp_path):
    session = SweepSession(open_run(made_up_runs.sweep(tmp_path / "sweep")), held)
    held.answer_all()
    session.sort("psnr", True)
    fail(held)
    session.sort("psnr", False)
    held.answer_all()
    assert (np.diff(session.points.psnr[session.view.rows]) >= 0).all() and session.view.settled


def difference(value, low, high):
    return Difference(0.5, 0.5 + value, value, low, high, 20, 0.04)


def test_paired_differences_as_a_table(qtbot):
    table = PairTable()
    qtbot.addWidget(table)
    rows = [
        PairRow("better here", difference(0.2, 0.1, 0.3), sign=1),
        PairRow("worse here", difference(-0.2, -0.3, -0.1), sign=-1),
        PairRow("equal", difference(-1e-17, -0.1, 0.1)),
        PairRow("other", None, "theirs has no sigma in common: sweep both", "theirs has no sigma in common"),
    ]
    fewer = PairRow("equal", difference(-0.2, -0.4, 0.1))  # on other images, on which the own accuracy is another one
    table.set_pairings("own", [Pairing("theirs", rows), Pairing("third", [fewer, rows[3]])])
    reason = "not compared: theirs has no sigma in common"
    texts = [[table.item(y, x).text() if table.item(y, x) else None for x in range(11)] for y in range(4)]
    none, unlike = [None] * 5, "-20.0 (-40.0 to +10.0)"
    assert texts == [
        ["better here", "70.0", "50.0", "+20.0 (+10.0 to +30.0)", "20", "own", *none],
        ["worse here", "30.0", "50.0", "-20.0 (-30.0 to -10.0)", "20", "theirs", *none],
        ["equal", "50.0", "50.0", "+0.0 (-10.0 to +10.0)", "20", "not decided", "30.0", "50.0", unlike, "20",
         "not decided"],
        ["other", "–", reason, None, None, None, "–", reason, None, None, None],
    ]  # fmt: skip
    assert table.columnSpan(3, 2) == table.columnSpan(3, 7) == 4 and table.columnSpan(2, 3) == 1
    titles = [""]
    for name in ("theirs", "third"):
        titles += ["own (%)", f"{name} (%)", f"own minus {name} (points)", "images", "better"]
    heads = [table.horizontalHeaderItem(x) for x in range(11)]
    assert [head.text() for head in heads] == titles and [head.toolTip() for head in heads[:2]] == ["", HOW]
    assert table.sizeHintForColumn(7) < table.fontMetrics().horizontalAdvance(reason), "it is elided instead"

    def looks():
        return [(table.item(y, 3).foreground().color(), table.item(y, 5).font().bold()) for y in range(3)]

    good, bad = (tone_colour(table.palette(), tone) for tone in (GOOD, BAD))
    assert looks()[:2] == [(good, True), (bad, True)] and not looks()[2][1]
    assert looks()[2][0] not in (good, bad)
    assert table.item(0, 3).toolTip() == "p = 0.057" and table.item(3, 2).toolTip() == rows[3].problem
    assert table.item(0, 5).textAlignment() & Qt.AlignmentFlag.AlignLeft
    dark = QPalette(table.palette())
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
        dark.setColor(role, QColor("black"))
    dark.setColor(QPalette.ColorRole.WindowText, QColor("white"))
    table.setPalette(dark)
    assert looks()[0][0] == tone_colour(dark, GOOD)
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    titles, line = (row.split("\t") for row in QApplication.clipboard().text().split("\n"))
    assert titles[5:8] == ["second minus first (points)", "from", "to"]
    assert line[:4] == ["worse here", "theirs", "50.0", "own"]
    assert [float(number) for number in line[5:8]] == pytest.approx([-20, -30, -10])
    table.set_pairings("own", [])
    assert (table.rowCount(), table.columnCount()) == (0, 0) and table.columnSpan(3, 3) <= 1


def test_searches_that_cannot_be_compared_say_why(tmp_path):
    first, other = (open_run(made_up_runs.search(tmp_path / name)) for name in ("one", "two"))
    unlike = made_up_runs.search(tmp_path / "unlike", norm="linf")
    assert sentences_of_searches(first, []) == ""
    said = sentences_of_searches(first, [other, open_run(unlike)]).split("\n")
    assert len(said) == 2 and "McNemar" in said[0] and said[1].endswith("compare searches of the same norm.")


def test_copies_taken_for_more_classes_than_are_told_apart(tmp_path):
    config = SweepConfig(sigmas=(5,), copies=2)
    run = open_run(made_up_runs.sweep(tmp_path / "sweep", config))
    counts = [4, 1, 3, 2, 5, 1]
    measures = SimpleNamespace(entries=lambda severity: (None, np.arange(6), np.array(counts)))
    wide = SimpleNamespace(
        measures_of=lambda image: measures, clean=run.clean, class_names=list("abcdef"), severities=(5.0,),
        config=config, degradation=run.degradation,
    )  # fmt: skip
    copies = copies_of(wide, 2)
    assert copies.names == ("a", "e", "c", "d", "other classes")
    np.testing.assert_allclose(copies.shares, np.array([[4, 5, 3, 2, 2]]) / 16)


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        (((3, 0), (1, 2), (0, 3)), "Most copies are misclassified from sigma 20 on, first as "),
        (((1, 2), (3, 0), (0, 3)), "Most copies are misclassified at 2 of 3 severities, first at sigma 10 as "),
        (((1, 0), (0, 1), (0, 1)), "The copy is misclassified from sigma 20 on, first as "),
        (((0, 1), (1, 0), (1, 0)), "The copy is misclassified at 1 of 3 severities, first at sigma 10 as "),
        (((2, 1), (2, 1), (3, 0)), "Most copies stay right at every severity; the others are mostly taken for "),
        (((3, 2), (5, 0), (4, 1)), "Most copies stay right at every severity; the others are mostly taken for "),
        (
            ((2, 0), (2, 1), (1, 1)),
            "At least half of the copies stay right at every severity; the others are mostly taken for ",
        ),
    ],
)
def test_copies_in_a_sentence(tmp_path, taken, says):
    run = open_run(made_up_runs.sweep(tmp_path / "sweep", SweepConfig(sigmas=(10, 20, 30), copies=3)))
    image = int(run.clean.indices[0])
    actual = int(run.clean.class_index[0])
    wrong = (actual + 1) % len(run.class_names)
    counts = dict(zip(run.severities, taken, strict=True))
    measures = SimpleNamespace(entries=lambda severity: (None, np.array([actual, wrong]), np.array(counts[severity])))
    made = SimpleNamespace(
        measures_of=lambda image: measures, clean=run.clean, class_names=run.class_names, severities=run.severities,
        config=run.config, degradation=run.degradation,
    )  # fmt: skip
    assert copies_of(made, image).says == f"{says}{run.class_names[wrong]}, the second class when clean."


@pytest.mark.parametrize(
    ("image", "says"),
    [(3, "from sigma 10 on, first as fox; dog was second when clean."), (8, "at every severity, too, as cat.")],
)
def test_what_copies_are_taken_for_beside_the_second_class_when_clean(tmp_path, image, says):
    run = open_run(made_up_runs.sweep(tmp_path / "sweep", SweepConfig(sigmas=(10, 20), copies=3)))
    actual, wrong = (0, 2) if image == 3 else (2, 0)
    measures = SimpleNamespace(entries=lambda severity: (None, np.array([actual, wrong]), np.array([1, 2])))
    made = SimpleNamespace(
        measures_of=lambda image: measures, clean=run.clean, class_names=run.class_names, severities=run.severities,
        config=run.config, degradation=run.degradation,
    )  # fmt: skip
    assert copies_of(made, image).says == f"Most copies are misclassified {says}"
    none = SimpleNamespace(entries=lambda severity: (None, np.array([], int), np.array([], int)))
    made.measures_of = lambda image: none
    assert copies_of(made, image) is None, "there are no copies yet"


def test_copies_of_images_that_are_wrong_when_clean_in_a_sentence(tmp_path):
    taken = np.array([[[2, 2], [2, 1]], [[0, 0], [1, 1]], [[0, 0], [0, 0]], [[0, 1], [0, 0]]])
    run = made_sweep(tmp_path / "run", SweepConfig(sigmas=(10, 20), copies=2), taken, clean=[1] * 4)
    assert [copies_of(run, image).says for image in range(4)] == [
        "Most copies are misclassified at every severity, too, mostly as 2.",
        "Most copies are misclassified at 1 of 2 severities, too, as 1.",
        "All copies are right, unlike the clean image.",
        "At least half of the copies are right at every severity; the others are mostly taken for 1.",
    ]


def test_references_of_two_runs_are_kept(monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(cards, "_references", OrderedDict())
    monkeypatch.setattr("tfstab.runs.open_run", lambda folder: SimpleNamespace(clean=folder.name))
    monkeypatch.setattr(
        "tfstab.explanation.degraded_image.Reference", lambda classifier, clean: made.append(clean) or clean
    )
    network = SimpleNamespace(fingerprint="f")
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").touch()
    for name in "abacab":  # c takes the place of b, which was not used for longest
        assert cards.reference_of(network, tmp_path / name) == name
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(RunError, match="nowhere cannot be read"):
        cards.reference_of(network, tmp_path / "nowhere")


def test_previews_of_files_without_classes(tmp_path):
    for k, size in enumerate(((6, 4), (3, 3))):
        Image.fromarray(np.full((*size, 3), (200, 100, 0), np.uint8)).save(tmp_path / f"{k}.png")
    (tmp_path / "notes.txt").touch()
    shown = preview_of("", f"images:{tmp_path}", {})
    assert shown.text.startswith("2 images without classes, the first 6 x 4") and shown.labels == ("0.png", "1.png")
    assert shown.images.shape[0] == 2 and shown.images[0, 0, 0].tolist() == [200, 100, 0]
    one = preview_of("", str(tmp_path / "1.png"), {})
    assert one.text.startswith("1 image without classes, the first 3 x 3") and one.labels == ("1.png",)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert preview_of("", f"images:{empty}", {}).text == "no images"
    assert "cannot be read" in preview_of("", f"images:{tmp_path / 'nowhere'}", {}).text
    (empty / "broken.png").write_bytes(b"no")
    shown = preview_of("", f"images:{empty}", {})
    assert shown.text == "Cannot be shown: broken.png cannot be read as an image (cannot identify image file)"


def test_previews_of_files_without_classes_are_resized_as_in_a_run(tmp_path):
    wide = np.repeat(np.uint8([[0, 0, 90, 90, 90, 90, 255, 255]]), 4, axis=0)
    Image.fromarray(wide).save(tmp_path / "1.png")
    for model, resize, text, shape in (
        ("mnist-lenet", None, "stretched to 28 x 28; the model takes 28 x 28 x 1", (28, 28, 1)),
        ("mnist-lenet", "crop", "cropped to 28 x 28; the model takes 28 x 28 x 1", (28, 28, 1)),
        ("cifar10-quick", "stretch:32:nearest", "stretched to 32 x 32; the model takes 32 x 32 x 3", (32, 32, 3)),
        ("", "crop:4", "cropped to 4 x 4", (4, 4, 3)), ("", "crop", "cropped to the model's size", (64, 64, 3)),
    ):  # fmt: skip
        shown = preview_of(model, f"images:{tmp_path}", {"resize": resize})
        assert shown.text == f"1 image without classes, {text}" and shown.images[0].shape == shape
        assert (shown.images[0, 0, 0, 0] < 30) == ("stretch" in text) and not shown.problem
    other = preview_of("mnist-lenet", str(tmp_path / "1.png"), {"resize": "crop:4"})
    assert other.problem.startswith("the images are 4 x 4 x 1; the model takes 28 x 28 x 1") and other.can_resize


def test_images_of_fewer_classes_than_the_model_has_outputs_need_names(tmp_path):
    model, data = str(tmp_path / "own.keras"), str(tmp_path / "shapes.npz")
    shape = {"class_name": "InputLayer", "config": {"batch_shape": [None, 2, 2, 1]}}
    config = {"config": {"layers": [shape, {"class_name": "Dense", "config": {"name": "end", "units": 10}}]}}
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", "")
    np.savez(data, images=np.zeros((4, 2, 2, 1), np.uint8), labels=[0, 1, 0, 1], class_names=["circle", "square"])
    assert preview_of(model, data, {}).problem == (
        "the images have 2 classes (circle and square), and the model has 10 outputs without names: write into the "
        "field Classes which output stands for each class, as in circle=0,square=1."
    )
    assert preview_of(model, data, {}, "circle=0,square=1").problem == ""
    for name in ("sent", *(f"shapes/{k}" for k in range(10))):
        (tmp_path / "given" / name).mkdir(parents=True)
        Image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / "given" / name / "one.png")
    problem, meant = preview_of(model, str(tmp_path / "given"), {}).problem, tmp_path / "given" / "shapes"
    assert problem.endswith(f"10 outputs without names. Folders inside it have 10: did you mean {meant}?")
    few, many = "", ""
    for names in ("abcdefghij", "abcdefghijk"):
        images, labels = np.zeros((4, 2, 2, 1), np.uint8), [0, 1, 2, 3]
        np.savez(tmp_path / "many.npz", images=images, labels=labels, class_names=[*names])
        few, many = many, preview_of(model, str(tmp_path / "many.npz"), {}).problem
        forget()  # the file changes
    assert few == "" and many.startswith("the images have 11 classes (a, b, c, d and 7 others)")
    assert many.endswith("as in images[labels != 3] and labels[labels != 3]; or choose another model.")
    (tmp_path / "own.json").write_text('{"class_names": ["circle", "square"]}')
    assert preview_of(model, data, {}).problem == "", "what the card says is checked when the model is loaded"
    np.savez(tmp_path / "train.npz", x_train=np.zeros((4, 3, 2, 1), np.uint8), y_train=[0, 1, 0, 1])
    shown = preview_of(model, str(tmp_path / "train.npz"), {"split": "train"})
    assert (
        shown.can_resize and shown.problem.startswith("the images are 3 x 2 x 1") and "crop or stretch" in shown.problem
    )
    assert shown.text == "4 images in 2 classes, 3 x 2 x 1; the model takes 2 x 2 x 1"
    fitted = preview_of(model, str(tmp_path / "train.npz"), {"split": "train", "resize": "crop"})
    assert (fitted.problem, fitted.can_resize) == ("", False)
    assert fitted.text == "4 images in 2 classes, cropped to 2 x 2 x 1; the model takes 2 x 2 x 1"
    other = preview_of(model, str(tmp_path / "train.npz"), {"split": "train", "resize": "crop:3"})
    assert other.can_resize and "the images are 3 x 3 x 1" in other.problem.lower()


def test_previews_of_images_of_different_sizes(tmp_path):
    for name, size in (("cat/0", (30, 40)), ("cat/1", (50, 20)), ("dog/0", (9, 9))):
        file = tmp_path / f"{name}.png"
        file.parent.mkdir(exist_ok=True)
        Image.new("RGB", size, (200, 100, 0)).save(file)
    data = f"folder:{tmp_path}"
    before = preview_of("cifar10-quick", data, {})
    assert before.text == "Images of different sizes; the model takes 32 x 32 x 3" and before.can_resize
    assert "all images must have one size" in before.problem and len(before.images) == 0
    sized = preview_of("cifar10-quick", data, {"resize": "crop"})
    assert sized.text == "3 images in 2 classes, cropped to 32 x 32 x 3; the model takes 32 x 32 x 3"
    assert sized.images.shape == (3, 32, 32, 3) and sized.labels == ("cat", "cat", "dog")
    assert not sized.can_resize and sized.images[0, 0, 0].tolist() == [200, 100, 0]
    (tmp_path / "dog" / "1.png").write_bytes(b"no image")
    (tmp_path / "dog" / "2.heic").write_bytes(b"of a phone")
    held = Image.Exif()
    held[0x0112] = 3  # upside down
    Image.new("RGB", (50, 20), (200, 100, 0)).save(tmp_path / "cat" / "1.png", exif=held)
    forget()  # the folder changes
    assert "dog/1.png" in (stopped := preview_of("cifar10-quick", data, {"resize": "stretch"}).text)
    assert '"leave out" in the field Damaged files' in stopped
    left_out = preview_of("cifar10-quick", data, {"resize": "stretch:12x8", "damaged": "skip"})
    counts = (
        "damaged files left out",
        "files turned upright by their EXIF data",
        "files of formats that are not read left out",
    )
    note = ", ".join(f"{what}: 1" for what in counts).replace("1", "at least 1", 1)  # the others are not decoded
    assert left_out.text.startswith(f"3 images in 2 classes ({note}), stretched to 8 x 12 x 3;")
    assert left_out.images.shape == (3, 8, 12, 3) and left_out.can_resize, "the model takes another size"
    unknown = preview_of("", data, {"resize": "stretch", "damaged": "skip"})
    assert unknown.text == f"3 images in 2 classes ({note}), stretched to the model's size"
    assert len(unknown.images) == 3 and preview_of("", data, {"damaged": "skip"}).can_resize


def test_images_of_different_sizes_need_a_size_if_the_model_takes_any(tmp_path):
    model = str(tmp_path / "any.keras")
    shape = {"class_name": "InputLayer", "config": {"batch_shape": [None, None, None, 3]}}
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("config.json", json.dumps({"config": {"layers": [shape]}}))
        archive.writestr("model.weights.h5", "")
    (tmp_path / "cat").mkdir()
    for side in (4, 5):
        Image.new("RGB", (side, side), (200, 100, 0)).save(tmp_path / "cat" / f"{side}.png")
    assert not preview_of(model, f"folder:{tmp_path}", {}).can_resize
    asked = preview_of(model, f"folder:{tmp_path}", {"resize": "crop"}).text
    assert asked.endswith('any.keras takes images of any size: give one, such as "crop:224" in the field Size.')
    assert preview_of(model, f"folder:{tmp_path}", {"resize": "crop:6"}).images.shape == (2, 6, 6, 3)


def test_a_preview_decodes_the_images_that_it_shows_and_no_others(tmp_path):
    (tmp_path / "cat").mkdir()
    files = [tmp_path / "cat" / f"{k:02}.jpg" for k in range(30)]
    for file in files:
        Image.effect_noise((40, 30), 90).convert("RGB").save(file)
    shown = {0, 4, 8, 12, 16, 20, 24, 29}
    for k in set(range(30)) - shown:
        files[k].write_bytes(files[k].read_bytes()[:-200])  # the header is whole
    data = f"folder:{tmp_path}"
    for resize, size in ((None, "30 x 40"), ("crop:32", "cropped to 32 x 32"), ("stretch:8", "stretched to 8 x 8")):
        images = preview_of("", data, {"resize": resize})
        assert images.text == f"30 images in 1 class, {size} x 3" and len(images.images) == 8
    assert preview_of("mnist-lenet", data, {"resize": "crop"}).text.startswith(
        "30 images in 1 class, cropped to 28 x 28 x 1"
    )
    files[8].write_bytes(files[8].read_bytes()[:-200])
    assert f"1 of 8 files in {data} shown here cannot be read as an image: cat/08.jpg" in preview_of("", data, {}).text
    assert len(preview_of("", data, {"damaged": "skip"}).images) == 7
    for k in shown:
        files[k].write_bytes(files[k].read_bytes()[:-200])
    assert "8 of 8 files" in preview_of("", data, {"damaged": "skip"}).text


def test_previews_of_grey_images_stored_in_colour(tmp_path):
    (tmp_path / "3").mkdir()
    Image.new("RGB", (28, 28), (90, 90, 90)).save(tmp_path / "3" / "a.png")
    shown = preview_of("mnist-lenet", f"folder:{tmp_path}", {})
    assert (shown.text, shown.problem) == ("1 image in 1 class, 28 x 28 x 1; the model takes 28 x 28 x 1", "")
    Image.new("RGB", (28, 28), (90, 80, 90)).save(tmp_path / "3" / "b.png")
    forget()  # the folder changes
    assert "1 of the 2 files" in (problem := preview_of("mnist-lenet", f"folder:{tmp_path}", {}).problem)
    assert "is in colour (3/b.png): convert them to grey" in problem


def test_folders_with_a_test_part_have_classes(tmp_path):
    (tmp_path / "test" / "cat").mkdir(parents=True)
    assert data_of_folder(tmp_path) is None
    Image.new("L", (2, 2)).save(tmp_path / "test" / "cat" / "0.png")
    assert data_of_folder(tmp_path) == f"folder:{tmp_path}"


def test_views_that_cannot_be_read_or_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="cannot be written"):
        write_views(tmp_path / "file" / "views.json", [])
    (tmp_path / "views.json").mkdir()
    with pytest.raises((DataError, DiskError), match="cannot be read"):
        read_views(tmp_path / "views.json")


def test_how_many_points_are_drawn_one_by_one(qtbot):
    plot = ScatterPlot()
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    for count in (SINGLE - 1, SINGLE):
        x = np.linspace(10, 40, count).astype(np.float32)
        plot.set_clouds({0: Cloud(x, np.full(count, 0.5, np.float32), np.arange(count))})
        plot.fit()
        plot.draw()
        assert sum(plot.drawn_single.values()) == (count if count < 5_000 else 0)


@pytest.mark.parametrize("kind", [ChoiceButton, ChoiceToolButton])
def test_a_choice_is_underlined_while_it_is_checked(qtbot, kind):
    button = kind()
    qtbot.addWidget(button)
    button.setCheckable(True)
    button.resize(60, 30)
    colour = button.palette().color(QPalette.ColorRole.Highlight).lighter(130).rgb()

    def coloured():
        image = button.grab().toImage()
        return {(x, y) for x in range(60) for y in range(30) if image.pixel(x, y) == colour}

    assert coloured() == set()
    button.setChecked(True)
    assert coloured() == {(x, y) for x in range(3, 57) for y in range(26, 29)}


def test_layers_are_coloured_from_their_bounds_and_the_furthest_above_the_typical_are_shown(qapp):
    rows = LayerRows()
    gain = [1.5, 1.49, 1.1, 1.09, 0.5, 0.4, 0.3, 2.0, 0.0, math.nan]
    layers = {
        "names": [f"layer {k}" for k in range(10)],
        "gain": gain,
        "random_gain": [1.0] * 10,
        "margin": [0.5, *[math.nan] * 9],
        "member": 1,
    }
    told = rows.set_layers(layers)
    assert told.endswith(" Member 2 of the ensemble. 8 of 10 layers are shown.")
    assert [row.label for row in rows.rows] == [f"layer {k}" for k in range(8)]
    assert [row.tone for row in rows.rows] == [BAD, MIDDLE, MIDDLE, PLAIN, PLAIN, PLAIN, PLAIN, BAD]
    assert [row.share for row in rows.rows] == [value / 2 for value in gain[:8]]
    assert [row.text_right for row in rows.rows[:2]] == ["1.50 (1.00) · 50 %", "1.49 (1.00)"]
    few = {name: values[8:] for name, values in layers.items() if name != "member"} | {"member": None}
    assert "Percentage" in told and rows.margins
    assert rows.set_layers(few) == layer_rows.ABOUT.format("") and not rows.margins, "there is no percentage"
    assert [(row.label, row.share, row.text_right) for row in rows.rows] == [
        ("layer 8", 0.0, "0.00 (1.00)"),
        ("layer 9", 0.0, "–"),
    ]
    rows.blank()
    assert [row.text_right for row in rows.rows] == ["", ""]


def test_logits_are_not_coloured_and_the_caption_says_so(qapp):
    rows, two = LayerRows(), [2.0, 2.0]
    layers = {"names": ["dense", "logits"], "gain": two, "random_gain": [1.0, 1.0], "margin": two, "member": None}
    assert rows.set_layers(layers).endswith("the logits stay blue.")
    assert [row.tone for row in rows.rows] == [BAD, PLAIN]

"""Previews of the images in files, folders and tables before a run."""

import json
import zipfile

import numpy as np
from PIL import Image

from tfstab.gui.jobs.plan import data_of_folder
from tfstab.gui.jobs.preview import forget, preview_of


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

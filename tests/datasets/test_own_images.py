"""The user's own class folders and npz files: what is taken, and one sentence for what is not."""

import pickle
import re
import shutil
import subprocess
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import tfstab
from tfstab import load_dataset
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import describe_images, training_note
from tfstab.datasets.remarks import UNDIVIDED
from tfstab.errors import DataError, InputError
from tfstab.orders.unlabelled import read_image
from tfstab.report.input_notes import file_notes

RGB = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)
GREY = RGB[..., 0]


def save(folder, **files):
    """Write images, named CLASS__FILE, into class folders."""
    for name, image in files.items():
        kind, _, file = name.partition("__")
        (folder / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / kind / file.replace("_", "."))
    return f"folder:{folder}"


def test_class_folders_of_every_lossless_format(tmp_path):
    made = load_dataset(save(tmp_path, dog__a_png=RGB[0], cat__b_ppm=RGB[1], cat__a_bmp=RGB[2], cat__c_PNG=RGB[3]))
    assert made.class_names == ("cat", "dog")
    assert made.labels.tolist() == [0, 0, 0, 1]
    np.testing.assert_array_equal(made.images, RGB[[2, 1, 3, 0]])


def test_jpeg_and_other_files_beside(tmp_path):
    name = save(tmp_path, cat__a_jpg=np.full((8, 8, 3), 90, np.uint8))
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    (tmp_path / "readme.md").write_text("no class")
    assert load_dataset(name).images.shape == (1, 8, 8, 3)
    assert abs(load_dataset(name).images.astype(int) - 90).max() <= 2


def test_folders_of_classes_beside_that_of_the_split_are_said_to_be_left_out(tmp_path):
    for split in ("test", "train", "val"):
        save(tmp_path / split, cat__b_png=RGB[0], dog__a_png=RGB[1])
    (tmp_path / "runs" / "report").mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_dataset(tmp_path)
    save(tmp_path / "new", cat__b_png=RGB[0], dog__a_png=RGB[1])
    with pytest.warns(UserWarning, match="^only the folder test of .* is read; new is left out. To measure"):
        assert len(load_dataset(tmp_path)) == 2


def test_what_a_folder_of_classes_leaves_out_is_said(tmp_path):
    """With folders inside a class, whose images are read, files of other formats, and a class without images."""
    save(tmp_path, cat__b_png=RGB[0], dog__a_png=RGB[1])
    for place in ("cat/day1", "cat/a/b", "bird", "__MACOSX/cat", ".cache"):
        (tmp_path / place).mkdir(parents=True)
    for name, image in {"cat/day1/a.png": RGB[2], "cat/a/b/c.png": RGB[3], "__MACOSX/cat/x.png": RGB[0]}.items():
        Image.fromarray(image).save(tmp_path / name)
    silent = ("cat/notes.txt", "cat/Thumbs.db", "cat/.hidden.heic")
    for name in ("cat/p.HEIC", "cat/day1/q.heic", "dog/raw.dng", "bird/r.heic", "top.jpg", *silent):
        (tmp_path / name).write_bytes(b"no image that is read")
    (tmp_path / "dog" / "link").symlink_to(tmp_path / "cat", target_is_directory=True)
    with pytest.warns(UserWarning) as said:
        made = load_dataset(f"folder:{tmp_path}")
    assert [str(each.message) for each in said] == [
        f"left out of {tmp_path}: 4 files of formats that are not read (.heic and .dng), 1 image beside the class "
        "folders, 1 link to folders inside class folders and the folder bird, which holds no images. 2 images are in "
        "folders inside class folders (cat/a/b and cat/day1), and belong to the class."
    ]
    assert made.names.tolist() == ["cat/a/b/c.png", "cat/b.png", "cat/day1/a.png", "dog/a.png"]
    assert made.labels.tolist() == [0, 0, 0, 1] and made.class_names == ("cat", "dog")
    np.testing.assert_array_equal(made.images, RGB[[3, 0, 2, 1]])
    run = SimpleNamespace(info={"data": {"name": made.name, "remarks": made.remarks}})
    assert file_notes([run]) == [
        f"{tmp_path.name}: files of formats that are not read left out: 4.",
        f"{tmp_path.name}: images beside the class folders left out: 1.",
        f"{tmp_path.name}: links to folders inside class folders left out: 1.",
        f"{tmp_path.name}: folders without images left out: 1.",
        f"2 images of {tmp_path.name} are in folders inside class folders.",
    ]
    three = tfstab.Classifier.from_function(lambda x: np.ones((len(x), 3)) / 3, (6, 5, 3), 3, fingerprint="three")
    with pytest.raises(InputError, match=r"^The folder bird holds no images that are read\. folder:.* has 2 classes"):
        match_classes(three, made)


def test_class_folders_one_level_deeper_are_named(tmp_path):
    save(tmp_path / "all", cat__a_png=RGB[0], dog__a_png=RGB[1])
    with pytest.raises(DataError, match=r"Such folders are one level deeper: did you mean .*all\?$"):
        load_dataset(f"folder:{tmp_path}")
    save(tmp_path / "more", cat__a_png=RGB[0])
    with pytest.raises(DataError, match=r"one level deeper, in all and more\. If their folders are the classes, give"):
        load_dataset(f"folder:{tmp_path}")


def test_folders_of_classes_are_named_before_the_folder_above(tmp_path):
    """Images beside these folders, and in a folder beside the one that is given, do not make it one of the classes."""
    save(tmp_path / "beside", __a_png=RGB[0])
    given = tmp_path / "given"
    save(given, __a_png=RGB[0])
    save(given / "photos" / "test", cat__a_png=RGB[0], dog__a_png=RGB[1])
    with pytest.raises(DataError, match=r"Such folders are two levels deeper: did you mean .*given.photos\?$"):
        load_dataset(f"folder:{given}")
    shutil.move(given / "photos" / "test", given / "all")
    with pytest.raises(DataError, match=r"Such folders are one level deeper: did you mean .*given.all\?$"):
        load_dataset(f"folder:{given}")


def test_grey_folders_stay_grey_and_mixed_ones_become_rgb(tmp_path):
    grey = load_dataset(save(tmp_path / "grey", a__a_png=GREY[0], a__b_pgm=GREY[1]))
    np.testing.assert_array_equal(grey.images, GREY[:2, ..., None])
    mixed = load_dataset(save(tmp_path / "mixed", a__a_png=GREY[0], a__b_png=RGB[1]))
    np.testing.assert_array_equal(mixed.images, [np.repeat(GREY[0][..., None], 3, -1), RGB[1]])


def test_a_split_has_a_folder_of_its_own_where_there_is_one(tmp_path):
    save(tmp_path / "train", a__a_png=RGB[0])
    name = save(tmp_path / "test", a__a_png=RGB[1], b__a_png=RGB[2])
    assert len(load_dataset(name.removesuffix("/test"), "train")) == 1
    assert len(load_dataset(name.removesuffix("/test"))) == 2


@pytest.mark.parametrize(
    ("folder", "given", "divided"),
    [
        ("photos", "photos", False),
        ("photos/test", "photos", True),
        ("photos/val", "photos/val", True),
        ("my-test-photos", "my-test-photos", True),
        ("latest", "latest", False),
    ],
)
def test_a_folder_that_is_not_divided_may_hold_training_images(tmp_path, folder, given, divided):
    save(tmp_path / folder, a__a_png=RGB[0], b__a_png=RGB[1])
    data = load_dataset(tmp_path / given)
    assert data.remarks == ("" if divided else UNDIVIDED) and (training_note(data) == "") is divided


@pytest.mark.parametrize(("name", "divided"), [("labels", False), ("test", True)])
def test_a_table_that_has_no_column_of_splits_may_list_training_images(tmp_path, name, divided):
    save(tmp_path / "photos", a__a_png=RGB[0], b__a_png=RGB[1])
    table, rows = tmp_path / "photos" / f"{name}.csv", ("file,label", "a/a.png,cat", "b/a.png,dog")
    table.write_text("\n".join(rows))
    assert load_dataset(table).remarks == ("" if divided else UNDIVIDED)
    table.write_text("\n".join(row + end for row, end in zip(rows, (",split", ",test", ",test"), strict=True)))
    data = load_dataset(table)
    assert data.remarks == "" and describe_images(data).startswith(f"{table} (test): 2 images")


def test_folders_that_are_refused(tmp_path):
    with pytest.raises(DataError, match="is not a folder"):
        load_dataset(f"folder:{tmp_path / 'missing'}")
    (tmp_path / "empty" / "cat").mkdir(parents=True)
    with pytest.raises(DataError, match="holds no images"):
        load_dataset(f"folder:{tmp_path / 'empty'}")
    with pytest.raises(DataError, match="holds no images"):
        load_dataset(f"folder:{tmp_path / 'empty' / 'cat'}")


@pytest.mark.parametrize("given", [".", "../cat"])
def test_a_folder_of_one_class_is_recognised_from_inside(tmp_path, monkeypatch, given):
    save(tmp_path, cat__a_png=RGB[0], dog__b_png=RGB[1])
    monkeypatch.chdir(tmp_path / "cat")
    with pytest.raises(DataError, match=re.escape(f"It looks like one class: did you mean {tmp_path}?")):
        load_dataset(f"folder:{given}")


def test_a_folder_of_one_class_is_told_from_a_folder_without_classes(tmp_path):
    save(tmp_path / "test", cat__a_png=RGB[0], dog__b_png=RGB[1])
    meant = f"It looks like one class: did you mean {tmp_path / 'test'}?"
    with pytest.raises(DataError, match=re.escape(meant)):
        load_dataset(tmp_path / "test" / "cat")
    shutil.rmtree(tmp_path / "test" / "dog")
    with pytest.raises(DataError, match=r"their names and labels\.$"):
        load_dataset(tmp_path / "test" / "cat")
    save(tmp_path / "flat", test__a_png=RGB[0], train__b_png=RGB[1])
    for flat in ("flat", "flat/test"):  # splits are not classes
        with pytest.raises(DataError, match=r"their names and labels\.$"):
            load_dataset(tmp_path / flat)


@pytest.mark.parametrize("content", [b"just text", b"", b"\x89PNG\r\n\x1a\n", b"GIF89a\x01\x00\x01\x00\x00\x00\x00"])
def test_a_file_that_only_is_called_png_is_named(tmp_path, content):
    name = save(tmp_path, cat__a_png=RGB[0])
    (tmp_path / "cat" / "b.png").write_bytes(content)
    with pytest.raises(DataError, match=r"1 of 2 files in .* cannot be read as an image: cat.b\.png \("):
        load_dataset(name)


@pytest.mark.parametrize(("brand", "known"), [(b"heic", "HEIC"), (b"mif1", "HEIC"), (b"avif", "AVIF")])
def test_a_photograph_in_a_format_of_telephones_is_to_be_converted(tmp_path, brand, known):
    name = save(tmp_path, cat__a_png=RGB[0])
    (tmp_path / "cat" / "b.jpg").write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(100))
    said = f"its format is {known}, which is not supported; convert it to JPEG or PNG"
    with pytest.raises(DataError, match=rf"cannot be read as an image: cat.b\.jpg \({said}\)"):
        load_dataset(name)
    with pytest.raises(DataError, match=rf"b\.jpg cannot be read as an image: {said}\.$"):
        read_image(tmp_path / "cat" / "b.jpg", tmp_path, False)


def test_a_png_that_is_cut_short_is_named(tmp_path):
    name = save(tmp_path, cat__a_png=RGB[0], cat__b_png=RGB[1])
    file = tmp_path / "cat" / "b.png"
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"1 of 2 files in .* cannot be read as an image: cat.b\.png \("):
        load_dataset(name)


def test_other_sizes_and_damaged_files_are_told_at_once(tmp_path):
    name = save(tmp_path, cat__a_png=RGB[0], cat__b_png=RGB[1, :, :4], cat__c_png=RGB[0])
    file = tmp_path / "cat" / "c.png"
    file.write_bytes(file.read_bytes()[:-30])  # its header can be read
    sizes = (
        "--resize crop or --resize stretch (in Python resize='crop', for load_dataset with the size as in 'crop:224')."
    )
    damage = "repair or remove it, or leave it out with --damaged skip (in Python damaged='skip')."
    with pytest.raises(DataError) as both:
        load_dataset(name)
    assert sizes in str(both.value) and str(both.value).endswith(damage)
    (tmp_path / "cat" / "d.png").write_bytes(b"just text")
    with pytest.raises(DataError, match=r"2 of 4 files in .*c\.png .*d\.png .*: repair or remove them, or leave them"):
        load_dataset(name)
    with pytest.raises(DataError) as one:
        load_dataset(name, damaged="skip")
    assert str(one.value).endswith(sizes)
    with pytest.warns(UserWarning, match=r"2 of 4 files in .*; they are left out\."):
        assert len(load_dataset(name, size=(4, 4), resize="crop", damaged="skip")) == 2


def test_an_image_of_another_size_is_named_with_both_sizes(tmp_path):
    name = save(tmp_path, cat__a_png=RGB[0], cat__b_png=RGB[1, :, :4])
    with pytest.raises(DataError, match=r"b\.png is 4 x 6 pixels but a\.png is 5 x 6"):
        load_dataset(name)


def test_npz_with_either_pair_of_names(tmp_path):
    np.savez(tmp_path / "a.npz", images=RGB, labels=[0, 1, 1, 0], class_names=["cat", "dog"])
    np.savez(tmp_path / "b.npz", x_test=RGB[:2], y_test=[[0], [1]], x_train=RGB[2:], y_train=[2, 0])
    a, b = load_dataset(str(tmp_path / "a.npz")), load_dataset(str(tmp_path / "b.npz"), "train")
    np.testing.assert_array_equal(a.images, RGB)
    assert a.class_names == ("cat", "dog") and a.labels.tolist() == [0, 1, 1, 0]
    np.testing.assert_array_equal(b.images, RGB[2:])
    assert b.class_names == ("0", "1", "2") and b.labels.tolist() == [2, 0]


def test_npz_that_would_need_pickle_runs_nothing(tmp_path):
    victim = tmp_path / "ran"

    class Hostile:
        def __reduce__(self):
            return victim.touch, ()

    np.savez(tmp_path / "a.npz", images=np.array([Hostile()], object), labels=[0])
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Hostile()))
    for name in ("a.npz", "b.npz"):
        with pytest.raises(DataError, match="not an npz file of plain arrays"):
            load_dataset(str(tmp_path / name))
    assert not victim.exists()
    np.load(tmp_path / "a.npz", allow_pickle=True)["images"]
    assert victim.exists()  # so it was dangerous


def test_npz_files_that_are_refused(tmp_path):
    def file(name, write):
        with (tmp_path / name).open("wb") as out:
            write(out)
        return str(tmp_path / name)

    with pytest.raises(DataError, match="is not a file"):
        load_dataset(str(tmp_path / "missing.npz"))
    with pytest.raises(InputError, match=r"holds x; expected x_test and y_test, or images and labels"):
        load_dataset(file("x.npz", lambda f: np.savez(f, x=RGB)))
    with pytest.raises(InputError, match="holds nothing"):
        load_dataset(file("none.npz", np.savez))
    with pytest.raises(InputError, match="x_train and y_train"):
        load_dataset(file("test.npz", lambda f: np.savez(f, x_test=RGB, y_test=[0] * 4)), "train")
    with pytest.raises(DataError, match="plain arrays"):
        load_dataset(file("npy.npz", lambda f: np.save(f, RGB)))
    with pytest.raises(DataError, match="plain arrays"):
        load_dataset(file("text.npz", lambda f: f.write(b"only text")))
    with pytest.raises(DataError, match="out of range for 1 class;"):
        load_dataset(file("names.npz", lambda f: np.savez(f, images=RGB, labels=[0, 1, 0, 1], class_names="cat")))


def test_folders_that_are_nested_very_deep_and_links_that_go_round(tmp_path):
    name = save(tmp_path, cat__a_png=RGB[0], dog__b_png=RGB[1])
    (tmp_path / "cat" / "again").symlink_to(tmp_path / "cat", target_is_directory=True)
    (tmp_path / "cat" / "x").symlink_to(tmp_path / "cat" / "x")
    deep = tmp_path / "cat"
    for _ in range(1100):  # os.makedirs and shutil.rmtree recurse, too
        deep /= "a"
        deep.mkdir()
    try:
        with pytest.warns(UserWarning, match="1 link to folders inside class folders"):
            assert load_dataset(name).names.tolist() == ["cat/a.png", "dog/b.png"]
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "cat" / "a")], check=True)
    for target, said in ((tmp_path, "is a link to the folder that holds it: remove the link"), ("/", "leads out of")):
        (tmp_path / "loop").symlink_to(target, target_is_directory=True)
        with pytest.raises(DataError, match=rf"^{re.escape(str(tmp_path / 'loop'))} {said}"):
            load_dataset(name)
        (tmp_path / "loop").unlink()

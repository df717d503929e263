"""Image files of every kind that cameras, scanners and editors write, mixed sizes, and damaged ones."""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageOps

from tfstab import load_dataset
from tfstab.classifier.taken import describe_images
from tfstab.datasets import image_files
from tfstab.errors import DataError, InputError
from tfstab.report.input_notes import file_notes

rng = np.random.default_rng(0)
PHOTO = rng.integers(0, 256, (6, 10, 3), np.uint8)
SQUARE = rng.integers(0, 256, (7, 7, 3), np.uint8)  # whose size is known from its header, whatever its EXIF says


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cat").mkdir()
    return tmp_path


def only(folder, **how):
    """The one image of a folder, (H, W, C)."""
    (image,) = load_dataset(f"folder:{folder}", **how).images
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "tiff", "png", "webp"])
def test_images_are_turned_upright(folder, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.repeat(np.repeat(PHOTO, 8, 0), 8, 1))
    image.save(folder / "cat" / f"a.{suffix}", exif=exif, quality=95)
    with Image.open(folder / "cat" / f"a.{suffix}") as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
    assert expected.shape == ((48, 80, 3) if orientation < 5 else (80, 48, 3))
    np.testing.assert_array_equal(only(folder), expected)
    upright = (
        Image.fromarray(expected).transpose(  # what stands in the file, turned back by hand
            [
                None,
                None,
                Image.Transpose.FLIP_LEFT_RIGHT,
                Image.Transpose.ROTATE_180,
                Image.Transpose.FLIP_TOP_BOTTOM,
                Image.Transpose.TRANSPOSE,
                Image.Transpose.ROTATE_90,
                Image.Transpose.TRANSVERSE,
                Image.Transpose.ROTATE_270,
            ][orientation]
        )
        if orientation > 1
        else Image.fromarray(expected)
    )
    assert np.abs(np.asarray(upright).astype(int) - np.asarray(image)).mean() < 30


def test_palettes_become_colours(folder):
    image = Image.fromarray(PHOTO).quantize(16)
    image.save(folder / "cat" / "a.png")
    np.testing.assert_array_equal(only(folder), np.asarray(image.convert("RGB")))


def test_of_several_frames_the_first_counts(folder):
    red, blue = Image.new("RGB", (4, 4), (255, 0, 0)), Image.new("RGB", (4, 4), (0, 0, 255))
    for suffix in ("gif", "tiff", "webp"):
        red.save(folder / "cat" / f"a.{suffix}", save_all=True, append_images=[blue], lossless=True)
    made = load_dataset(f"folder:{folder}")
    assert made.images.reshape(3, -1, 3).tolist() == [[[255, 0, 0]] * 16] * 3


@pytest.mark.parametrize("suffix", ["png", "tiff", "pgm"])
def test_sixteen_bits_become_the_upper_eight(folder, suffix):
    levels = np.arange(0, 65536, 1024, np.uint16).reshape(8, 8)
    Image.fromarray(levels).save(folder / "cat" / f"a.{suffix}")
    np.testing.assert_array_equal(only(folder)[..., 0], levels >> 8)


def test_thirty_two_bits_are_refused(folder):
    Image.fromarray(np.full((4, 4), 0.5, np.float32)).save(folder / "cat" / "a.tiff")
    with pytest.raises(DataError, match="32 bits a pixel"):
        load_dataset(f"folder:{folder}")


def test_what_is_transparent_is_laid_on_white(folder):
    alpha = np.full((6, 10, 1), 255, np.uint8)
    alpha[:3] = 0
    Image.fromarray(np.concatenate([PHOTO, alpha], axis=2)).save(folder / "cat" / "a.png")
    np.testing.assert_array_equal(only(folder), np.where(alpha == 255, PHOTO, 255))
    Image.fromarray(np.concatenate([PHOTO[..., :1], alpha], axis=2)).save(folder / "cat" / "a.png")
    np.testing.assert_array_equal(only(folder), np.where(alpha == 255, PHOTO[..., :1], 255))
    palette = Image.fromarray(np.uint8([[0, 1], [1, 0]]), "P")
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.save(folder / "cat" / "a.png", transparency=1)
    assert only(folder).tolist() == [[[10, 20, 30], [255] * 3], [[255] * 3, [10, 20, 30]]]


def test_a_note_counts_the_files_that_are_laid_on_white_and_those_that_are_grey(folder):
    Image.fromarray(PHOTO).save(folder / "cat" / "a.png")
    assert "white" not in load_dataset(f"folder:{folder}").note and "grey" not in load_dataset(f"folder:{folder}").note
    Image.fromarray(PHOTO).convert("L").save(folder / "cat" / "grey.png")
    assert load_dataset(f"folder:{folder}").note.endswith(", grey files among those in colour: 1")
    (folder / "cat" / "grey.png").unlink()
    Image.fromarray(PHOTO).convert("RGBA").save(folder / "cat" / "b.png")
    Image.fromarray(PHOTO).quantize(16).save(folder / "cat" / "c.gif", transparency=1)
    assert load_dataset(f"folder:{folder}").note.endswith(", files with an alpha channel laid on white: 2")


def test_files_that_exif_turns_are_counted_and_said(folder):
    """Square files count, too, although turning does not change their size; files that are stored upright do not."""
    for name, orientation in {"a.jpg": 1, "b.jpg": 6, "c.png": 3, "d.tiff": 8, "e.webp": None}.items():
        exif = Image.Exif()
        if orientation:
            exif[0x0112] = orientation
        Image.fromarray(SQUARE).save(folder / "cat" / name, exif=exif, lossless=True)
    made = load_dataset(f"folder:{folder}")
    assert made.note.endswith(", files turned upright by their EXIF data: 3")
    assert describe_images(made).endswith("; some files are turned upright, as their EXIF data say")
    run = SimpleNamespace(info={"data": {"name": made.name, "remarks": made.remarks}})
    (said,) = file_notes([run])
    assert said.startswith(f"3 files of {folder.name} are turned upright, as the EXIF data say. Some loaders do not")
    for name in ("b.jpg", "c.png", "d.tiff"):
        (folder / "cat" / name).unlink()
    assert load_dataset(f"folder:{folder}").remarks == ""


@pytest.mark.parametrize("transparent", [False, True])
def test_a_png_without_its_palette_is_read_as_pillow_reads_it(folder, transparent):
    file = folder / "cat" / "a.png"
    Image.new("P", (4, 3)).save(file, **({"transparency": 0} if transparent else {}))
    content = file.read_bytes()
    start = content.index(b"PLTE") - 4  # a chunk is its length, its name, its content and a checksum
    end = start + 12 + int.from_bytes(content[start : start + 4], "big")
    file.write_bytes(content[:start] + content[end:])
    assert (only(folder) == (255 if transparent else 0)).all()
    assert ("white" in load_dataset(f"folder:{folder}").note) == transparent


def test_cmyk_and_black_and_white(folder):
    image = Image.fromarray(PHOTO).convert("CMYK")
    image.save(folder / "cat" / "a.tiff")
    np.testing.assert_array_equal(only(folder), np.asarray(image.convert("RGB")))
    (folder / "cat" / "a.tiff").unlink()
    Image.fromarray(PHOTO[..., 0] > 100).save(folder / "cat" / "a.png")
    np.testing.assert_array_equal(only(folder)[..., 0], np.where(PHOTO[..., 0] > 100, 255, 0))


# --- sizes ---


def test_mixed_sizes_are_made_one_as_told(folder):
    halves = np.zeros((40, 80, 3), np.uint8)
    halves[:, 40:] = 200
    Image.fromarray(halves).save(folder / "cat" / "wide.png")
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(folder / "cat" / "square.png")
    with pytest.raises(DataError, match=r"wide\.png is 80 x 40 pixels but square\.png is 20 x 20.*--resize crop"):
        load_dataset(f"folder:{folder}")
    for way in ("crop", "stretch"):
        made = load_dataset(f"folder:{folder}", size=(20, 20), resize=way)
        assert made.images.shape == (2, 20, 20, 3) and "20 x 20" in made.note and way in made.note
        assert (made.images[0] == 90).all()
        assert made.images[1][:, :6].max() <= 5 and made.images[1][:, -6:].min() >= 195
    tall = np.zeros((40, 20, 3), np.uint8)
    tall[10:30] = 255
    Image.fromarray(tall).save(folder / "cat" / "tall.png")
    cropped, stretched = (
        load_dataset(f"folder:{folder}", size=(20, 20), resize=way).images[1] for way in ("crop", "stretch")
    )
    np.testing.assert_array_equal(cropped, 255)  # the middle, untouched
    assert stretched[0].max() < 30 and stretched[10].min() > 225


def test_any_data_set_is_resized_and_then_has_another_name(digits):
    made = load_dataset("mnist-5k", size=(14, 14), resize="stretch")
    assert made.images.shape == (5000, 14, 14, 1) and made.name == "mnist-5k-14x14"
    expected = Image.fromarray(digits.images[7, ..., 0]).resize((14, 14), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(made.images[7, ..., 0], expected)
    assert load_dataset("mnist-5k", size=(28, 28), resize="crop").fingerprint == digits.fingerprint


@pytest.mark.parametrize("name", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_the_filter_is_that_of_pillow(folder, name):
    Image.fromarray(PHOTO).save(folder / "cat" / "a.png")
    expected = Image.fromarray(PHOTO).resize((4, 3), Image.Resampling[name.upper()])
    made = load_dataset(f"folder:{folder}", resize=f"stretch:4x3:{name}")
    np.testing.assert_array_equal(made.images[0], expected)
    assert made.note.endswith(f", resized to 4 x 3 (stretch, {name})")
    expected = ImageOps.fit(Image.fromarray(PHOTO), (4, 4), Image.Resampling[name.upper()])
    np.testing.assert_array_equal(only(folder, size=(4, 4), resize=f"crop:{name}"), expected)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"size": (4, 4), "resize": "crop:4"}, "two sizes; expected one"),
        ({"resize": "crop:cubic"}, "a filter is nearest, bilinear, bicubic .* or lanczos"),
        ({"size": (None, None), "resize": "crop"}, "any size; expected numbers: .* resize='crop:224'"),
        ({"resize": "crop"}, "no size; expected one"), ({"size": (4, 4)}, "expected both"),
        ({"size": (4, 4), "resize": "squeeze"}, "expected crop or stretch"),
        ({"size": (0, 4), "resize": "crop"}, "from 1 to"), ({"size": (4, 10**6), "resize": "crop"}, "from 1 to"),
        ({"damaged": "ignore"}, "expected fail or skip"),
    ],
)  # fmt: skip
def test_wrong_settings(folder, how, said):
    Image.fromarray(PHOTO).save(folder / "cat" / "a.png")
    with pytest.raises(InputError, match=said):
        load_dataset(f"folder:{folder}", **how)


def test_a_size_may_be_an_array(folder):
    Image.fromarray(PHOTO).save(folder / "cat" / "a.png")
    assert only(folder, size=np.array([4, 5]), resize="crop").shape == (4, 5, 3)


# --- damaged files ---


@pytest.fixture
def damaged(folder):
    """Two images, and seven files that are none: some by their header, some only once they are decoded."""
    (folder / "dog").mkdir()
    for name in ("cat/a.png", "dog/b.png", *(f"cat/cut{k}.png" for k in range(4))):
        Image.fromarray(SQUARE).save(folder / name)
    for k in range(4):
        file = folder / "cat" / f"cut{k}.png"
        file.write_bytes(file.read_bytes()[:-40])
    for k in range(3):
        (folder / "dog" / f"text{k}.jpg").write_text("no image")
    return folder


def test_damaged_files_are_listed_up_to_five(damaged):
    says = r"7 of 9 files in .*: cat.cut0\.png \(.*dog.text0\.jpg \([^;]*; and 2 more: .*--damaged skip"
    with pytest.raises(DataError, match=says) as told:
        load_dataset(f"folder:{damaged}")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("files", "tried"), [(7, True), (6, False)])
def test_files_are_decoded_to_name_damaged_ones_only_if_it_takes_seconds(damaged, monkeypatch, files, tried):
    """Files of other sizes are an error in any case; opening many small ones takes as long as decoding large ones."""
    Image.fromarray(PHOTO).save(damaged / "dog" / "c.png")
    monkeypatch.setattr(image_files, "MOST_TRIED", files * (image_files.PER_FILE + 100))
    for text in damaged.glob("dog/*.jpg"):
        text.unlink()
    with pytest.raises(DataError, match="must have one size") as told:
        load_dataset(f"folder:{damaged}")
    assert ("4 of 7 files" in str(told.value)) == tried


def test_damaged_files_are_left_out_where_that_is_wished(damaged):
    says = r"7 of 9 files in .*cat.cut0\.png.*cat.cut3\.png.*; and 2 more; they are left out"
    with pytest.warns(UserWarning, match=says):
        made = load_dataset(f"folder:{damaged}", damaged="skip")
    assert made.labels.tolist() == [0, 1] and made.indices.tolist() == [0, 5] and made.class_names == ("cat", "dog")
    np.testing.assert_array_equal(made.images, [SQUARE, SQUARE])


def test_where_all_are_damaged_nothing_can_be_left_out(folder):
    (folder / "cat" / "a.png").write_text("no image")
    with pytest.raises(DataError, match="no image is left"):
        load_dataset(f"folder:{folder}", damaged="skip")


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_files_of_16_bits_are_named_and_those_of_12_bits_refused(suffix, tmp_path):
    levels = np.random.default_rng(0).integers(0, 65536, (6, 9, 8), np.uint16)
    for name, shift in (("deep", 0), ("camera", 4), ("dim", 8)):
        for k, pixels in enumerate(levels):
            (tmp_path / name / "ab"[k % 2]).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels >> shift).save(tmp_path / name / "ab"[k % 2] / f"{k}.{suffix}")
    deep = load_dataset(tmp_path / "deep")
    assert (np.asarray(deep.images)[..., 0] == (levels[[0, 2, 4, 1, 3, 5]] >> 8)).all()
    assert describe_images(deep).endswith("; files have 16 bits a channel, of which the upper 8 are used")
    for name, bits, largest in (("camera", 12, levels.max() >> 4), ("dim", 8, levels.max() >> 8)):
        with pytest.raises(DataError) as refused:
            load_dataset(tmp_path / name)
        said = f"seem to use only {bits} bits (the largest of 6 files is {largest:,}), so detail would be lost"
        assert said in str(refused.value) and f">> {bits - 8}).astype(np.uint8)).save(NEW_FILE)" in str(refused.value)
    if suffix == "tif":  # of a camera whose tag names the largest value of all its images
        for limit, said in ((4095, "use only 12 bits (the largest of 6 files is 4,095)"), (65535, "")):
            for k, pixels in enumerate(levels):
                file = tmp_path / "dim" / "ab"[k % 2] / f"{k}.tif"
                Image.fromarray(pixels >> 8).save(file, tiffinfo={281: limit})
            with pytest.raises(DataError) if said else contextlib.nullcontext() as refused:
                load_dataset(tmp_path / "dim")
            assert not said or said in str(refused.value)
    Image.fromarray(np.zeros((9, 8), np.uint16)).save(tmp_path / "deep" / "a" / f"black.{suffix}")
    assert len(load_dataset(tmp_path / "deep")) == 7

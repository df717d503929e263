"""tf.data.Dataset objects, and folders as TensorFlow Datasets prepares them."""

import base64
import json
import struct
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy_runs import dataset, sweep
from PIL import Image

from tfstab import Classifier, Dataset, load_dataset
from tfstab.errors import DataError, InputError, RunError
from tfstab.experiments.evaluation import evaluate
from tfstab.gui.jobs.preview import forget, preview_of

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 3), np.uint8)
LABELS = np.array([0, 2, 1, 0, 2])
EXPECTED = Dataset.from_arrays("x", "test", IMAGES, LABELS).fingerprint
from_tensors = tf.data.Dataset.from_tensor_slices


@pytest.mark.parametrize(
    "source",
    [
        from_tensors((IMAGES, LABELS)),
        from_tensors((IMAGES, LABELS)).batch(2),
        from_tensors((IMAGES, LABELS)).batch(2).prefetch(1),
        from_tensors({"image": IMAGES, "label": LABELS, "id": np.arange(5)}),
        from_tensors({"images": IMAGES, "labels": LABELS}).batch(5),
        from_tensors((IMAGES.astype(np.float32), np.eye(3)[LABELS])),
        from_tensors((IMAGES, np.eye(3)[LABELS])).batch(3),
        from_tensors((IMAGES, LABELS[:, None])).batch(3),
    ],
)  # fmt: skip
def test_datasets_in_batches_or_not(source):
    made = load_dataset(source)
    assert made.fingerprint == EXPECTED and made.name == "tf.data"


def test_grey_images_with_and_without_an_axis_for_it():
    for images in (IMAGES[..., 0], IMAGES[..., :1]):
        for batched in (from_tensors((images, LABELS)), from_tensors((images, LABELS)).batch(2)):
            np.testing.assert_array_equal(load_dataset(batched).images, IMAGES[..., :1])


def test_what_keras_reads_from_class_folders(tmp_path):
    for k, name in enumerate(["cat", "dog"]):
        (tmp_path / name).mkdir()
        Image.fromarray(IMAGES[k]).save(tmp_path / name / "a.png")
    read = keras.utils.image_dataset_from_directory(tmp_path, image_size=(16, 12), shuffle=False, verbose=False)
    made = load_dataset(read)
    assert made.class_names == ("cat", "dog") and made.images.shape == (2, 16, 12, 3)
    ((batch, _),) = read.as_numpy_iterator()
    np.testing.assert_array_equal(made.images, np.round(batch))
    assert made.note == "a tf.data.Dataset, fractions rounded to whole grey levels"


def test_it_is_resized_and_scored():
    made = load_dataset(from_tensors((IMAGES, LABELS)), size=(4, 4), resize="stretch")
    model = keras.Sequential([keras.layers.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
    assert evaluate(Classifier(model), made).metrics.total == 5


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (from_tensors((IMAGES, LABELS)).repeat(), "never ends"),
        (from_tensors((IMAGES, LABELS)).take(0), "has no images"),
        (from_tensors(IMAGES), r"expected \(image, label\)"),
        (from_tensors({"picture": IMAGES, "label": LABELS}), r"expected \(image, label\)"),
        (from_tensors((IMAGES / 255, LABELS)), "remove its scaling"),
        (from_tensors((IMAGES.astype(np.float32) - 128, LABELS)), "remove its scaling"),
        (from_tensors((IMAGES.astype(np.float32) * np.nan, LABELS)), "remove its scaling"),
        (from_tensors((np.resize([0.0, 256.0], IMAGES.shape), LABELS)),
         "gives values from 0 to 256; .*remove its scaling"),
        (from_tensors((IMAGES.astype(str), LABELS)), "expected grey levels"),
        (from_tensors((IMAGES, LABELS - 1)), "labels start at 0"),
        (from_tensors((IMAGES, LABELS)).map(lambda x, y: (x[: 8 // tf.size(x[:0])], y)),
         "cannot be read to its end"),
        (tf.data.Dataset.from_generator(
            lambda: iter([(IMAGES[0], 0), (IMAGES[0, :4], 0)]),
            output_signature=(tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((), tf.int64)),
        ), r"has images of \(8, 6, 3\) and of \(4, 6, 3\)"),
    ],
)  # fmt: skip
def test_datasets_that_are_refused(source, said):
    with pytest.raises((InputError, DataError), match=said) as told:
        load_dataset(source)
    assert "\n" not in str(told.value)


# --- TFDS ---

# The test split of a data set of five 6 x 5 images, as tensorflow_datasets 4.9.10 has written it.
RECORDS = base64.b64decode(
    """
    bgAAAAAAAADEvzNkCmwKWgoFaW1hZ2USUQpPCk2JUE5HDQoaCgAAAA1JSERSAAAABQAAAAYIAgAAAISZwxwAAAAUSURBVAiZY5ST
    k2NAAkwMqIBSPgAjrABmFc3y8gAAAABJRU5ErkJgggoOCgVsYWJlbBIFGgMKAQFgufaabgAAAAAAAADEvzNkCmwKWgoFaW1hZ2US
    UQpPCk2JUE5HDQoaCgAAAA1JSERSAAAABQAAAAYIAgAAAISZwxwAAAAUSURBVAiZY6yoqGBAAkwMqIBSPgCG0AF0wiJiSwAAAABJ
    RU5ErkJgggoOCgVsYWJlbBIFGgMKAQGDx2ppbgAAAAAAAADEvzNkCmwKWgoFaW1hZ2USUQpPCk2JUE5HDQoaCgAAAA1JSERSAAAA
    BQAAAAYIAgAAAISZwxwAAAAUSURBVAiZY4yKimJAAkwMqIBSPgBlxAEayNzsKAAAAABJRU5ErkJgggoOCgVsYWJlbBIFGgMKAQAo
    EZkqbgAAAAAAAADEvzNkCmwKWgoFaW1hZ2USUQpPCk2JUE5HDQoaCgAAAA1JSERSAAAABQAAAAYIAgAAAISZwxwAAAAUSURBVAiZ
    Y7SxsWFAAkwMqIBSPgBEuADA6LcXfwAAAABJRU5ErkJgggoOCgVsYWJlbBIFGgMKAQKggR3QZgAAAAAAAAByO4dqCmQKUgoFaW1h
    Z2USSQpHCkWJUE5HDQoaCgAAAA1JSERSAAAABQAAAAYIAgAAAISZwxwAAAAMSURBVAiZY2CgLQAAAGAAAbOuJZEAAAAASUVORK5C
    YIIKDgoFbGFiZWwSBRoDCgEAmNCSbw==
    """
)
IMAGE = {
    "image": {"dtype": "uint8", "shape": {"dimensions": ["6", "5", "3"]}},
    "pythonClassName": "tensorflow_datasets.core.features.image_feature.Image",
}
LABEL = {
    "classLabel": {"numClasses": "3"},
    "pythonClassName": "tensorflow_datasets.core.features.class_label_feature.ClassLabel",
}


def features(**those):
    return {
        "featuresDict": {"features": those},
        "pythonClassName": "tensorflow_datasets.core.features.features_dict.FeaturesDict",
    }


@pytest.fixture
def prepared(tmp_path):
    (tmp_path / "features.json").write_text(json.dumps(features(image=IMAGE, label=LABEL)))
    (tmp_path / "label.labels.txt").write_text("cat\ndog\nfox")
    (tmp_path / "tiny-test.tfrecord-00000-of-00001").write_bytes(RECORDS)
    return tmp_path


def records(folder, examples, name="tiny-test.tfrecord-00000-of-00001"):
    """Write (content of an image file, label) pairs."""
    with tf.io.TFRecordWriter(str(folder / name)) as file:
        for content, label in examples:
            feature = {
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[content])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
            }
            file.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def png(image):
    return tf.io.encode_png(image).numpy()


def test_a_folder_that_tfds_has_prepared(prepared):
    made = load_dataset(f"folder:{prepared}")
    assert made.class_names == ("cat", "dog", "fox") and made.labels.tolist() == [1, 1, 0, 2, 0] and not made.numbered
    assert made.images.shape == (5, 6, 5, 3)
    assert made.images.min(axis=(1, 2, 3)).tolist() == made.images.max(axis=(1, 2, 3)).tolist() == [30, 120, 90, 60, 0]


def test_shards_in_order_sizes_as_told_and_names_that_are_numbers(prepared):
    (prepared / "label.labels.txt").unlink()
    for k in range(2):
        records(prepared, [(png(IMAGES[k, : 8 - 2 * k]), k)], f"tiny-train.tfrecord-0000{k}-of-00002")
    with pytest.raises(DataError, match="images of 6 x 6 and of 6 x 8 pixels"):
        load_dataset(prepared, "train")
    made = load_dataset(prepared, "train", size=(8, 6), resize="stretch")
    assert made.labels.tolist() == [0, 1] and made.class_names == ("0", "1", "2") and made.numbered
    np.testing.assert_array_equal(made.images[0], IMAGES[0])
    with pytest.raises(InputError, match="no TFRecord files of the split 'validation'; it has: test, train"):
        load_dataset(prepared, "validation")


def test_damaged_images_in_records_are_skipped_where_that_is_wished(prepared):
    records(prepared, [(png(IMAGES[0]), 0), (b"none", 1), (png(IMAGES[1]), 2)])
    with pytest.raises(DataError, match=r"1 of 3 files in .*record 2"):
        load_dataset(prepared)
    with pytest.warns(UserWarning, match="record 2"):
        made = load_dataset(prepared, damaged="skip")
    assert made.labels.tolist() == [0, 2] and made.indices.tolist() == [0, 2]
    records(prepared, [(png(IMAGES[0]), 0), (png(np.dstack([IMAGES[1], IMAGES[2, ..., 0]])), 1)])
    assert load_dataset(prepared).note.endswith(", files with an alpha channel laid on white: 1")


def test_a_preview_decodes_the_records_that_it_shows_and_no_others(prepared):
    shown = (0, 4, 8, 12, 16, 20, 24, 29)
    files = [png(np.roll(IMAGES[0], k)) for k in range(30)]
    broken = [file if k in shown else file[:-30] for k, file in enumerate(files)]  # the header is whole
    records(prepared, [(file, k % 3) for k, file in enumerate(broken)])
    for resize, text in ((None, "8 x 6"), ("stretch:3x2", "stretched to 2 x 3"), ("crop:4", "cropped to 4 x 4")):
        preview = preview_of("", str(prepared), {"resize": resize})
        assert preview.text == f"30 images in 3 classes, {text} x 3" and len(preview.images) == 8
        assert preview.labels[:3] == ("cat", "dog", "fox")
    with pytest.raises(DataError, match=r"22 of 30 files in .*record 2 "):
        load_dataset(prepared)
    broken[8] = broken[8][:-30]
    records(prepared, [(file, 0) for file in broken])
    forget()  # the folder changes
    assert "1 of 8 files" in (said := preview_of("", str(prepared), {}).text) and "record 9 " in said
    assert len(preview_of("", str(prepared), {"damaged": "skip"}).images) == 7


def test_names_of_classes_are_checked_before_any_image_is_read(prepared):
    (prepared / "label.labels.txt").write_text("cat\n" + "d" * 1001)
    (prepared / "tiny-test.tfrecord-00000-of-00001").write_bytes(RECORDS[:-1])
    with pytest.raises(DataError, match=f"{prepared}.*has 1,001 characters"):
        load_dataset(prepared)


def huge(content):
    """A record that declares 10^12 bytes, with a right checksum of that."""
    length = struct.pack("<Q", 10**12)
    return length + content[8:]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("features.json", b"{}", "is damaged"), ("features.json", b"[" * 10**5, "is damaged"),
        ("features.json", json.dumps(features(**{"image": IMAGE, "../label": LABEL})).encode(),
         "is damaged"),
        ("features.json", json.dumps(features(a=IMAGE, b=IMAGE)).encode(), "2 images and 0 class labels"),
        ("tiny-test.tfrecord-00000-of-00001", RECORDS[:-1], "damaged or cut short"),
        ("tiny-test.tfrecord-00000-of-00001", huge(RECORDS), "damaged or cut short"),
        ("tiny-test.tfrecord-00000-of-00001", RECORDS[:50] + b"x" + RECORDS[51:], "holds damaged records"),
        ("tiny-test.tfrecord-00000-of-00001", b"", "has no images"),
    ],
)  # fmt: skip
def test_prepared_folders_that_are_refused(prepared, name, content, said):
    (prepared / name).write_bytes(content)
    with pytest.raises(DataError, match=said) as told:
        load_dataset(prepared)
    assert "\n" not in str(told.value)


def test_records_without_an_image_are_refused(prepared):
    with tf.io.TFRecordWriter(str(prepared / "tiny-test.tfrecord-00000-of-00001")) as file:
        file.write(b"\xff no message")
    with pytest.raises(DataError, match="holds damaged records"):
        load_dataset(prepared)
    with tf.io.TFRecordWriter(str(prepared / "tiny-test.tfrecord-00000-of-00001")) as file:
        file.write(tf.train.Example().SerializeToString())
    with pytest.raises(DataError, match="holds damaged records"):
        load_dataset(prepared)


@pytest.mark.parametrize("dimensions", [[], None, "", ["3"]])
def test_an_image_whose_dimensions_are_not_told(prepared, dimensions):
    image = {"image": {"dtype": "uint8", "shape": {"dimensions": dimensions}}}
    (prepared / "features.json").write_text(json.dumps(features(image=image, label=LABEL)))
    assert load_dataset(prepared).images.shape == (5, 6, 5, 3)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "x" * 300])
def test_a_label_whose_file_of_names_cannot_be(prepared, name):
    (prepared / "features.json").write_text(json.dumps(features(**{"image": IMAGE, name: LABEL})))
    with pytest.raises(DataError, match=r"is damaged|cannot be used as a path"):
        load_dataset(prepared)


def test_a_run_of_a_shuffled_dataset_is_not_resumed_and_it_is_said_why(tmp_path):
    first = replace(dataset(12), name="tf.data")
    sweep(tmp_path / "run", data=first)
    images, labels = first.images[::-1].copy(), first.labels[::-1].copy()
    with pytest.raises(RunError, match=r"have changed since; a tf\.data\.Dataset must not be shuffled"):
        sweep(tmp_path / "run", data=replace(first, images=images, labels=labels))

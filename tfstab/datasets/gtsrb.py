"""The German Traffic Sign Recognition Benchmark (Stallkamp et al. 2012) from its official zip files.

As in Aghdam et al. (2015), each sign is cut out at its region of interest and resized to 48 x 48.
"""

import csv
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tfstab import limits
from tfstab.datasets.dataset import Dataset
from tfstab.datasets.download import Archive, is_official, locate
from tfstab.datasets.groups import UNNAMED_SIGNS
from tfstab.datasets.images import opened
from tfstab.datasets.remarks import remarked
from tfstab.errors import DataError

HOST = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370"


def _archive(filename: str, md5: str) -> Archive:
    """Return an archive on the benchmark's server."""
    return Archive(filename, f"{HOST}/{filename}", f"md5:{md5}")


TRAIN = _archive("GTSRB_Final_Training_Images.zip", "f33fd80ac59bff73c82d25ab499e03a3")
TEST = _archive("GTSRB_Final_Test_Images.zip", "c7e4e6327067d32654124b0fe9e82185")
TEST_LABELS = _archive("GTSRB_Final_Test_GT.zip", "fe31e9c9270bbcd7b84b7f21a9d9d9e5")
SIDE = 48
TEST_IMAGES, FRAMES = 12_630, 30
# What zipfile, csv and Pillow raise for damaged files. TypeError: a row of a table is cut short.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    csv.Error,
    Image.DecompressionBombError,
    KeyError,
    ValueError,
    TypeError,
    OSError,
    EOFError,
    RuntimeError,
)
CLASS_NAMES = (
    "Speed limit (20 km/h)", "Speed limit (30 km/h)", "Speed limit (50 km/h)", "Speed limit (60 km/h)",
    "Speed limit (70 km/h)", "Speed limit (80 km/h)", "End of speed limit (80 km/h)", "Speed limit (100 km/h)",
    "Speed limit (120 km/h)", "No passing", "No passing for trucks", "Right of way at next crossing",
    "Priority road", "Yield", "Stop", "No vehicles", "No trucks", "No entry", "General caution",
    "Dangerous curve left", "Dangerous curve right", "Double curve", "Bumpy road", "Slippery road",
    "Road narrows on the right", "Road works", "Traffic signals", "Pedestrians", "Children crossing",
    "Bicycles crossing", "Beware of ice or snow", "Wild animals crossing", "End of all limits",
    "Turn right ahead", "Turn left ahead", "Ahead only", "Go straight or right", "Go straight or left",
    "Keep right", "Keep left", "Roundabout mandatory", "End of no passing", "End of no passing for trucks",
)  # fmt: skip


def load(split: str, data_dir: Path | None) -> Dataset:
    """Load the training signs, where the frames of one physical sign form a group, or the 12,630 test signs."""
    archives = [TRAIN] if split == "train" else [TEST, TEST_LABELS]
    paths = [locate(archive, data_dir) for archive in archives]
    try:
        images, labels, groups = _read_train(paths[0]) if split == "train" else _read_test(*paths)
    except DAMAGE as error:
        raise DataError(
            f"{paths[0].parent} holds GTSRB files that are damaged ({error}): "
            "remove them, and they will be downloaded again."
        ) from error
    official = all(is_official(archive, path) for archive, path in zip(archives, paths, strict=True))
    note = "official GTSRB" if official else "a copy of GTSRB that is not the official archive"
    tracks = None if groups is None else np.array(groups)
    dataset = Dataset.from_arrays("gtsrb", split, images, np.array(labels), CLASS_NAMES, tracks, note)
    return remarked(dataset, UNNAMED_SIGNS if split == "test" and _has_unnamed_signs(dataset.labels) else "")


def _has_unnamed_signs(labels: np.ndarray) -> bool:
    """Return whether these are the 12,630 test images, of which each class has a multiple of 30.

    They are apparently frames of 421 signs, but which of them show the same sign is not published.
    """
    return len(labels) == TEST_IMAGES and not (np.bincount(labels) % FRAMES).any()


def _read_train(path: Path) -> tuple[np.ndarray, list[int], list[int]]:
    """Return images (N, 48, 48, 3), labels and groups of the training set."""
    images, labels, groups = [], [], []
    with zipfile.ZipFile(path) as archive:
        tables = sorted(n for n in archive.namelist() if n.endswith(".csv"))
        if not tables:
            raise KeyError("no GT-*.csv in the training archive")
        for table in tables:
            folder = table.rsplit("/", 1)[0]
            for row in _rows(_read(archive, table)):
                images.append(_sign(_read(archive, f"{folder}/{row['Filename']}"), row))
                labels.append(int(row["ClassId"]))
                groups.append(labels[-1] * 100_000 + int(row["Filename"].split("_")[0]))
    return np.stack(images), labels, groups


def _read_test(images_path: Path, labels_path: Path) -> tuple[np.ndarray, list[int], None]:
    """Return images (N, 48, 48, 3) and labels of the test set, which has no groups."""
    with zipfile.ZipFile(labels_path) as archive:
        rows = _rows(_read(archive, "GT-final_test.csv"))
    with zipfile.ZipFile(images_path) as archive:
        images = [_sign(_read(archive, f"GTSRB/Final_Test/Images/{row['Filename']}"), row) for row in rows]
    return np.stack(images), [int(row["ClassId"]) for row in rows], None


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a member's content; raise ValueError if its declared size, the most that zipfile reads, is too large."""
    size = archive.getinfo(name).file_size
    if size > limits.LARGEST_GTSRB_MEMBER:
        raise ValueError(f"{name} unpacks to {size:,} bytes")
    return archive.read(name)


def _rows(table: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV table, by column."""
    return list(csv.DictReader(io.StringIO(table.decode("utf-8")), delimiter=";"))


def _sign(payload: bytes, row: dict[str, str]) -> np.ndarray:
    """Return the region of interest (48, 48, 3), uint8, resized bilinearly; both of its corners belong to it.

    Pixels at its edge are interpolated with their neighbours outside, which is how Pillow's `box` works.
    """
    with opened(payload) as image:
        box = (int(row["Roi.X1"]), int(row["Roi.Y1"]), int(row["Roi.X2"]) + 1, int(row["Roi.Y2"]) + 1)
        box = (max(box[0], 0), max(box[1], 0), min(box[2], image.width), min(box[3], image.height))
        if box[0] >= box[2] or box[1] >= box[3]:
            raise ValueError(f"the region of interest of {row['Filename']} is empty")
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box))

"""Make the pictures and runs of the page `how-to/one-failure.md` in a folder, and store the six outputs that it shows.

    TFSTAB_DATA=... python tests/guide/complaints.py FOLDER

The pictures are CIFAR-10 test images, as they are or with a fault: `complaint.png` and the folder `complaints`, in
which one file is truncated. The runs take about ten minutes, and are kept if they are there. `--pictures` writes only
the pictures.

The numbers of the images are those in the JPEG copy of CIFAR-10 that the page was made with, in which images have
another order than in the official archive. With another archive, choose other images, here and on the page.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import tfstab
from tfstab.degradations import NoiseStreams, get_degradation

RUNS = {  # tests/gui/make_pictures.py uses the first, too
    "runs/assess-cifar": "assess cifar10-quick cifar10 --limit 500 --out runs/assess-cifar",
    "runs/why": "explain cifar10-quick cifar10 --limit 60 --out runs/why",
}
OUTPUTS = {
    "inspect-picture": "inspect cifar10-quick complaint.png --class bird --out changes.png",
    "inspect-picture-compared": "inspect runs/assess-cifar complaint.png --class bird --why",
    "inspect-pictures": "inspect runs/assess-cifar complaints",
    "inspect-why": "inspect runs/assess-cifar/fog --image 557 --why",
    "inspect-sweep-image": "inspect runs/assess-cifar/gaussian_blur --image 370",
    "inspect-explained-image": "inspect runs/why --image 253",
}


def two_stops_too_dark(image):
    """Return an image (H, W, C), uint8, as a short exposure would have made it."""
    darker = get_degradation("underexposure").degrade(image, 2, NoiseStreams(0).at(0, 0, 0))
    return np.clip(np.rint(darker), 0, 255).astype(np.uint8)


PICTURES = {  # the number of the test image, and its fault
    "automobile/01.png": (103, lambda image: (image * 0.35).astype(np.uint8)),
    "bird/02.png": (110, None),
    "bird/03.png": (5863, two_stops_too_dark),
    "cat/04.png": (162, None),
    "deer/05.png": (107, lambda image: 255 - image),
    "dog/06.png": (124, None),
    "dog/07.png": (130, None),
    "horse/08.png": (163, np.rot90),  # counter-clockwise
    "truck/09.png": (101, None),
}
ALONE, TRUNCATED = "bird/03.png", "truck/09.png"


def write_pictures(folder):
    """Write `complaint.png` and `complaints`."""
    data = tfstab.load_dataset("cifar10", "test")
    for name, (number, fault) in PICTURES.items():
        path, image = folder / "complaints" / name, data.images[number]
        if data.class_names[data.labels[number]] != path.parent.name:
            sys.exit(f"Test image {number} is no {path.parent.name}: this is not the copy of CIFAR-10 of the page.")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(fault(image) if fault else image).save(path)
    shutil.copyfile(folder / "complaints" / ALONE, folder / "complaint.png")
    whole = (folder / "complaints" / TRUNCATED).read_bytes()
    (folder / "complaints" / TRUNCATED).write_bytes(whole[: len(whole) // 2])


def main():
    """Write the pictures, make the runs that are missing, and store the outputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", action="store_true")
    chosen = parser.parse_args()
    write_pictures(chosen.folder)
    if chosen.pictures:
        return
    for run, command in RUNS.items():
        if not (chosen.folder / run).exists():
            subprocess.run([sys.executable, "-m", "tfstab", *shlex.split(command)], check=True, cwd=chosen.folder)
    store = Path(__file__).with_name("store_output.py").resolve()
    for name, command in OUTPUTS.items():
        subprocess.run([sys.executable, store, name, *shlex.split(command)], check=True, cwd=chosen.folder)


if __name__ == "__main__":
    main()

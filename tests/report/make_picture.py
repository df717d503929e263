"""Takes README's picture of the report, with Chromium or Chrome, from an assessment:

tfstab assess cifar10-quick cifar10 --minutes 3
python tests/report/make_picture.py runs/assess-cifar10-quick-cifar10/report.html
"""

import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).parents[2] / "resources" / "pictures" / "report.png"
WIDTH, HEIGHT, COLOURS = 1280, 1590, 128  # of the first screen: verdict, numbers and chart
BROWSERS = "chromium", "chromium-browser", "google-chrome", "chrome"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--height", type=int, default=HEIGHT, help="pixels that are kept, from the top")
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    # A browser on a dark desktop takes its colours.
    page = re.sub(r"@media \(prefers-color-scheme: dark\)", "@media not all", options.report.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        light, shot = Path(folder, "report.html"), Path(folder, "report.png")
        light.write_text(page, "utf-8")
        size = f"--window-size={WIDTH},{options.height}"
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size]
        subprocess.run([*command, f"--screenshot={shot}", light.as_uri()], check=True, capture_output=True)
        with Image.open(shot) as picture:
            top = picture.convert("RGB").crop((0, 0, WIDTH, options.height))
            top.quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()

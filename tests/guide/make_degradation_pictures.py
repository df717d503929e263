"""Draws the guide's picture of each family of degradations: a photograph, clean and at severities from mild to strong.

    PYTHONPATH=tests python -m guide.make_degradation_pictures

The photograph is `chelsea` of scikit-image, by Stefan van der Walt, in the public domain (CC0).
"""

from pathlib import Path

import numpy as np
import skimage.data
from guide.program_blocks import drawn
from PIL import Image

from tfstab.degradations import BUILT_IN, get_degradation

PICTURES = Path(__file__).parents[2] / "resources" / "pictures"
CROP = (115, 0, 415, 300)  # the cat's head
SIDE, ZOOM, GAP, COLOURS = 64, 2, 4, 128  # pixels of the image that is degraded; how large each of them is shown


def main():
    """Draw all pictures."""
    photograph = Image.fromarray(skimage.data.chelsea()).crop(CROP).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    clean = np.asarray(photograph, np.float32)
    for family in map(get_degradation, BUILT_IN):
        panels = [clean, *(family(clean.copy(), s, np.random.default_rng(1)) for s in drawn(family))]
        strip = Image.new("RGB", ((SIDE * ZOOM + GAP) * len(panels) - GAP, SIDE * ZOOM), "white")
        for k, panel in enumerate(panels):
            image = Image.fromarray(np.rint(panel).clip(0, 255).astype(np.uint8))
            large = image.resize((SIDE * ZOOM,) * 2, Image.Resampling.NEAREST)
            strip.paste(large, (k * (SIDE * ZOOM + GAP), 0))
        file = PICTURES / f"degradation-{family.name.replace('_', '-')}.png"
        strip.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

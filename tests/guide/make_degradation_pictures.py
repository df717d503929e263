"""Draw the guide's picture of each family of degradations: a photograph, clean and at severities from mild to strong.

    python tests/guide/make_degradation_pictures.py

The photograph is `chelsea` of scikit-image, by Stefan van der Walt, in the public domain (CC0).
"""

import numpy as np
import skimage.data
from figure_style import save_image
from PIL import Image
from program_blocks import drawn

from tfstab.degradations import BUILT_IN, get_degradation

CROP = (115, 0, 415, 300)  # the cat's head
SIDE, ZOOM, GAP = 64, 2, 4  # pixels of the image that is degraded; how large each of them is shown


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
        save_image(strip, f"degradation-{family.name.replace('_', '-')}")


if __name__ == "__main__":
    main()

"""Takes the README's pictures of the viewer, off screen, from an assessment:

tfstab assess cifar10-quick cifar10 --limit 500 --out runs/assess-cifar
tfstab explain cifar10-quick cifar10 --limit 60 --out runs/assess-cifar/explanation
python tests/gui/make_pictures.py runs/assess-cifar
"""

from pathlib import Path

from photographed import grabbed, settle, until, viewer
from PIL import Image

from tfstab.gui.content.viewpoint import Viewpoint

FOLDER = Path(__file__).parents[2] / "resources" / "pictures"
SIZE = 1440, 860
COLOURS = 192
FAMILY, STRENGTH = "gaussian_noise", 20.0  # of the image whose card is shown
EXPLORED = {"image": 1447, "steps": [[FAMILY, 10.0], ["gaussian_blur", 0.9]], "seed": 0}


def main():
    with viewer(__doc__, SIZE) as (app, window):
        overview(app, window)
        robustness(app, window)
        atlas(app, window)
        explorer(app, window)


def overview(app, window):
    """The overview of the assessment in the dark theme, with the card of its weakest image."""
    window.set_theme("dark")
    until(app, lambda: window.controller.current.computed is not None)
    select(app, window, STRENGTH)
    window.page().tabs.show_view("Overview")
    take(app, window, "viewer")


def select(app, window, strength):
    """Select the copy of the image at this severity of FAMILY, and wait for its card."""
    session, card = window.controller.current, window.controller.card
    place = list(session.computed.figures.family(FAMILY).run.severities).index(strength)
    session.select_copy(FAMILY, place)
    window.page().tabs.show_view("Robustness")  # where the image can be selected; other tabs keep it
    settle(app, window)
    until(app, lambda: card.content is not None and card.content.part("neighbours") is not None)


def robustness(app, window):
    """Degradations by severity."""
    window.set_theme("light")
    window.page().tabs.show_view("Robustness")
    take(app, window, "viewer-robustness")


def explorer(app, window):
    """Two degradations in a row, and where the prediction becomes wrong; the card of the same image with the first."""
    window.set_theme("light")
    session = window.controller.current
    session.select_image(EXPLORED["image"])
    select(app, window, EXPLORED["steps"][0][1])
    window.controller.visit(Viewpoint(str(session.path.resolve()), "Explorer", {"explorer": EXPLORED}))
    settle(app, window, 6)
    take(app, window, "viewer-explorer")


def atlas(app, window):
    """The map of clean and degraded images."""
    window.set_theme("dark")
    page = window.page()
    page.tabs.show_view("Atlas")
    page.whole.setSizes([SIZE[1], 1])  # the images need little room here
    until(app, lambda: page.atlas.made is not None and page.atlas.made.boxes.method.currentText() == "t-SNE")
    settle(app, window, 2)
    take(app, window, "viewer-atlas")


def take(app, window, name):
    """Write what the window shows, in few colours."""
    settle(app, window)
    grabbed(window).quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()

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
EXPLORED = {"image": 1447, "steps": [["gaussian_noise", 10.0], ["gaussian_blur", 0.9]], "seed": 0}


def main():
    with viewer(__doc__, SIZE) as (app, window):
        overview(app, window)
        robustness(app, window)
        explorer(app, window)
        atlas(app, window)


def overview(app, window):
    """The overview of the assessment in the dark theme, with the card of its weakest image."""
    window.set_theme("dark")
    until(app, lambda: window.controller.current.computed is not None)
    session, page = window.controller.current, window.page()
    run = session.computed.figures.family(FAMILY).run
    session.select_copy(FAMILY, list(run.severities).index(STRENGTH))
    page.tabs.show_view("Robustness")  # where the image can be selected; the overview keeps it
    card = window.controller.card
    until(app, lambda: card.content is not None and card.content.part("neighbours") is not None)
    page.tabs.show_view("Overview")
    take(app, window, "viewer")


def robustness(app, window):
    """Degradations by severity."""
    window.set_theme("light")
    window.page().tabs.show_view("Robustness")
    take(app, window, "viewer-robustness")


def explorer(app, window):
    """Two degradations in a row, and where the prediction changes."""
    window.set_theme("light")
    session = window.controller.current
    window.controller.visit(Viewpoint(str(session.path.resolve()), "Explorer", {"explorer": EXPLORED}))
    settle(app, window, 6)
    take(app, window, "viewer-explorer")


def atlas(app, window):
    """The map of clean and degraded images."""
    window.set_theme("dark")
    page = window.page()
    page.tabs.show_view("Atlas")
    page.whole.setSizes([SIZE[1], 1])  # the images need little room here
    until(app, lambda: page.atlas.made is not None and page.atlas.made.method.currentText() == "t-SNE")
    settle(app, window, 2)
    take(app, window, "viewer-atlas")


def take(app, window, name):
    """Write what the window shows, in few colours."""
    settle(app, window)
    grabbed(window).quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()

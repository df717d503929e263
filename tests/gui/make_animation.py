"""Makes the README's animation of the viewer, off screen, from an assessment (see make_pictures.py):

python tests/gui/make_animation.py runs/assess-cifar
"""

import sys
from pathlib import Path

from photographed import grabbed, settle, until, viewer
from PIL import Image, ImageDraw, ImageFont
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

FILE = Path(__file__).parents[2] / "resources" / "pictures" / "viewer.gif"
SIZE = 1120, 690
COLOURS = 255
STRIP, LETTERS = 38, 19  # pixels: the line below the window, and the height of its text
STEPS, STEP = 7, 50  # pictures of a move of the pointer, and how long each is shown, ms
ARROW = (0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (13, 12)
FAMILY, STRENGTH = "gaussian_blur", 1.5


class Film:
    """Pictures of a window and how long each is shown, with a pointer that moves to what is clicked."""

    def __init__(self, app, window):
        self._app, self._window = app, window
        self._said, self._pointer = "", QPoint(SIZE[0] // 2, SIZE[1] // 2)
        self._font = ImageFont.load_default(LETTERS)
        self.frames = []

    def say(self, text):
        """Write a line below the window from now on."""
        self._said = text

    def hold(self, milliseconds):
        """Show the window as it is."""
        self.frames.append((self._picture(grabbed(self._window)), milliseconds))

    def click(self, widget, point=None):
        """Move the pointer to a point of a widget, by default its middle, and click there."""
        point = widget.rect().center() if point is None else point
        self._go(widget.mapTo(self._window, point))
        self.frames.append((self._picture(grabbed(self._window), pressed=True), 3 * STEP))
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point)
        settle(self._app, self._window, 0.1)

    def drag(self, slider, values):
        """Move the pointer along a slider, which takes these values."""
        for value in values:
            slider.setValue(value)
            settle(self._app, self._window, 0.5)
            share = (value - slider.minimum()) / (slider.maximum() - slider.minimum())
            place = QPoint(round(8 + share * (slider.width() - 16)), slider.height() // 2)
            self._pointer = slider.mapTo(self._window, place)
            self.frames.append((self._picture(grabbed(self._window), pressed=True), 3 * STEP))

    def point_at(self, widget, point=None):
        """Move the pointer to a point of a widget, by default its middle."""
        self._go(widget.mapTo(self._window, widget.rect().center() if point is None else point))

    def save(self, path):
        """Write an animated GIF that begins again at its end."""
        pictures = [picture for picture, _ in self.frames]
        palette = _palette(pictures)
        few = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
        durations = [milliseconds for _, milliseconds in self.frames]
        few[0].save(path, save_all=True, append_images=few[1:], duration=durations, loop=0, optimize=False, disposal=1)

    def _go(self, there):
        start, move, base = self._pointer, there - self._pointer, grabbed(self._window)
        for step in range(1, STEPS + 1):
            share = step / STEPS
            share = share * share * (3 - 2 * share)  # slow at both ends
            self._pointer = start + share * move
            self.frames.append((self._picture(base), STEP))

    def _picture(self, window, pressed=False):
        picture = Image.new("RGB", (SIZE[0], SIZE[1] + STRIP), "#1d2b3a")
        picture.paste(window)
        draw = ImageDraw.Draw(picture)
        draw.text((SIZE[0] // 2, SIZE[1] + STRIP // 2), self._said, "#ffffff", self._font, anchor="mm")
        x, y = self._pointer.toTuple()
        if pressed:
            draw.ellipse((x - 13, y - 13, x + 13, y + 13), outline="#e0662a", width=3)
        draw.polygon([(x + a, y + b) for a, b in ARROW], fill="#ffffff", outline="#000000")
        return picture


def main():
    with viewer(__doc__, SIZE) as (app, window):
        window.set_theme("light")
        window.panels.runs.close()
        window.panels.want_image(False)  # until there is an image
        film = Film(app, window)
        until(app, lambda: window.controller.current.computed is not None)
        settle(app, window)
        assessment(window, film)
        one_image(app, window, film)
        explorer(app, window, film)
        atlas(app, window, film)
        film.save(FILE)
    seconds = sum(milliseconds for _, milliseconds in film.frames) / 1000
    sys.stdout.write(f"{FILE.name}: {len(film.frames)} pictures, {seconds:.1f} s, {FILE.stat().st_size / 1e6:.2f} MB\n")


def assessment(window, film):
    """From the verdict to the table of degradations and severities, and into one of its cells."""
    film.say("An assessment says what the network breaks under, and how sure that is.")
    film.hold(2200)
    film.say("Every number leads to what it counts.")
    click_tab(film, window, "Robustness")
    film.hold(900)
    table = window.page().robustness.heat_map
    row = next(n for n, each in enumerate(table.rows) if each.name == FAMILY)
    column = 1 + [cell.severity for cell in table.rows[row].cells].index(STRENGTH)
    film.say("A click on a cell lists the images that are lost there …")
    film.click(table.viewport(), table.visualItemRect(table.item(row, column)).center())


def one_image(app, window, film):
    """From the list to one image, and to its card."""
    table, card = window.page().points_page.table, window.controller.card
    film.hold(700)
    film.say("… and a click on an image says why it is lost.")
    window.panels.want_image(True)
    film.click(table.viewport(), table.visualRect(table.model().index(1, 4)).center())
    until(app, lambda: card.content is not None and card.content.part("neighbours") is not None)
    settle(app, window)
    film.hold(2500)


def explorer(app, window, film):
    """How much of another degradation the image bears."""
    film.say("The explorer degrades it by hand: the mark on the slider is where the prediction changes.")
    click_tab(film, window, "Explorer")
    page = window.page().explorer.view
    until(app, lambda: page.explorer.followed and all(page.explorer.tracks.found))
    film.hold(600)
    slider = page.steps.rows[0].slider.slider
    film.point_at(slider, QPoint(8, slider.height() // 2))
    film.drag(slider, range(0, 130, 10))
    film.hold(900)


def atlas(app, window, film):
    """Where the image is among all, in the features that the network sees."""
    film.say("The atlas maps clean and degraded images by the features that the network sees in them.")
    page = window.page()
    page.whole.setSizes([SIZE[1], 1])  # the images need little room here
    click_tab(film, window, "Atlas")
    until(app, lambda: page.atlas.made is not None and page.atlas.made.boxes.method.currentText() == "t-SNE")
    settle(app, window, 1)
    film.hold(2200)


def click_tab(film, window, title):
    """Click the tab with this title of the page in view."""
    tabs = window.page().tabs
    film.click(tabs.tabBar(), tabs.tabBar().tabRect(tabs.titles().index(title)).center())


def _palette(pictures):
    """Return one palette for all pictures, so that what stays the same is stored once."""
    some = pictures[:: max(len(pictures) // 12, 1)]
    width, height = some[0].size
    together = Image.new("RGB", (width, height * len(some)))
    for place, picture in enumerate(some):
        together.paste(picture, (0, place * height))
    return together.quantize(COLOURS)


if __name__ == "__main__":
    main()

"""Light and dark themes, and the rules for spacing, type and colours that all pages share."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

SYSTEM, LIGHT, DARK = THEMES = ("system", "light", "dark")
SPACE = 8  # pixels between related things; twice that between blocks, and half of it between lines
ROUND = 6  # pixels, radius of a block's corners
NUMBER, SMALL = 1.6, 0.88  # sizes of headline numbers and captions, relative to text
GOOD, MIDDLE, BAD, PLAIN = "good", "middle", "bad", ""  # tones; always shown with a number or a word as well
# After Okabe and Ito in spirit: told apart by colour-blind people, too, because they differ in lightness.
_TONES = {
    LIGHT: {GOOD: "#1b7f5c", MIDDLE: "#a86d00", BAD: "#c2382b", PLAIN: "#2f6fb0"},
    DARK: {GOOD: "#6cc49c", MIDDLE: "#e5b455", BAD: "#f17c6c", PLAIN: "#7cb4ee"},
}
Role, Group = QPalette.ColorRole, QPalette.ColorGroup
# For desktops that cannot provide the other theme: background, text, and the colours between.
_COLOURS = {
    LIGHT: {
        Role.Window: "#f2f2f2", Role.Base: "#ffffff", Role.AlternateBase: "#f5f7f9", Role.Button: "#ececec",
        Role.Text: "#1b1b1b", Role.Highlight: "#2f6fb0", Role.Link: "#1f5fa8", Role.Mid: "#b4b4b4",
        Role.Midlight: "#d8d8d8", Role.Dark: "#9a9a9a", Role.Light: "#ffffff", Role.Shadow: "#767676",
    },
    DARK: {
        Role.Window: "#36383c", Role.Base: "#212327", Role.AlternateBase: "#282b30", Role.Button: "#44474d",
        Role.Text: "#dfe1e5", Role.Highlight: "#2f65a8", Role.Link: "#6cb4ff", Role.Mid: "#64676d",
        Role.Midlight: "#4e5157", Role.Dark: "#1a1b1d", Role.Light: "#5a5d63", Role.Shadow: "#101112",
    },
}  # fmt: skip


def is_dark(palette: QPalette) -> bool:
    """Return True if the palette's windows are dark."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def apply_theme(app: QApplication, theme: str) -> None:
    """Show all windows in this theme."""
    hints = app.styleHints()
    schemes = {SYSTEM: Qt.ColorScheme.Unknown, LIGHT: Qt.ColorScheme.Light, DARK: Qt.ColorScheme.Dark}
    if hasattr(hints, "setColorScheme"):  # Qt 6.8
        hints.setColorScheme(schemes[theme])
    app.setPalette(QPalette())  # the system's
    if theme != SYSTEM and is_dark(app.palette()) != (theme == DARK):
        app.setPalette(_palette(theme))


def tone_colour(palette: QPalette, tone: str) -> QColor:
    """Return the colour of a tone (`GOOD`, `MIDDLE`, `BAD` or `PLAIN`) on this palette's background."""
    return QColor(_TONES[DARK if is_dark(palette) else LIGHT][tone])


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """Return the first colour with this share, 0 to 1, of the second one."""
    parts = (
        (first.red(), second.red()),
        (first.green(), second.green()),
        (first.blue(), second.blue()),
    )
    return QColor(*(round(a + share * (b - a)) for a, b in parts))


def block_colour(palette: QPalette) -> QColor:
    """Return the background of a block on a page."""
    return mixed(palette.color(Role.Base), palette.color(Role.Text), 0.06)


def caption_colour(palette: QPalette) -> QColor:
    """Return the colour of captions, which is fainter than text."""
    return mixed(palette.color(Role.Text), palette.color(Role.Base), 0.32)


def scaled(font: QFont, size: float, bold: bool = False) -> QFont:
    """Return a font of `size` times this font's size."""
    font = QFont(font)
    font.setPointSizeF(font.pointSizeF() * size)
    font.setBold(bold)
    return font


def heading(label: QLabel) -> QLabel:
    """Give a label the type of a heading, and return it."""
    label.setFont(scaled(label.font(), 1.0, bold=True))
    return label


def palette_of(theme: str) -> QPalette:
    """Return the palette of the light or dark theme: the application's, if that is its theme at present."""
    current = QApplication.palette()
    return current if is_dark(current) == (theme == DARK) else _palette(theme)


def restyle(window: QWidget) -> None:
    """Let the parts of a window that have a style sheet follow a new palette, which Qt does not pass on to them."""
    for widget in window.findChildren(QWidget):
        if sheet := widget.styleSheet():
            widget.setStyleSheet(sheet)


def _palette(theme: str) -> QPalette:
    palette, colours = QPalette(), {role: QColor(name) for role, name in _COLOURS[theme].items()}
    text = colours[Role.Text]
    faint = QColor(text.red(), text.green(), text.blue(), 140)
    for role, colour in colours.items():
        palette.setColor(role, colour)
    for role in (Role.WindowText, Role.ButtonText, Role.ToolTipText):
        palette.setColor(role, text)
    palette.setColor(Role.ToolTipBase, colours[Role.Button])
    palette.setColor(Role.PlaceholderText, faint)
    palette.setColor(Role.HighlightedText, QColor("#ffffff"))
    palette.setColor(Role.BrightText, QColor("#ffffff"))
    palette.setColor(Role.LinkVisited, colours[Role.Link])
    palette.setColor(Role.Accent, colours[Role.Highlight])
    for role in (Role.Text, Role.WindowText, Role.ButtonText):
        palette.setColor(Group.Disabled, role, faint)
    palette.setColor(Group.Disabled, Role.Highlight, colours[Role.Mid])
    return palette

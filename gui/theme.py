"""Light and dark themes: the system's, or the one that the user has chosen."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

SYSTEM, LIGHT, DARK = THEMES = ("system", "light", "dark")
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

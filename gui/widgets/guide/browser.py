"""The page of the guide in view, in the colours of the theme."""

import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QFontDatabase,
    QImage,
    QPalette,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from tfstab.gui.theme import SPACE, caption_colour, mixed
from tfstab.guide import get_page
from tfstab.guide.html import SCHEME, render

WIDEST = 800  # pixels of a line; longer ones are hard to read
MARGIN = 2 * SPACE
SETTLE = 120  # ms after the last change of the width before pictures are scaled anew
ABOVE = 1.0, 1.6, 1.25, 1.1  # sizes of headings relative to text, by level


class GuideBrowser(QTextBrowser):
    """Shows pages by their address, "guide:TOPIC#ANCHOR"; links to the web open in the browser."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Page of the guide")
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # pictures fit before it is needed
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.document().setDocumentMargin(MARGIN)
        self._later = QTimer(self, singleShot=True, interval=SETTLE)
        self._later.timeout.connect(self._show_again)
        self._arrived = 0  # place of the scroll bar where the page's anchor is at the top
        self._shown_at = 0  # width of the page's lines when its pictures were scaled

    def show_place(self, place: str) -> None:
        """Show "TOPIC" or "TOPIC#ANCHOR"."""
        self.setSource(QUrl(f"{SCHEME}{place}"))

    def doSetSource(
        self,
        name: QUrl | str,
        type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource,
    ) -> None:
        """Show a page, or open a link to the web in the browser."""
        name = QUrl(name)
        if name.scheme() in ("http", "https"):
            QDesktopServices.openUrl(name)
        else:
            super().doSetSource(name, type)
            self._arrived = self.verticalScrollBar().value()
            self._mark_heading()

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        """Return a page as HTML, or a picture in the width of the lines."""
        name = QUrl(name)
        if type == QTextDocument.ResourceType.ImageResource:
            return self._picture(name)
        if name.scheme() + ":" != SCHEME:
            return None
        self.document().setDefaultStyleSheet(_style(self.palette(), self.font().pointSizeF()))
        return _in_boxes(render(get_page(name.path())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break lines for another width; pictures follow a moment later."""
        at_anchor = self._at_anchor()
        super().resizeEvent(event)
        self.setLineWrapColumnOrWidth(self._width())
        if at_anchor:
            self._go_to_anchor()
        if self._width() != self._shown_at:
            self._later.start()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self.source().isEmpty():
            self._show_again()

    def _width(self) -> int:
        return min(self.viewport().width() - 2, WIDEST)  # Qt rounds the width of tables up

    def _show_again(self) -> None:
        """Show the page with its pictures scaled, and its colours chosen, anew; the same lines stay in view."""
        self._shown_at = self._width()
        bar, at_anchor = self.verticalScrollBar(), self._at_anchor()
        share = bar.value() / max(bar.maximum(), 1)
        self.document().clear()
        # Not reload(), which forgets the anchor if a link within the page led there.
        self.setHtml(self.loadResource(QTextDocument.ResourceType.HtmlResource, self.source()) or "")
        self._mark_heading()
        if at_anchor:
            self._go_to_anchor()
        else:
            bar.setValue(round(share * bar.maximum()))

    def _at_anchor(self) -> bool:
        """Return whether the reader has not scrolled away from the anchor of the address."""
        return self.source().hasFragment() and self.verticalScrollBar().value() == self._arrived

    def _mark_heading(self) -> None:
        """Mark the heading of the address, which is not at the top of the window if little text follows it."""
        mark = QTextEdit.ExtraSelection()
        mark.cursor = self._heading(self.source().fragment())
        mark.format.setBackground(_ground(self.palette()))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        self.setExtraSelections([] if mark.cursor.isNull() else [mark])

    def _heading(self, anchor: str) -> QTextCursor:
        """Return a cursor in the heading with this anchor; a null one if there is none."""
        block = self.document().begin()
        while anchor and block.isValid():
            if any(anchor in part.fragment().charFormat().anchorNames() for part in block):  # type: ignore[attr-defined]
                return QTextCursor(block)
            block = block.next()
        return QTextCursor()

    def _go_to_anchor(self) -> None:
        self.scrollToAnchor(self.source().fragment())
        self._arrived = self.verticalScrollBar().value()

    def _picture(self, name: QUrl) -> QImage:
        picture = QImage(name.toLocalFile()) if name.isLocalFile() and Path(name.toLocalFile()).is_file() else QImage()
        dense = self.devicePixelRatioF()
        room = round((self._width() - 2 * MARGIN) * dense)
        if picture.width() > room > 0:
            picture = picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(dense)
        return picture


def _style(palette: QPalette, size: float) -> str:
    """Return the style sheet of pages in the colours of a palette; size: of text, in points."""
    role = QPalette.ColorRole
    base, text, link = (palette.color(one) for one in (role.Base, role.Text, role.Link))
    line, ground = mixed(base, text, 0.2).name(), _ground(palette).name()
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    headings = "".join(
        f"h{level} {{ font-size: {size * ABOVE[min(level, 3)]:.1f}pt; margin-top: {22 if level > 1 else 0}px; }}\n"
        for level in range(1, 5)
    )
    return f"""
        {headings}
        p, li {{ line-height: 135%; }}
        a {{ color: {link.name()}; text-decoration: none; }}
        code, pre {{ font-family: "{fixed}"; }}
        code {{ background-color: {ground}; }}
        pre {{ white-space: pre-wrap; margin: 0px; }}
        pre code {{ background-color: transparent; }}
        table {{ border-collapse: collapse; margin-top: 6px; margin-bottom: 10px; }}
        th {{ text-align: left; border-bottom: 2px solid {line}; padding: 4px 14px 4px 0px; }}
        td {{ border-bottom: 1px solid {line}; padding: 4px 14px 4px 0px; }}
        td.code {{ background-color: {ground}; border: none; padding: 8px 12px; }}
        blockquote {{ color: {caption_colour(palette).name()}; }}
    """


def _ground(palette: QPalette) -> QColor:
    """Return the colour behind code and the heading of the address."""
    return mixed(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text), 0.07)


def _in_boxes(html: str) -> str:
    """Return HTML as Qt needs it: code in tables of one cell, cells without styles, pictures without spacing of lines.

    Qt gives only cells a padding. A cell with a style of its own would not get the borders of the style sheet.
    """
    html = re.sub('style="text-align:(left|right|center)"', r'align="\1"', html)
    html = html.replace("<p><img", "<p style='line-height: 100%'><img")  # or a gap of a third of the picture follows
    box = "<table width='100%' class='code'><tr><td class='code'><pre>"
    return html.replace("<pre>", box).replace("</pre>", "</pre></td></tr></table>")

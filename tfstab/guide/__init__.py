"""The guide: its pages, which are Markdown files in `resources/guide`, and how words are found in them.

`index.md` there is the table of contents. It is the one home of the pages' order, titles and summaries.

>>> from tfstab import guide
>>> guide.get_page("search").title
'How the search works'
>>> guide.find("certified radius")[0].page.topic
'glossary'
"""

from tfstab.guide.finding import Place, find, find_corrected, near, prepare
from tfstab.guide.links import Link, resolve
from tfstab.guide.pages import CONTENTS, Page, get_page, pages, picture_file, read

__all__ = [
    "CONTENTS",
    "Link",
    "Page",
    "Place",
    "find",
    "find_corrected",
    "get_page",
    "near",
    "pages",
    "picture_file",
    "prepare",
    "read",
    "resolve",
]

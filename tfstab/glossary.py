"""The terms of reports, viewer and guide, each explained in one or two sentences."""

from functools import cache

from tfstab.guide.finding import GLOSSARY
from tfstab.guide.markdown import sections
from tfstab.guide.pages import read


@cache
def terms() -> dict[str, str]:
    """Return the explanation of each term, without markup, in alphabetical order.

    They are read from the guide's glossary, `resources/guide/reference/glossary.md`: a term is a heading, and its
    explanation is the first paragraph below it. A function, because reading them would delay the start of each command.

    Examples
    --------
    >>> from tfstab.glossary import terms
    >>> terms()["clean image"]
    'An image as it is in the data set, before anything is done to it.'
    """
    entries = (section for section in sections(read(GLOSSARY)) if section.heading.level == 2)
    return {section.heading.title: section.text.partition("\n")[0] for section in entries}

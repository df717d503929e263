"""Places in the guide that the viewer opens: terms, tabs, and what to do about an error. No Qt in here.

A place is "TOPIC" or "TOPIC#ANCHOR", as in the links of `tfstab.guide.html`. The guide is imported when it is first
needed, because the window appears sooner without it.
"""

VIEWER, START, TUTORIAL, GLOSSARY = "viewer", "index", "tutorial", "glossary"  # topics


def term_place(term: str) -> str:
    """Return the place of a term of the glossary.

    Examples
    --------
    >>> from tfstab.gui.content.guide import term_place
    >>> term_place("accuracy kept")
    'glossary#accuracy-kept'
    """
    from tfstab.guide.markdown import slug

    return f"{GLOSSARY}#{slug(term)}"


def tab_place(title: str) -> str:
    """Return the place that explains a tab, given by its title; headings of the viewer's page are titles of tabs."""
    from tfstab.guide.markdown import slug

    return f"{VIEWER}#{slug(title)}"


def explained(term: str) -> str:
    """Return a term and the glossary's explanation of it, for a tool tip."""
    from tfstab.glossary import TERMS

    return f"{term[:1].upper()}{term[1:]}: {TERMS[term]}"

"""Public docstrings in the form that `make docs` checks with numpydoc, which the tests do without."""

import inspect
import re

import tfstab

ORDER = ["Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "Notes", "References", "Examples"]


def sections(public):
    """The sections of a public name's docstring with their lines, in order."""
    parts = re.split(r"(?m)^([A-Z][A-Za-z ]+)\n-+$", inspect.getdoc(public) or "")
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def in_order(public):
    """Whether the sections come in numpydoc's order, and the parameters in that of the signature."""
    found = sections(public)
    documented = re.findall(r"(?m)^(\w[\w, ]*?) : ", found.get("Parameters", ""))
    documented = [one for names in documented for one in names.split(", ")]
    taken = [one for one in inspect.signature(public).parameters if one in documented]
    return documented == taken and list(found) == [section for section in ORDER if section in found]


def test_sections_and_parameters_are_in_order():
    called = [name for name in tfstab.__all__ if callable(getattr(tfstab, name))]
    assert len(called) > 20 and [name for name in called if not in_order(getattr(tfstab, name))] == []

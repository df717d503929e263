"""What hardening has changed for the pictures of a folder, counted by hand."""

from types import SimpleNamespace

import pytest

from tfstab.report.changed_pictures import FLATTERS, changed_by_hardening

LEAD = "'plain', the network before hardening, gets "


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("11", "11", f"{LEAD}none of them wrong. Of the pictures that were right before, none is wrong now."),
        ("11", "10", f"{LEAD}none of them wrong. Of the pictures that were right before, 1 is wrong now."),
        ("0", "1", f"{LEAD}1 picture wrong; the hardened network gets it right. {FLATTERS}"),
        ("0", "0", f"{LEAD}1 picture wrong; the hardened network gets it wrong, too."),
        ("00", "00", f"{LEAD}2 pictures wrong; the hardened network gets 0 of these right."),
        (
            "00011",
            "11000",
            f"{LEAD}3 pictures wrong; the hardened network gets 2 of these right. Of the pictures that were right "
            f"before, 2 are wrong now. {FLATTERS}",
        ),
    ],
)
def test_what_hardening_changed_is_counted(before, after, said):
    """All pictures show class 1; a digit is the class that a network predicts. The last one has no known class."""
    pictures = [
        SimpleNamespace(true_class=1, before=int(old), right=new == "1") for old, new in zip(before, after, strict=True)
    ]
    unknown = SimpleNamespace(true_class=None, before=0, right=None)
    assert changed_by_hardening(SimpleNamespace(before="plain", pictures=[*pictures, unknown])) == said

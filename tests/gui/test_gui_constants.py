"""Numbers and defaults of `tfstab.gui` are as recorded."""

from pathlib import Path

from constants import check_constants


def test_constants_are_as_recorded():
    check_constants("tfstab.gui", Path(__file__).with_name("constants.txt"))

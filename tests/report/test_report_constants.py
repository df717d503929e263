"""Numbers and defaults of `tfstab.report` are as recorded."""

from pathlib import Path

from constants import check_constants


def test_constants_are_as_recorded():
    check_constants("tfstab.report", Path(__file__).with_name("constants.txt"))

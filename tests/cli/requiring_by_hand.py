"""What tests of `--require` need: the options as typed, and the JUnit file that is written."""

import shlex
from pathlib import Path
from xml.etree import ElementTree


def required(*texts):
    return " ".join(f"--require {shlex.quote(text)}" for text in texts)


def suite_of(path):
    (suite,) = ElementTree.fromstring(Path(path).read_text("utf-8"))
    return suite

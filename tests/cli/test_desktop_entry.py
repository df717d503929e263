"""`tfstab view --install-desktop-entry`, into a folder of the test's own."""

import configparser
import sys
from pathlib import Path

import pytest

from processes import tfstab

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="desktop entries are Linux's")


def test_the_entry_starts_this_viewer_and_has_its_icon(tmp_path):
    share = tmp_path / "share with 50% spaces"
    result = tfstab("view", "--install-desktop-entry", XDG_DATA_HOME=str(share), DISPLAY="", WAYLAND_DISPLAY="")
    assert result.returncode == 0, result.stderr
    entry, icon = share / "applications" / "tfstab-viewer.desktop", "icons/hicolor/scalable/apps/tfstab-viewer.svg"
    assert str(entry) in result.stdout and (share / icon).read_text().lstrip().startswith("<svg")
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str
    parser.read(entry, "utf-8")
    fields = parser["Desktop Entry"]
    assert fields["Type"] == "Application" and fields["Icon"] == "tfstab-viewer" and fields["Terminal"] == "false"
    command, _, rest = fields["Exec"].rpartition(" %F")
    assert rest == "" and Path(command.split()[0].strip('"')).is_file()


@pytest.mark.parametrize(
    ("word", "quoted"),
    [("/usr/bin/x", "/usr/bin/x"), ("/a b/x", '"/a b/x"'), ("/50%/x", "/50%%/x"), ('/a"$/x', r'"/a\\"\\$/x"')],
)
def test_odd_paths_are_quoted_as_the_specification_wants(word, quoted):
    from tfstab.cli.desktop_entry import _quoted

    assert _quoted(word) == quoted

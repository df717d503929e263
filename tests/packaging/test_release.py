"""Every bundled file that is not code has a licence in resources/LICENCES.md; versions and lists of packages agree."""

import re

from release_contents import ROOT, licence_faults, version_faults


def test_every_bundled_file_falls_under_one_row_and_versions_agree():
    files = [path.relative_to(ROOT) for top in ("tfstab", "resources") for path in (ROOT / top).rglob("*")]
    files = [path for path in files if (ROOT / path).is_file() and "__pycache__" not in path.parts]
    names = [str(path) if path.parts[0] == "tfstab" else f"tfstab/{path}" for path in files]
    elsewhere = ("tfstab/resources/LICENCES.md", "tfstab/resources/site/")  # among the metadata; not in the wheel
    assert licence_faults([name for name in names if not name.startswith(elsewhere)]) == []
    assert version_faults() == []


def test_the_guide_lists_the_packages_that_make_installs_for_qt():
    page = (ROOT / "resources/guide/how-to/install.md").read_text("utf-8")
    packages = r"((?: lib[\w-]+| \\\n *)+)"
    [shown] = re.findall(f"apt-get install{packages}", page)
    [installed] = re.findall(f"^QT_PACKAGES :={packages}", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(shown.split()) == set(installed.split())

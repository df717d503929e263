"""What sdist and wheel hold: size, licences, versions, and whether the guide and its pictures came along."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
LARGEST_WHEEL = 40 * 10**6  # bytes
NOT_RELEASED = (".ci/*", ".github/*", ".gitignore", ".pre-commit-config.yaml", "resources/site/*")


def licences() -> dict[str, str]:
    """Return the licence of each pattern of files, from the table of resources/LICENCES.md."""
    rows = re.findall(r"^\| `([^`]+)` \|.*\| ([^|]+) \|$", (ROOT / "resources/LICENCES.md").read_text("utf-8"), re.M)
    return dict(rows)


def licence_faults(names: list[str]) -> list[str]:
    """Say of each file that is not code whether exactly one row has it, and of each row whether it has a file."""
    data = [name for name in names if not name.endswith(".py") and ".dist-info/" not in name]
    rows = licences()
    faults = []
    for name in data:
        found = [pattern for pattern in rows if fnmatch(name, pattern)]
        if len(found) != 1:
            faults.append(f"{name} is in {len(found)} rows of resources/LICENCES.md, not in one")
    unused = [pattern for pattern in rows if not any(fnmatch(name, pattern) for name in data)]
    return faults + [f"resources/LICENCES.md names {pattern}, but there is no such file" for pattern in unused]


def wheel_faults(wheel: Path) -> list[str]:
    """Return what is wrong with the wheel's size and files."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    faults = licence_faults(names)
    if wheel.stat().st_size > LARGEST_WHEEL:
        faults.append(f"the wheel has {wheel.stat().st_size / 1e6:.1f} MB, more than {LARGEST_WHEEL / 1e6:.0f} MB")
    shipped = [f"tfstab/{path.relative_to(ROOT)}" for folder in ("guide", "pictures") for path in _data(folder)]
    return faults + [f"the wheel lacks {name}" for name in shipped if name not in names]


def _data(folder: str) -> list[Path]:
    files = (ROOT / "resources" / folder).rglob("*")
    return [path for path in files if path.suffix in (".md", ".png", ".gif")]


def sdist_faults(sdist: Path) -> list[str]:
    """Return what the sdist lacks: it holds every tracked file that is needed to build, test and read tfstab."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = [name for name in tracked() if not any(fnmatch(name, pattern) for pattern in NOT_RELEASED)]
    return [f"the sdist lacks {name}" for name in wanted if name not in names]


def tracked() -> list[str]:
    """Return the paths of the files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def project() -> dict[str, object]:
    """Return the project's table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def version_faults() -> list[str]:
    """Return the files whose version differs from that of pyproject.toml."""
    version = str(project()["version"])
    places = {"tfstab/__init__.py": f'__version__ = "{version}"', "CITATION.cff": f"version: {version}\n"}
    return [f"{path} does not have version {version}" for path, text in places.items() if text not in _text(path)]


def still_unreleased() -> bool:
    """Return True if the changelog has no section for this version yet."""
    return f"\n## [{project()['version']}]" not in _text("CHANGELOG.md")


def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def metadata_faults(archives: list[Path]) -> list[str]:
    """Return what twine and validate-pyproject say against the metadata."""
    commands = (
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, archives)],
        [sys.executable, "-m", "validate_pyproject", str(ROOT / "pyproject.toml")],
    )
    done = [subprocess.run(command, capture_output=True, text=True, check=False) for command in commands]
    return [run.stdout + run.stderr for run in done if run.returncode]

"""Imports code of the user's own: a module by name, or a .py file."""

import contextlib
import hashlib
import importlib
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any

from tfstab.content import Content, content_of
from tfstab.errors import InputError, did_you_mean
from tfstab.paths import user_path
from tfstab.plugins import file_of
from tfstab.reading import checksum_of

_trusted: dict[str, str] = {}  # the checksum of each file that `import_trusted` has run
_imported: dict[Path, Content] = {}  # each file that `import_module` was given, as it was then
_added: set[str] = set()  # folders in which modules are found only since `import_module` looked there


def import_module(name: str) -> None:
    """Import a module by name, or a .py file by its path, unless it is imported already.

    Raises
    ------
    InputError
        It cannot be imported, or another module has the file's name.
    """
    file = user_path(name)
    if file.suffix == ".py" and not file.exists():
        hint = did_you_mean(file.name, _beside(file)) or "give the path of a .py file, or the name of a module."
        raise InputError(f"the module '{name}' cannot be imported, because there is no such file: {hint}")
    folder, module = (file.absolute().parent, file.stem) if file.suffix == ".py" else (Path.cwd(), name)
    if str(folder) not in sys.path:  # at the end, so that no file in it replaces a package
        sys.path.append(str(folder))
        _added.add(str(folder))
    try:
        if file.suffix == ".py":
            _check_no_other(file)
        importlib.import_module(module)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # a module may raise anything
        raise InputError(
            f"the module '{name}' cannot be imported ({_said(error)}): give the name of a module "
            "that is installed or in the current folder, or a .py file."
        ) from error
    if (own := own_file(name)) is not None and own not in _imported:
        _imported[own] = content_of(own)


def _beside(file: Path) -> list[str]:
    """Return the names of the .py files in the folder of a file."""
    with contextlib.suppress(OSError):
        return sorted(path.name for path in file.parent.glob("*.py"))
    return []


def own_file(name: str) -> Path | None:
    """Return the .py file of a module that was imported by its path or from the current folder; None for others."""
    if Path(name).suffix == ".py":
        return user_path(name).absolute()
    file = Path(file_of(vars(sys.modules[name]))) if name in sys.modules else Path()
    return file if file.is_absolute() and file.parent == Path.cwd() else None


def is_installed(name: str) -> bool:
    """Return whether a module is found without looking into the current folder, which may be a stranger's."""
    top, path = name.partition(".")[0], [folder for folder in sys.path if folder not in _added]
    others = [finder for finder in sys.meta_path if finder is not PathFinder and hasattr(finder, "find_spec")]
    try:
        return PathFinder.find_spec(top, path) is not None or any(finder.find_spec(top, None) for finder in others)
    except (ImportError, ValueError):
        return False


def imported_content(file: Path) -> Content:
    """Return the content of a file when `import_module` was first given it; nothing if it never was."""
    return _imported.get(file, Content())


def import_trusted(file: Path, checksum: str) -> bool:
    """Import a .py file if its content is still the one that was trusted; return whether it is.

    What was compared with the checksum is what runs, not byte code in `__pycache__`, nor a module of the same name in
    another folder. Its folder is not searched for modules that it imports: these have no checksum.

    Parameters
    ----------
    file : Path
        The file.
    checksum : str
        Its `tfstab.reading.checksum_of` when it was trusted.

    Raises
    ------
    InputError
        It cannot be imported, or another module has the file's name.
    OSError
        It cannot be read.
    """
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != checksum:
        return False
    _check_no_other(file)
    if file.stem in sys.modules:
        return True
    spec = spec_from_file_location(file.stem, file, loader=_Content(file.stem, str(file), content))
    assert spec is not None and spec.loader is not None
    sys.modules[file.stem] = module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a module may raise anything
        del sys.modules[file.stem]
        raise InputError(f"{file} cannot be imported alone, as it raises {_said(error)}.") from error
    _trusted[str(file)] = checksum
    return True


def running_checksum(module: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the file of a module that is being imported, given its globals; "" if it cannot be read."""
    loader = module.get("__loader__")
    if isinstance(loader, _Content):  # the file may have changed since it was read
        return hashlib.sha256(loader.content).hexdigest()
    try:
        return checksum_of(Path(str(module.get("__file__"))))
    except OSError:
        return ""


def trusted_checksum(file: str) -> str:
    """Return the checksum with which `import_trusted` has run a file, "" if it has not."""
    return _trusted.get(file, "")


class _Content(SourceFileLoader):
    """Loads a module from content that was read before, even if the file has changed since."""

    def __init__(self, name: str, path: str, content: bytes) -> None:
        super().__init__(name, path)
        self.content = content

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.content, self.path, "exec", dont_inherit=True)


def _check_no_other(file: Path) -> None:
    """Raise InputError if the name of a .py file leads to another module, before that runs."""
    there = sys.modules.get(file.stem)
    spec = find_spec(file.stem) if there is None else None
    origin = spec.origin if spec is not None else getattr(there, "__file__", None)
    if (spec is not None or there is not None) and Path(origin or "").resolve() != file.resolve():
        raise InputError(f"{file} cannot be imported, as there is another module '{file.stem}': rename the file.")


def _said(error: BaseException) -> str:
    """Return an exception in a few words."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".removesuffix(": ")

"""Imports code of the user's own: a module by name, or a .py file."""

import importlib
import sys
from pathlib import Path

from tfstab.errors import InputError


def import_module(name: str) -> None:
    """Import a module by name, or a .py file by its path, unless it is imported already.

    Raises
    ------
    InputError
        It cannot be imported, or another module has the file's name.
    """
    file = Path(name).expanduser()
    folder, module = (file.absolute().parent, file.stem) if file.suffix == ".py" else (Path.cwd(), name)
    if str(folder) not in sys.path:  # at the end, so that no file in it replaces a package
        sys.path.append(str(folder))
    try:
        imported = importlib.import_module(module)
    except Exception as error:  # a module may raise anything
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"the module '{name}' cannot be imported ({type(error).__name__}: {reason}): give the name of a module "
            "that is installed or in the current folder, or a .py file."
        ) from error
    if file.suffix == ".py" and Path(imported.__file__ or "").resolve() != file.resolve():
        raise InputError(f"{file} cannot be imported, as there is another module '{module}': rename the file.")

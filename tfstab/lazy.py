"""Names of a package that are imported when they are first used (PEP 562)."""

import importlib
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any


def importing(
    package: str, homes: Mapping[str, str], public: Sequence[str], modules: Collection[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return a package's `__getattr__` and `__dir__`.

    The first imports a name when it is first used, and keeps it in the package; the second lists the public names, so
    that notebooks complete them before they have been imported.

    Parameters
    ----------
    package : str
        Name of the package.
    homes : mapping of str to str
        The module that defines each name.
    public : sequence of str
        All public names of the package, in `__all__`.
    modules : collection of str
        Names of its modules that are imported likewise, so that `import package` is enough to use them.

    Examples
    --------
    >>> from tfstab.lazy import importing
    >>> get, names = importing("tfstab.lazy", {"escape": "html"}, ["importing", "escape"])
    >>> get("escape").__module__, names()
    ('html', ['escape', 'importing'])
    """

    def get(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name not in homes:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        value = getattr(importlib.import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted(public)

"""Constants and default arguments have not changed since `make frozen` last recorded them.

This notices a number that is changed by accident, such as a time limit, a size in bytes or a threshold. It does not
show that the number is right: other tests have to.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from frozen import MOST, check, number, rows

import tfstab

PACKAGES = ["gui", *sorted(module.name for module in pkgutil.iter_modules(tfstab.__path__) if module.ispkg)]
NUMBER = re.compile(r"\d|True|False|inf|nan")
LOOKS = re.compile(r"_?([A-Z]+_)?(WIDTH|HEIGHT|MARGIN|SPACE)S?")  # of the viewer, in pixels
TEXT = "..."  # in place of everything that is no number


@pytest.mark.parametrize("package", PACKAGES)
def test_constants_are_as_recorded(package):
    found = importlib.import_module(f"tfstab.{package}")
    names = [found.__name__, *(module.name for module in pkgutil.walk_packages(found.__path__, f"tfstab.{package}."))]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    lines = [f"{module.__name__.removeprefix('tfstab.')}{line}" for module in modules for line in _lines(module)]
    check(Path(__file__).parent / "constants" / f"{package}.txt", lines)


def _lines(module: ModuleType) -> Iterator[str]:
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    yield from _of_body(tree.body, module)


def _of_body(body: list[ast.stmt], owner: Any, place: str = "") -> Iterator[str]:
    """Yield what the statements of a module or class define."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _of_body(node.body, getattr(owner, node.name), f"{place}.{node.name}")
        elif isinstance(node, ast.FunctionDef):
            defaults = _defaults(inspect.getattr_static(owner, node.name))
            yield from ([f"{place}.{node.name}({', '.join(defaults)})"] if defaults else [])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for part in getattr(target, "elts", [target]):
                    yield from _of_name(part, owner, place)


def _of_name(node: ast.expr, owner: Any, place: str) -> Iterator[str]:
    if isinstance(node, ast.Name) and (place or node.id.isupper()) and not LOOKS.fullmatch(node.id):
        for part, value in _parts(getattr(owner, node.id, None)):
            told = in_numbers(value)
            if NUMBER.search(told):
                yield f"{place}.{node.id}{part} {told}"


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the declarations in a list or dict, such as degradations, with their names, for a line each."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple | list) else ()
    parts = [(getattr(one, "name", key), one) for key, one in entries if is_dataclass(one)]
    if parts and len(parts) == len(value):
        yield from ((f"[{_key(name)}]", one) for name, one in parts)
    else:
        yield "", value


def _defaults(function: Any) -> list[str]:
    """Return the defaults that are numbers or hold some."""
    function = getattr(function, "__func__", function)
    if not callable(function):
        return []
    of_each = inspect.signature(function).parameters.values()
    known = [(one.name, in_numbers(one.default)) for one in of_each if one.default is not one.empty]
    return [f"{name}={told}" for name, told in known if NUMBER.search(told)]


def in_numbers(value: Any) -> str:
    """Return a value with the numbers that are in it; other parts are told by dots."""
    if isinstance(value, tuple | list):
        return "[" + " ".join(map(in_numbers, value)) + "]"
    if isinstance(value, set | frozenset):
        return "{" + " ".join(sorted(map(in_numbers, value))) + "}"
    if isinstance(value, dict):
        told = {_key(key): in_numbers(one) for key, one in value.items()}
        return "{" + " ".join(f"{key}: {one}" for key, one in told.items()) + "}"
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: in_numbers(getattr(value, field.name, None)) for field in fields(value)}
        return f"{type(value).__name__}({' '.join(f'{key}={one}' for key, one in told.items() if NUMBER.search(one))})"
    return _single(value)


def _key(key: Any) -> str:
    return key if isinstance(key, str) else in_numbers(key)


def _single(value: Any) -> str:
    if isinstance(value, bool | int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return number(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return rows(value) if value.size <= MOST else f"{value.shape} {number(value.sum())}"
    return TEXT

"""What a disk may hold after a power cut: the journal of operations, replayed with those lost that were not synced.

A file's content lasts once the file is synced; a name, a rename or a removal once its folder is synced. What was not
synced may have reached the disk all the same, or half of it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fault_library import Kind, Operation

Tree = dict[str, bytes | None]  # by path: a file's content, None for a folder
VARIANTS: tuple[tuple[bool, Literal["synced", "half", "all"]], ...] = (
    (False, "synced"), (False, "all"), (True, "synced"), (True, "half"), (True, "all"),
)  # fmt: skip


@dataclass
class _File:
    content: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


@dataclass
class _Folder:
    entries: dict[str, "_File | _Folder"] = field(default_factory=dict)
    synced: dict[str, "_File | _Folder"] = field(default_factory=dict)


class Disk:
    """A folder, empty at first, as the operations change it."""

    def __init__(self, root: Path) -> None:
        self.path, self.root = root, _Folder()

    def do(self, operation: Operation) -> None:
        if operation.failed:
            return
        is_root = operation.path == self.path
        folder, name = (self.root, "") if is_root else (self._folder(operation.path.parent), operation.path.name)
        node = self.root if is_root else folder.entries.get(name)
        match operation.kind:
            case Kind.OPEN if operation.other == "made":
                folder.entries[name] = _File()
            case Kind.OPEN if operation.other == "emptied":
                assert isinstance(node, _File)
                node.content.clear()
            case Kind.MKDIR:
                folder.entries[name] = _Folder()
            case Kind.WRITE if isinstance(node, _File):  # else it was removed in the meantime
                end = operation.offset + len(operation.content)
                node.content.extend(bytes(max(0, end - len(node.content))))
                node.content[operation.offset : end] = operation.content
            case Kind.FOUND:
                found = folder.entries.setdefault(name, _File())
                assert isinstance(found, _File)
                found.content[:] = operation.content
            case Kind.TRUNCATE if isinstance(node, _File):
                del node.content[operation.offset :]
                node.content.extend(bytes(operation.offset - len(node.content)))
            case Kind.FSYNC if isinstance(node, _File):
                node.synced = bytes(node.content)
            case Kind.FSYNC if isinstance(node, _Folder):
                node.synced = dict(node.entries)
            case Kind.RENAME:
                new = Path(operation.other)
                self._folder(new.parent).entries[new.name] = folder.entries.pop(name)
            case Kind.UNLINK | Kind.RMDIR:
                del folder.entries[name]

    def after_a_power_cut(self, names: bool, data: str) -> Tree:
        """names: whether changes of names that were not synced are there. data: how much of what was not synced is."""
        tree: Tree = {}

        def look(folder: _Folder, prefix: str) -> None:
            for name, node in sorted((folder.entries if names else folder.synced).items()):
                if isinstance(node, _Folder):
                    tree[prefix + name] = None
                    look(node, f"{prefix}{name}/")
                elif data == "synced":
                    tree[prefix + name] = node.synced
                else:
                    half = (len(node.synced) + len(node.content)) // 2
                    tree[prefix + name] = bytes(node.content[:half] if data == "half" else node.content)

        look(self.root, "")
        return tree

    def _folder(self, path: Path) -> _Folder:
        folder = self.root
        for name in path.relative_to(self.path).parts:
            there = folder.entries[name]
            assert isinstance(there, _Folder)
            folder = there
        return folder


def crash_states(operations: list[Operation], root: Path) -> Iterator[tuple[str, Tree]]:
    """All different states that a power cut can leave after any number of operations, and when it came, in words."""
    disk, seen = Disk(root), set()
    for count, operation in enumerate(operations):
        disk.do(operation)
        for names, data in VARIANTS:
            tree = disk.after_a_power_cut(names, data)
            digest = hashlib.sha256(repr(sorted(tree.items())).encode()).hexdigest()
            if digest not in seen:
                seen.add(digest)
                lost = "" if names else "new names lost, "
                yield f"after operation {count} ({operation.kind.name.lower()}): {lost}data {data}", tree


def write_tree(tree: Tree, folder: Path) -> None:
    """Make a state real."""
    for name, content in tree.items():
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)

"""Where a model was loaded from, and how: what another program needs to load it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfstab.classifier.class_names import ClassNames, classes_text
from tfstab.classifier.threshold import DEFAULT as DEFAULT_THRESHOLD
from tfstab.content import Content, joint_content
from tfstab.importing import imported_content, own_file

DEFAULTS: dict[str, Any] = {"preprocess": "none", "threshold": DEFAULT_THRESHOLD}
FORM = ("preprocess", "outputs", "threshold")  # the options and entries of a JSON file that say how a model is read


def without_defaults(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a model is read, {name: value}, without what is not known or at its default."""
    return {name: value for name, value in form.items() if value not in (None, DEFAULTS.get(name))}


@dataclass(frozen=True)
class Source:
    """The file or folder of a model, and the options with which it was loaded.

    Attributes
    ----------
    path : str
        Its absolute path.
    options : dict
        The options with which it is loaded in the same way again, as the command line has them: preprocess, outputs,
        threshold, trust, imports (modules, files with absolute paths) and classes (text).
    content : Content
        The files that could run code, as they were loaded: with `trust` the model, and the .py files among imports.
    file_checksum : str
        SHA-256 of the file when it was loaded; "" for a folder.
    told : dict
        How the model is read, as its card says: the entry "form" there.
    """

    path: str
    options: dict[str, Any]
    content: Content = field(default=Content(), compare=False)
    file_checksum: str = field(default="", compare=False)
    told: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def file_name(self) -> str:
        """Name of the file, without its folders."""
        return Path(self.path).name

    @classmethod
    def of(
        cls,
        path: Path,
        form: Mapping[str, Any],
        trust: bool = False,
        imports: Sequence[str] = (),
        class_names: ClassNames | None = None,
        content: Content | None = None,
        file_checksum: str = "",
    ) -> "Source":
        """Return the source of a model that was loaded with these arguments of `load_classifier`.

        form: preprocess, outputs and threshold, as far as they are needed; other entries are left out.
        content: that of the model's files, read when they were loaded, if they could run code.
        file_checksum: see the attribute.
        """
        own = [own_file(name) for name in imports]
        parts = [*([] if content is None else [content]), *(imported_content(file) for file in own if file)]
        options = {
            **{name: form.get(name) for name in FORM},
            "trust": trust,
            "imports": [name if file is None else str(file) for name, file in zip(imports, own, strict=True)],
            "classes": None if class_names is None else classes_text(class_names),
        }
        used = {name: value for name, value in options.items() if value not in (None, False, [])}
        return cls(str(path.absolute()), used, joint_content(parts), file_checksum)

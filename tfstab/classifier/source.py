"""Where a model was loaded from, and how: what another program needs to load it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfstab.classifier.class_names import ClassNames, classes_text


@dataclass(frozen=True)
class Source:
    """The file or folder of a model, and the options with which it was loaded.

    Attributes
    ----------
    path : str
        Its absolute path.
    options : dict
        The options that are not at their defaults, as the command line has them: preprocess, outputs, trust, imports
        (modules, files with absolute paths) and classes (text).
    """

    path: str
    options: dict[str, Any]

    @classmethod
    def of(
        cls,
        path: Path,
        preprocess: str = "none",
        outputs: str | None = None,
        trust: bool = False,
        imports: Sequence[str] = (),
        class_names: ClassNames | None = None,
    ) -> "Source":
        """Return the source of a model that was loaded with these arguments of `load_classifier`."""
        options = {
            "preprocess": preprocess,
            "outputs": outputs,
            "trust": trust,
            "imports": [str(Path(name).absolute()) if name.endswith(".py") else name for name in imports],
            "classes": None if class_names is None else classes_text(class_names),
        }
        used = {name: value for name, value in options.items() if value not in (None, False, "none", [])}
        return cls(str(path.absolute()), used)

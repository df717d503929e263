"""SavedModel folders, as written by `model.export()`. Importing this module imports TensorFlow."""

import contextlib
import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tfstab.classifier import backend
from tfstab.classifier.keras_graph import nested_layers
from tfstab.errors import ModelError

tf, keras = backend.tensorflow(), backend.keras()

SIGNATURE = "serving_default"  # taken if there are several
FILES = ("saved_model.pb", "saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb")
FOLDERS = ("variables", "assets", "assets.extra")  # with FILES all that belongs to a SavedModel
Packed = dict[str, bytes]  # the files of a SavedModel: {path inside the folder: content}


class SavedSignature(keras.layers.Layer):  # type: ignore[name-defined]
    """Keras layer that calls a signature of a SavedModel.

    Parameters
    ----------
    loaded : object
        The loaded SavedModel.
    content : str
        Checksum of the SavedModel, which becomes part of the layer's config and so of the model's fingerprint.
    signature : str, optional
        Name of the signature.
    folder : Path, optional
        The SavedModel's folder.
    **settings
        Settings of a Keras layer.
    """

    def __init__(
        self, loaded: Any, content: str, signature: str = SIGNATURE, folder: Path | None = None, **settings: Any
    ) -> None:
        """Look up the signature and the names of its input and output."""
        super().__init__(**{**settings, "trainable": False})
        self.content, self.called, self.folder = content, signature, folder
        self.loaded = loaded  # keeps its variables alive
        self.signature = loaded.signatures[signature]
        ((self.key, self.spec),) = self.signature.structured_input_signature[1].items()
        ((self.output_key, self.output_spec),) = self.signature.structured_outputs.items()

    def call(self, images: Any) -> Any:
        """Return the signature's output for images converted to the type it expects."""
        if self.spec.dtype.is_integer:
            images = tf.round(tf.clip_by_value(images, 0, 255))
        return self.signature(**{self.key: tf.cast(images, self.spec.dtype)})[self.output_key]

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the shape of the output for inputs of this shape."""
        return (shape[0], *self.output_spec.shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Return the settings; the layer cannot be built from them, as they do not contain the SavedModel."""
        own = {"content": self.content} | ({"signature": self.called} if self.called != SIGNATURE else {})
        return {**super().get_config(), **own}


def load_saved_model(folder: Path, name: str) -> Any:
    """Load a SavedModel's signature `serving_default`, or its only one, as a Keras model.

    Calling the model runs all operations in the folder, also harmful ones: load only folders that you trust.

    Parameters
    ----------
    folder : Path
        The SavedModel folder.
    name : str
        Name of the model.

    Returns
    -------
    keras.Model
        Model with one image input and one output.

    Raises
    ------
    ModelError
        The folder is damaged, or its signature does not have one input and one output of known shape.
    """
    try:
        loaded = tf.saved_model.load(str(folder))
    except Exception as error:  # TensorFlow raises nearly anything for a damaged folder
        reason = str(error).strip().splitlines()
        raise ModelError(
            f"{folder} is damaged or not a SavedModel ({reason[0][:160] if reason else error})."
        ) from error
    called = _signature_of(loaded, folder)
    signature = loaded.signatures[called]
    inputs, outputs = signature.structured_input_signature[1], signature.structured_outputs
    for what, count in (("inputs", len(inputs)), ("outputs", len(outputs))):
        if count != 1:
            raise ModelError(f"{folder} has {count} {what}; expected one input of images and one output of scores.")
    (spec,), (given,) = inputs.values(), outputs.values()
    if spec.shape.rank is None or given.shape.rank is None:
        raise ModelError(
            f"{folder} does not state the shapes of its images and scores: export the model again with them."
        )
    images = keras.Input(tuple(spec.shape[1:]), batch_size=spec.shape[0])
    return keras.Model(images, SavedSignature(loaded, _content(folder), called, folder)(images), name=name)


def pack_saved_models(model: Any) -> dict[str, Packed]:
    """Return the SavedModels that a Keras model calls, as {checksum: files}.

    Raises
    ------
    ModelError
        The folder of one of them has changed since it was loaded, or one of its files is a link that leads out of it.
    """
    packed = {}
    for layer in (layer for layer in nested_layers(model) if isinstance(layer, SavedSignature)):
        folder = layer.folder
        if folder is None or _content(folder) != layer.content:
            raise ModelError(f"{folder} has changed since it was loaded: load it again.")
        packed[layer.content] = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _own_files(folder)}
    return packed


class _Unpacked:
    """A temporary folder of SavedModels, which is removed when no layer refers to this object, or Python ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tfstab-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@contextlib.contextmanager
def unpacked_saved_models(packed: Mapping[str, Packed]) -> Iterator[None]:
    """Within this context, Keras can load models that call these SavedModels, from `pack_saved_models`.

    Outside of it, it cannot: a `.keras` file of unknown origin must not run the operations of a SavedModel. The files
    stay as long as one of these models is alive, as a graph may read its assets whenever it is called.
    """
    unpacked = _Unpacked()
    for content, files in packed.items():
        for name, data in files.items():
            path = unpacked.folder / content / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    class Unpacked(SavedSignature):
        """The layer, made from its settings and the unpacked files."""

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> SavedSignature:
            """Return the layer that calls the SavedModel of this checksum."""
            layer = SavedSignature(tf.saved_model.load(str(unpacked.folder / config["content"])), **config)
            layer.unpacked = unpacked
            return layer

    with keras.saving.custom_object_scope({SavedSignature.__name__: Unpacked}):
        yield


def _signature_of(loaded: Any, folder: Path) -> str:
    """Return the name of the signature that classifies; raise ModelError if that is not known."""
    names = list(loaded.signatures)
    if SIGNATURE in names:
        return SIGNATURE
    if len(names) == 1:
        return str(names[0])
    there = f"the signatures {', '.join(names)}, none of which is called '{SIGNATURE}'" if names else "no signature"
    raise ModelError(
        f"{folder} has {there}, so it is not known what classifies images: export the model again with "
        f"model.export(), or with tf.saved_model.save(model, PATH, signatures={{'{SIGNATURE}': FUNCTION}})."
    )


def _own_files(folder: Path) -> list[Path]:
    """Return the files of a SavedModel without what else is in its folder; raise ModelError for a link out of it."""
    inside = [path for name in FOLDERS for path in (folder / name).rglob("*")]
    files = sorted(path for path in [*(folder / name for name in FILES), *inside] if path.is_file())
    for path in files:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ModelError(
                f"{path} is a link to a file outside of the model's folder, which is not sent: put the file there."
            )
    return files


def _content(folder: Path) -> str:
    """Return the SHA-256 of the graph, its variables and the assets that it reads."""
    digest = hashlib.sha256()
    assets = sorted(path for path in (folder / "assets").rglob("*") if path.is_file())
    for path in [*sorted([*folder.glob("saved_model.pb*"), *(folder / "variables").glob("*")]), *assets]:
        digest.update((path.relative_to(folder).as_posix() if path in assets else path.name).encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()

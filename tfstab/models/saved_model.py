"""SavedModel folders, as written by `model.export()`. Importing this module imports TensorFlow."""

import hashlib
from pathlib import Path
from typing import Any

from tfstab.classifier import backend
from tfstab.errors import ModelError

tf, keras = backend.tensorflow(), backend.keras()

SIGNATURE = "serving_default"


class SavedSignature(keras.layers.Layer):  # type: ignore[name-defined]
    """Keras layer that calls the serving signature of a SavedModel.

    Parameters
    ----------
    loaded : object
        The loaded SavedModel.
    content : str
        Checksum of the SavedModel, which becomes part of the layer's config and so of the model's fingerprint.
    **settings
        Settings of a Keras layer.
    """

    def __init__(self, loaded: Any, content: str, **settings: Any) -> None:
        """Look up the signature and the names of its input and output."""
        super().__init__(trainable=False, **settings)
        self.content = content
        self.loaded = loaded  # keeps its variables alive
        self.signature = loaded.signatures[SIGNATURE]
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
        return {**super().get_config(), "content": self.content}


def load_saved_model(folder: Path, name: str) -> Any:
    """Load a SavedModel's serving signature as a Keras model.

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
    signature = loaded.signatures.get(SIGNATURE)
    if signature is None:
        there = ", ".join(loaded.signatures) or "none"
        raise ModelError(
            f"{folder} has no signature '{SIGNATURE}' (it has {there}): export the model again with model.export()."
        )
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
    return keras.Model(images, SavedSignature(loaded, _content(folder))(images), name=name)


def _content(folder: Path) -> str:
    """Return the SHA-256 of the graph and its variables."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("saved_model.pb*"), *(folder / "variables").glob("*")]):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()

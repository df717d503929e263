"""Make a Keras model and a folder of photographs, as a reader of README.md has them: `my.keras` and `photos/test`.

    TFSTAB_DATA=... python tests/guide/own_model.py FOLDER

The photographs are CIFAR-10's 10,000 test images as PNG files, a folder for each class. The model is a small
convolutional network, trained on the 50,000 training images for a few minutes.
"""

import sys
from pathlib import Path

import keras
from PIL import Image

import tfstab

EPOCHS = 5


def write_photographs(folder: Path) -> None:
    """Write each test image as CLASS/NUMBER.png."""
    test = tfstab.load_dataset("cifar10", "test")
    for name in test.class_names:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for image, label, index in zip(test.images, test.labels, test.indices, strict=True):
        Image.fromarray(image).save(folder / test.class_names[label] / f"{index:05d}.png")


def build() -> keras.Model:
    """Return an untrained network that takes grey levels 0..255."""
    layers = [keras.Input((32, 32, 3)), keras.layers.Rescaling(1 / 255)]
    for filters in (24, 48, 96):
        for _ in range(2):
            layers += [
                keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
                keras.layers.BatchNormalization(),
                keras.layers.ReLU(),
            ]
        layers.append(keras.layers.MaxPooling2D())
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")]
    return keras.Sequential(layers)


def main() -> None:
    """Write both."""
    folder = Path(sys.argv[1])
    write_photographs(folder / "photos" / "test")
    keras.utils.set_random_seed(0)
    train, model = tfstab.load_dataset("cifar10", "train"), build()
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train.images, train.labels, batch_size=128, epochs=EPOCHS, verbose=2)
    model.save(folder / "my.keras")


if __name__ == "__main__":
    main()

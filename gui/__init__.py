"""The desktop viewer. Imports tfstab and is imported by nothing; TensorFlow never enters its process."""

if __name__ != "tfstab.gui":
    raise ImportError("the viewer is the package tfstab.gui: install the project and import it by that name.")

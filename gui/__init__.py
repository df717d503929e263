"""The desktop viewer, which imports tfstab and is imported by nothing; its process never imports TensorFlow."""

if __name__ != "tfstab.gui":
    raise ImportError("the viewer is the package tfstab.gui: install the project and import it by that name.")

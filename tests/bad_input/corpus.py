"""The corpus of bad models, images, archives, runs and command lines: what is run, and words of what is said."""

import os
from collections.abc import Callable

import numpy as np
from bad_input.place import Place, png, png_of

Case = tuple[Callable[[Place], list[object]], str]
DIGITS = ("--model", "mnist-lenet", "--data")


def _evaluate(*arguments: object) -> list[object]:
    model = ["--model", "mnist-lenet"] if "--data" in arguments and "--model" not in arguments else []
    return ["evaluate", "--limit", 4, *model, *arguments]


def _load(*arguments: object) -> list[object]:
    return _evaluate("--data", "mnist-5k", *arguments)


def _fifo(at: Place, name: str) -> object:
    if not hasattr(os, "mkfifo"):
        return at / name  # where there are no pipes it is not there, which is refused alike
    os.mkfifo(at / name)
    return at / name


MODELS: dict[str, Case] = {
    "unknown name": (lambda at: _evaluate("--model", "mnist-lenett"), "did you mean 'mnist-lenet'"),
    "the images": (lambda at: _evaluate("--model", "mnist-5k", "--data", "mnist-lenet"), "seem to be swapped"),
    "missing": (lambda at: _evaluate("--model", at / "none.keras"), "does not exist"),
    "text": (lambda at: _evaluate("--model", at.file("m.keras")), "not a .keras file"),
    "empty file": (lambda at: _evaluate("--model", at.file("m.keras", "")), "not a .keras file"),
    "a folder": (lambda at: _evaluate("--model", (at / "m.keras/x").parent), "is not a file"),
    "a pipe": (lambda at: _evaluate("--model", _fifo(at, "m.keras")), "is not a file"),
    "half a file": (lambda at: _evaluate("--model", at.cut("tiny.keras")), "damaged"),
    "all but its end": (lambda at: _evaluate("--model", at.cut("tiny.keras", 0.99)), "damaged"),
    "no config": (lambda at: _evaluate("--model", at.keras(config=None)), "holds no config.json"),
    "no weights": (lambda at: _evaluate("--model", at.keras(weights=None)), "holds no model.weights.h5"),
    "a path out of it": (lambda at: _evaluate("--model", at.keras(**{"../x": b"!"})), "leads outside"),
    "a zip bomb": (lambda at: _evaluate("--model", at.keras(**{"assets/z": bytes(100 << 20)})), "unpack to"),
    "a zip of something else": (lambda at: _evaluate("--model", at.zip("m.keras", {"a": "b"})), "holds no config"),
    "of PyTorch": (lambda at: _evaluate("--model", at.file("m.pt")), "Classifier.from_function"),
    "h5 without trust": (lambda at: _evaluate("--model", at.file("m.h5")), "add --trust"),
    "h5 that is text": (lambda at: _evaluate("--model", at.file("m.h5"), "--trust"), "not an HDF5 file"),
    "h5 that is missing": (lambda at: _evaluate("--model", at / "none.h5", "--trust"), "does not exist"),
    "SavedModel without trust": (
        lambda at: _evaluate("--model", at.file("m/saved_model.pb").parent), "which can run any code",
    ),
    "the current folder": (lambda at: ["sweep", "--model", ".", "--data", "mnist-5k"], "is not a file"),
    "a folder that is no model": (lambda at: _evaluate("--model", at.folder, "--trust"), "is not a file"),
    "unknown preprocess": (lambda at: _evaluate("--preprocess", "units"), "did you mean 'unit'"),
    "a mean of 0..1": (lambda at: _evaluate("--preprocess", "mean=0.5/std=0.25"), "write unit/mean=0.5/std=0.25"),
    "a deviation of 0": (lambda at: _evaluate("--preprocess", "mean=76/std=0"), "std is 0; expected numbers above 0"),
    "the same name twice": (lambda at: _evaluate("--classes", "stop,go,stop"), "outputs 0 and 2 the same name, 'stop'"),
    "names in a file": (lambda at: _evaluate("--classes", at.file("names.txt")), "which is a file; expected the names"),
    "no model named": (lambda at: ["evaluate", "--data", at.digits()], "name their model with --model"),
    "no data named": (lambda at: ["evaluate", "--model", at.good / "tiny.keras"], "which images?"),
    "a home of nobody": (lambda at: _evaluate("--model", "~no-such-user-at-all/m.keras"), "name of no user"),
    "a name too long": (lambda at: _evaluate("--model", "m" * 5000 + ".keras"), "mmm"),
}  # fmt: skip

# What cannot be said before Keras has read the model.
LOADED: dict[str, Case] = {
    "inspect a picture beside a run of another model": (
        lambda at: ["inspect", at.run(), at.file("p.png", png()), "--model", at.good / "tiny.keras"],
        "with another model",
    ),
    "config that is no JSON": (lambda at: _load("--model", at.keras(config="{")), "damaged"),
    "config that is a list": (lambda at: _load("--model", at.keras(config="[]")), "damaged"),
    "config of nothing": (lambda at: _load("--model", at.keras(config="{}")), "m.keras"),
    "weights that are text": (lambda at: _load("--model", at.keras(weights="text")), "damaged"),
    "a layer of no module": (
        lambda at: _load("--model", at.config(lambda c: c["config"]["layers"][1].update(module="os"))), "of 'os'",
    ),
    "a layer of a negative size": (
        lambda at: _load("--model", at.config(lambda c: c["config"]["layers"][2]["config"].update(units=-3))),
        "m.keras",
    ),
    "a layer of another size": (
        lambda at: _load("--model", at.config(lambda c: c["config"]["layers"][2]["config"].update(units=7))),
        "m.keras",
    ),
    "weights that are NaN": (lambda at: _load("--model", at.good / "nan.keras"), "NaN or infinite"),
    "two inputs": (lambda at: _load("--model", at.good / "two.keras"), "input"),
    "no classes": (lambda at: _load("--model", at.good / "image-to-image.keras"), "output of shape"),
    "no images": (lambda at: _load("--model", at.good / "vector.keras"), "takes input of shape"),
    "h5 cut off": (lambda at: _load("--model", at.cut("tiny.h5"), "--trust"), "tiny.h5"),
    "SavedModel of nothing": (
        lambda at: _load("--model", at.file("m/saved_model.pb").parent, "--trust"), "not a SavedModel",
    ),
    "unknown outputs": (lambda at: _load("--outputs", "logit"), "did you mean 'logits'"),
    "unknown module": (lambda at: _load("--import", "no_such_module"), "cannot be imported"),
    "a class that the model has not": (
        lambda at: _evaluate("--data", at.digits(labels=np.array([0, 1, 2, 12]))), "labels from 0 to 12",
    ),
    "a class of another name": (
        lambda at: ["evaluate", "--model", "gtsrb-aghdam", "--data",
                    at.digits(images=np.zeros((1, 48, 48, 3), np.uint8), labels=[0], class_names=["unicorn"])],
        "unicorn",
    ),
    "images of another size": (
        lambda at: _evaluate("--data", at.digits(images=np.zeros((4, 32, 32), np.uint8))), "takes (N, 28, 28, 1)",
    ),
    "colours for a grey model": (
        lambda at: _evaluate("--data", at.digits(images=np.zeros((4, 28, 28, 3), np.uint8))), "takes (N, 28, 28, 1)",
    ),
    "no such target": (lambda at: ["search", "--target", "eleven", "--limit", 2, "--out", at / "r"], "eleven"),
    "a mask that is text": (
        lambda at: ["search", "--mask", at.file("mask.png"), "--limit", 2, "--out", at / "r"], "mask.png",
    ),
    "a mask of another size": (
        lambda at: ["search", "--mask", at.file("m.png", png((5, 5))), "--limit", 2, "--out", at / "r"], "mask",
    ),
    "a mask that is not there": (
        lambda at: ["search", "--mask", at / "none.png", "--limit", 2, "--out", at / "r"], "none.png",
    ),
    "a cluster of no protocol": (
        lambda at: ["sweep", "--cluster", "carrier-pigeon", "--limit", 2, "--out", at / "r"], "carrier-pigeon",
    ),
    "out is below a file": (lambda at: ["sweep", "--limit", 2, "--out", at.file("file") / "run"], "cannot be used"),
    "out is another run": (lambda at: ["sweep", "--limit", 2, "--out", at.run()], "cannot be resumed"),
    "out is a run of another kind": (
        lambda at: ["sweep", "--limit", 2, "--out", at.run("search")], "cannot be resumed",
    ),
    "out is a damaged run": (lambda at: ["sweep", "--limit", 2, "--out", at.run(parts=5)], "is damaged"),
    "out is at nobody's": (lambda at: ["sweep", "--limit", 2, "--out", "~no-such-user-at-all/r"], "name of no user"),
    "out is too long": (lambda at: ["sweep", "--limit", 2, "--out", at / ("r" * 300)], "cannot be used"),
}  # fmt: skip

IMAGES: dict[str, Case] = {
    "unknown data set": (lambda at: _evaluate("--data", "cifar"), "did you mean 'cifar10'"),
    "unknown split": (lambda at: _evaluate("--data", "mnist-5k", "--split", "train"), "has no split 'train'"),
    "npz that is missing": (lambda at: _evaluate("--data", at / "none.npz"), "is not a file"),
    "npz that is text": (lambda at: _evaluate("--data", at.file("d.npz")), "is damaged"),
    "npz that is empty": (lambda at: _evaluate("--data", at.file("d.npz", "")), "is damaged"),
    "npz that is a pipe": (lambda at: _evaluate("--data", _fifo(at, "d.npz")), "is not a file"),
    "npz that is a zip of text": (
        lambda at: _evaluate("--data", at.zip("d.npz", {"images.npy": "x", "labels.npy": "y"})), "d.npz",
    ),
    "npz that holds nothing": (lambda at: _evaluate("--data", at.npz("d.npz")), "expected x_test and y_test"),
    "npz of other names": (lambda at: _evaluate("--data", at.npz("d.npz", a=[1])), "expected x_test and y_test"),
    "npz of objects": (lambda at: _evaluate("--data", at.digits(images=np.array([{}], object))), "plain arrays"),
    "npz of words": (lambda at: _evaluate("--data", at.digits(images=np.full((4, 28, 28), "x"))), "uint8"),
    "npz of NaN": (lambda at: _evaluate("--data", at.digits(images=np.full((4, 28, 28), np.nan))), "NaN"),
    "npz in 0..1": (lambda at: _evaluate("--data", at.digits(images=np.full((4, 28, 28), 0.5))), "multiply images"),
    "npz below 0": (lambda at: _evaluate("--data", at.digits(images=np.full((4, 28, 28), -1.0))), "0..255"),
    "npz of no image": (lambda at: _evaluate("--data", at.digits(images=np.zeros((0, 28, 28), "u1"), labels=[])),
                        "no images"),
    "npz of one axis": (lambda at: _evaluate("--data", at.digits(images=np.zeros(28, np.uint8))), "shape"),
    "npz of five channels": (lambda at: _evaluate("--data", at.digits(images=np.zeros((4, 8, 8, 5), "u1"))), "shape"),
    "fewer labels": (lambda at: _evaluate("--data", at.digits(labels=[0, 1])), "4 images but labels"),
    "no labels": (lambda at: _evaluate("--data", at.digits(labels=None)), "expected x_test and y_test"),
    "labels with fractions": (lambda at: _evaluate("--data", at.digits(labels=[0, 1, 2, 2.5])), "whole numbers"),
    "labels below 0": (lambda at: _evaluate("--data", at.digits(labels=[0, 1, 2, -1])), "label -1"),
    "labels beyond all": (lambda at: _evaluate("--data", at.digits(labels=[0, 1, 2, 10**12])), "label"),
    "labels in words": (lambda at: _evaluate("--data", at.digits(labels=["a", "b", "c", "d"])), "whole numbers"),
    "fewer names": (lambda at: _evaluate("--data", at.digits(class_names=["a", "b"])), "label 3"),
    "no folder": (lambda at: _evaluate("--data", f"folder:{at / 'none'}"), "is not a folder"),
    "a file as a folder": (lambda at: _evaluate("--data", f"folder:{at.file('photos')}"), "is not a folder"),
    "an empty folder": (lambda at: _evaluate("--data", f"folder:{at.folder}"), "no images"),
    "a home of nobody": (lambda at: _evaluate("--data", "folder:~no-such-user-at-all/x"), "name of no user"),
    "resized in words": (lambda at: _evaluate("--resize", "squeeze"), "expected crop or stretch"),
    "resized to nothing": (lambda at: _evaluate("--resize", "crop:0"), "from 1 to"),
    "damaged in words": (lambda at: _evaluate("--data", at.photos(), "--damaged", "maybe"), "fail or skip"),
    "a text as PNG": (lambda at: _evaluate("--data", at.photos("text")), "b.png"),
    "an empty PNG": (lambda at: _evaluate("--data", at.photos("")), "b.png"),
    "half a PNG": (lambda at: _evaluate("--data", at.photos(png((200, 200))[:60])), "b.png"),
    "half a JPEG": (lambda at: _evaluate("--data", at.photos(png((90, 90), file_format="JPEG")[:300], "jpg")), "b.jpg"),
    "a PNG that says it is huge": (lambda at: _evaluate("--data", at.photos(png_of(200_000, 200_000))), "b.png"),
    "a PNG with less than it says": (lambda at: _evaluate("--data", at.photos(png_of(2000, 2000))), "b.png"),
    "a PPM that says it is huge": (
        lambda at: _evaluate("--data", at.photos(b"P5 1000000 1000000 255\n", "ppm")), "b.ppm",
    ),
    "a program as an image": (lambda at: _evaluate("--data", at.photos(b"\x7fELF" + bytes(500), "bmp")), "b.bmp"),
    "official data that are text": (
        lambda at: _evaluate("--data", "mnist", "--data-dir", at.file("data/mnist.npz").parent), "mnist.npz",
    ),
    "official data that are another's": (
        lambda at: _evaluate("--data", "mnist", "--data-dir", at.npz("data/mnist.npz", a=[1]).parent), "mnist.npz",
    ),
    "an archive that is text": (
        lambda at: _evaluate("--data", "cifar10", "--data-dir", at.file("data/cifar-10-python.tar.gz").parent),
        "cifar-10-python.tar.gz",
    ),
    "an archive of something else": (
        lambda at: _evaluate(
            "--data", "cifar10", "--data-dir", at.tar("data/cifar-10-python.tar.gz", {"../x": b"!"}).parent
        ), "cifar-10-python.tar.gz",
    ),
    "images that are none": (lambda at: _evaluate("--data", at.digits(), "--images", "6000:7000"), "select nothing"),
    "images backwards": (lambda at: _evaluate("--data", at.digits(), "--images", "9:3"), "expected 0 <= A < B"),
    "images in words": (lambda at: _evaluate("--data", at.digits(), "--images", "a:b"), "expected A:B"),
    "images of many digits": (lambda at: _evaluate("--data", at.digits(), "--images", "9" * 5000), "--images"),
    "a sample of none": (lambda at: ["evaluate", *DIGITS, at.digits(), "--limit", 0], "at least 1"),
    "a sample of less than none": (lambda at: ["evaluate", *DIGITS, at.digits(), "--limit", -5], "at least 1"),
}  # fmt: skip


def _report(run: object, at: Place) -> list[object]:
    return ["report", run, "--out", at / "out"]


def _block(*numbers: int) -> str:
    """The name of a part of a sweep."""
    return "block-{:07d}-{:07d}-{:05d}-{:05d}".format(*numbers)


RUNS: dict[str, Case] = {
    "no run": (lambda at: ["view", at.folder], "not a run folder"),
    "no folder": (lambda at: _report(at / "none", at), "not a run folder"),
    "a file": (lambda at: _report(at.file("run.json"), at), "expected the folder of a run"),
    "run.json that is text": (lambda at: _report(at.file("r/run.json").parent, at), "is damaged"),
    "run.json that is empty": (lambda at: _report(at.file("r/run.json", "").parent, at), "is damaged"),
    "run.json of no Unicode": (lambda at: _report(at.file("r/run.json", b"\xff\xfe{").parent, at), "is damaged"),
    "run.json that is a list": (lambda at: _report(at.file("r/run.json", "[1]").parent, at), "is damaged"),
    "run.json of nothing": (lambda at: _report(at.file("r/run.json", "{}").parent, at), "is damaged"),
    "run.json that is deep": (lambda at: _report(at.file("r/run.json", "[" * 10**6).parent, at), "is damaged"),
    "run.json that is a pipe": (lambda at: _report(_fifo(at, "r/run.json").parent, at), "no file"),
    "a newer format": (lambda at: _report(at.run(format=99), at), "newer tfstab"),
    "a format in words": (lambda at: _report(at.run(format="one"), at), "is damaged"),
    "an unknown kind": (lambda at: _report(at.run("sweep", kind="dance"), at), "unknown kind 'dance'"),
    "parts that are a number": (lambda at: _report(at.run(parts=5), at), "parts is no list"),
    "parts that are numbers": (lambda at: _report(at.run(parts=[5]), at), "list of strings"),
    "parts that are paths": (lambda at: _report(at.run(parts=["../../x"]), at), "no part's name"),
    "classes that are lists": (lambda at: _report(at.run(data__class_names=[[]]), at), "list of strings"),
    "fewer classes": (lambda at: _report(at.run(data__class_names=["a"]), at), "names of 1"),
    "no settings": (lambda at: _report(at.run(settings={}), at), "settings"),
    "sigmas in words": (lambda at: _report(at.run(settings__sigmas=["a"]), at), "settings"),
    "sigmas without end": (lambda at: _report(at.run(settings__sigmas=[1e308, 10**400]), at), "settings"),
    "no copies": (lambda at: _report(at.run(settings__copies=0), at), "copies is 0"),
    "a seed below 0": (lambda at: _report(at.run(seed=-1), at), "seed is -1"),
    "a degradation of nowhere": (lambda at: _report(at.run(settings__degradation="rain"), at), "rain"),
    "an engine that is a number": (lambda at: _report(at.run("search", settings__engine=7), at), "engine"),
    "queries in words": (lambda at: _report(at.run("search", settings__max_queries="x"), at), "settings"),
    "a target that is none": (lambda at: _report(at.run("search", settings__target=99), at), "target 99"),
    "no clean images": (lambda at: _report(at.clean(images=None, indices=None), at), "damaged"),
    "clean images of other data": (
        lambda at: _report(at.clean(info={"data__images_fingerprint": "0" * 64}, images=None), at),
        "not those of this run",
    ),
    "clean images at a path": (
        lambda at: _report(at.clean(info={"data__name": f"folder:{at.folder}"}, images=None), at),
        "not an official data set",
    ),
    "clean images that are flat": (lambda at: _report(at.clean(images=np.zeros(4, np.uint8)), at), "damaged"),
    "clean images in words": (lambda at: _report(at.clean(images=np.full((4, 1, 1, 1), "x")), at), "damaged"),
    "fewer clean scores": (lambda at: _report(at.clean(scores=np.zeros((1, 10), np.float32)), at), "damaged"),
    "classes beyond": (lambda at: _report(at.clean(class_index=np.full(4, 99)), at), "damaged"),
    "an order that is missing": (lambda at: _report(at.clean(order=None), at), "is damaged"),
    "an order without an image": (
        lambda at: _report(at.clean(order=np.array([0, 1, 2, 2])), at), "order does not have each image once",
    ),
    "an order in words": (lambda at: _report(at.clean(order=np.array(["a", "b", "c", "d"])), at), "damaged"),
    "blocks that overlap": (
        lambda at: _report(at.run(parts=[_block(0, 4, 0, 2), _block(3, 4, 1, 3)]), at), "images of another part",
    ),
    "a block of images that are none": (lambda at: _report(at.run(parts=[_block(0, 5, 0, 3)]), at), "has not"),
    "a block of copies that are none": (lambda at: _report(at.run(parts=[_block(0, 4, 2, 4)]), at), "has not"),
    "a block of nothing": (lambda at: _report(at.run(parts=[_block(2, 2, 0, 1)]), at), "has not"),
    "blocks beside a class": (
        lambda at: _report(at.run(parts=[_block(0, 4, 0, 1), "class-00000-00000"]), at), "that no sweep has",
    ),
    "fewer images than its blocks": (lambda at: _report(at.run(data__images=2), at), "has not"),
    "fewer copies than its blocks": (lambda at: _report(at.run(settings__copies=2), at), "has not"),
    "images beyond counting": (
        lambda at: _report(at.run(data__images=10**12, parts=[_block(0, 10**7 - 1, 0, 3)]), at), "is damaged",
    ),
    "a part with a flipped bit": (lambda at: _report(at.flipped("sweep"), at), "resume the sweep"),
    "a search's part with a flipped bit": (lambda at: _report(at.flipped("search"), at), "resume the search"),
    "a part that is text": (lambda at: _report(at.part("sweep", b"text"), at), "damaged"),
    "a search's part that is text": (lambda at: _report(at.part("search", b"text"), at), "damaged"),
    "a part that is empty": (lambda at: _report(at.part("sweep", b""), at), "damaged"),
    "a result of another image": (lambda at: _report(at.result(image=4711), at), "4711"),
    "a result of another class": (lambda at: _report(at.result(class_index=99), at), "clean image or class"),
    "a result without noise": (lambda at: _report(at.result(noise=None), at), "noise"),
    "a result of words": (lambda at: _report(at.result(queries="many"), at), "queries"),
    "a result of another size": (lambda at: _report(at.result(noise=np.zeros((1, 1, 1), "f4")), at), "image's shape"),
    "inspect no such image": (lambda at: ["inspect", at.run(), "--image", 4999], "not in this run"),
    "inspect a class that a run lacks": (lambda at: ["inspect", at.run(), "--class", "zebra"], "the run has "),
    "inspect a class into a folder": (
        lambda at: ["inspect", at.run(), "--class", "1", "--out", at / "o"], "leave it out with --class",
    ),
    "inspect a class and an image": (
        lambda at: ["inspect", at.run(), "--class", "1", "--image", 0], "leave out one of them",
    ),
    "inspect a class of no run": (lambda at: ["inspect", at / "none", "--class", "1"], "none is not a run folder"),
    "inspect a network's class": (lambda at: ["inspect", "mnist-lenet", "--class", "1"], "needs the folder of a run"),
    "inspect a search's images": (lambda at: ["inspect", at.run("search"), "--out", at / "o"], "--image"),
    "inspect into no figure": (
        lambda at: ["inspect", at.run("search"), "--image", 0, "--out", at / "f.txt"], "ends in .png",
    ),
    "inspect why of a picture without a run": (
        lambda at: ["inspect", at.good / "tiny.keras", at.file("p.png"), "--why"], "--why compares a picture",
    ),
    "inspect a picture beside a run that is none": (
        lambda at: ["inspect", at.run(), at.file("p.png")], "cannot be read as an image (cannot identify image file)",
    ),
    "inspect a picture that is not there": (lambda at: ["inspect", at.run(), at / "p.png"], "--image INDEX or --image"),
    "inspect a picture with the options of a run": (
        lambda at: ["inspect", at.run(), at.file("p.png"), "--threshold", "0.3"], "known from the run",
    ),
    "compare a sweep with a search": (lambda at: ["compare", at.run(), at.run("search")], "sweeps with sweeps"),
    "compare one": (lambda at: ["compare", at.run()], "two"),
    "compare with a damaged one": (
        lambda at: ["compare", at.good / "sweep", at.flipped("sweep"), "--out", at / "o"], "resume the sweep",
    ),
    "robustness of a search": (lambda at: ["robustness", at.run("search")], "expected sweeps"),
    "robustness of nothing": (lambda at: ["robustness", at.folder], "not a run folder"),
    "robustness of a damaged one": (
        lambda at: ["robustness", at.flipped("sweep"), "--out", at / "o"], "resume the sweep",
    ),
    "robustness against another": (
        lambda at: ["robustness", at.good / "sweep", "--baseline", at.run("search")], "expected sweeps",
    ),
    "a report into a file": (lambda at: ["report", at.good / "sweep", "--out", at.file("f")], "is a file"),
}  # fmt: skip


def _sweep(*arguments: object) -> Callable[[Place], list[object]]:
    return lambda at: ["sweep", *DIGITS, at.digits(), *arguments, "--out", at / "r"]


def _search(*arguments: object) -> Callable[[Place], list[object]]:
    return lambda at: ["search", *DIGITS, at.digits(), *arguments, "--out", at / "r"]


COMMANDS: dict[str, Case] = {
    "no such command": (lambda at: ["swep"], "'sweep'? See "),
    "no such option": (_sweep("--sigma", 1), "--sigma"),
    "an option without its value": (lambda at: ["sweep", "--out"], "--out"),
    "a word too many": (lambda at: ["evaluate", "mnist-lenet", "mnist-5k", "more"], "more"),
    "no such topic": (lambda at: ["guide", "compare-netwroks"], "did you mean 'compare-networks'"),
    "a run missing": (lambda at: ["inspect"], "Missing argument"),
    "a sigma below 0": (_sweep("--sigmas", "-1,2"), "above 0"),
    "a sigma that is NaN": (_sweep("--sigmas", "nan"), "above 0"),
    "a sigma without end": (_sweep("--sigmas", "1e400"), "above 0"),
    "a sigma twice": (_sweep("--sigmas", "5,5"), "only once"),
    "a sigma in words": (_sweep("--sigmas", "one"), "expected numbers"),
    "no sigma": (_sweep("--sigmas", ""), "expected numbers"),
    "no sigma between commas": (_sweep("--sigmas", "1,,2"), "expected numbers"),
    "no copies": (_sweep("--copies", 0), "a whole number from 1 to 32,767"),
    "copies beyond 16 bits": (_sweep("--copies", 40_000), "a whole number from 1 to 32,767"),
    "copies in words": (_sweep("--copies", "many"), "--copies"),
    "half a copy": (_sweep("--copies", 2.5), "--copies"),
    "a seed below 0": (_sweep("--seed", -1), "seed is -1"),
    "a seed beyond 63 bits": (_sweep("--seed", 2**64), "seed is"),
    "an unknown degradation": (_sweep("--degradation", "fogg"), "did you mean 'fog'"),
    "a quality of 1000": (_sweep("--degradation", "jpeg", "--severities", "1000"), "quality of jpeg"),
    "sigmas of JPEG": (_sweep("--degradation", "jpeg", "--sigmas", "5"), "sigmas are of Gaussian noise"),
    "copies of what draws nothing": (_sweep("--degradation", "jpeg", "--copies", 5), "draws nothing"),
    "common noise of fog": (_sweep("--degradation", "fog", "--common-noise"), "fog has none"),
    "severities of all": (_sweep("--degradation", "all", "--severities", "1"), "expected none of"),
    "a cluster and workers": (_sweep("--cluster", "tcp://127.0.0.1:1", "--workers", 2), "expected one of them"),
    "no workers": (_sweep("--workers", 0), "workers"),
    "an unknown engine": (_search("--engine", "pygat"), "did you mean 'pygad'"),
    "an unknown preset": (_search("--preset", "papre"), "did you mean 'paper'"),
    "an unknown crossover": (_search("--crossover", "unifrom"), "did you mean 'uniform'"),
    "a population of one": (_search("--preset", "paper", "--population", 1), "expected 4 or more"),
    "a population without its preset": (_search("--population", 50), "expected preset 'paper'"),
    "few queries": (_search("--max-queries", 1), "expected 100 or more"),
    "no patience": (_search("--patience", 0), "expected 1 or more"),
    "a lambda below 0": (_search("--lambda", -1), "lambda_ is -1"),
    "a lambda that is NaN": (_search("--lambda", "nan"), "lambda_ is nan"),
    "a beta without end": (_search("--beta", "inf"), "beta is inf"),
    "a mutation rate of 2": (_search("--preset", "paper", "--mutation-rate", 2), "mutation_rate is 2"),
    "targets of another engine": (_search("--targets", 5), "expected engine 'lbfgs'"),
    "a guard that lets all pass": (_search("--fail-under", "nan"), "expected a norm"),
    "out is a file": (lambda at: ["sweep", *DIGITS, at.digits(), "--out", at.file("file")], "is a file"),
    "out holds other files": (
        lambda at: ["sweep", *DIGITS, at.digits(), "--out", at.file("d/x.txt").parent], "other files",
    ),
    "all degradations into a run": (
        lambda at: ["sweep", *DIGITS, at.digits(), "--degradation", "all", "--out", at.run()], "is a run folder",
    ),
    "train what is unknown": (lambda at: ["train", "--model", "resnet"], "unknown model"),
    "train for no epochs": (lambda at: ["train", "--epochs", 0, "--out", at / "r"], "a whole number, 1 or more"),
    "train on both noises": (lambda at: ["train", "--noise-copies", 3, "--fresh-noise"], "expected one of them"),
    "train on sigmas alone": (lambda at: ["train", "--noise-sigmas", "5"], "was given alone"),
    "train one network's mean": (lambda at: ["train", "--combine", "mean"], "expected --ensemble"),
    "train no ensemble": (lambda at: ["train", "--ensemble", 0, "--out", at / "r"], "0"),
    "reproduce something else": (lambda at: ["reproduce", "thesis"], "cannot be reproduced"),
    "remedies of an own network": (
        lambda at: ["reproduce", "remedies", "--network", "single=my.keras", "--out", at / "r"], "for paper",
    ),
    "reproduce at no scale": (lambda at: ["reproduce", "paper", "--scale", "huge", "--out", at / "r"], "huge"),
    "reproduce a network of no kind": (
        lambda at: ["reproduce", "paper", "--network", "my.keras", "--out", at / "r"], "KIND=PATH",
    ),
    "a picture of no kind": (lambda at: ["degradations", "--picture", at / "p.txt"], "ends in .png"),
    "a picture of no image": (
        lambda at: ["degradations", "--picture", at / "p.png", "--image", 99999, "--data", at.digits()],
        "select nothing",
    ),
}  # fmt: skip


def _train(at: Place, *options: object, **changes: object) -> list[object]:
    """Train on 24 images of two classes, 12 of them for testing, with these changes."""
    images, labels = np.random.default_rng(0).integers(0, 256, (24, 28, 28), np.uint8), np.arange(12) % 2
    arrays = {"x_train": images[:12], "y_train": labels, "x_test": images[12:], "y_test": labels} | changes
    return ["train", "--data", at.npz("photos.npz", **arrays), "--out", at / "r", *options]


TRAINING: dict[str, Case] = {
    "images that are not there": (lambda at: ["train", "--data", at / "none.npz"], "is not a file"),
    "an unknown data set": (lambda at: ["train", "--data", "cifar"], "did you mean 'cifar10'"),
    "images without classes": (lambda at: ["train", "--data", f"images:{at.folder}"], "images without classes"),
    "resized without data": (lambda at: ["train", "--resize", "crop"], "expected --data with it"),
    "resized to another size": (lambda at: _train(at, "--resize", "crop:64"), "to the network's size"),
    "of another size": (lambda at: _train(at, x_train=np.zeros((12, 9, 9), "u1")), "9 x 9 pixels but mnist-lenet"),
    "in colour": (lambda at: _train(at, x_train=np.zeros((12, 28, 28, 3), "u1")), "takes grey ones"),
    "of one class": (lambda at: _train(at, y_train=np.zeros(12, int)), "one class, '0'"),
    "of a class with one image": (lambda at: _train(at, y_train=[1] + [0] * 11), "has 1 training image"),
    "tested on another class": (lambda at: _train(at, y_test=np.arange(12) % 3), "test images of class '2'"),
    "tested on those of the training": (
        lambda at: _train(at, x_test=np.zeros((12, 28, 28), "u1"), x_train=np.zeros((12, 28, 28), "u1")),
        "12 of the 12 test images",
    ),
    "with a negative seed": (lambda at: _train(at, "--seed", -4), "seed is -4; expected"),
    "undivided and too few": (lambda at: ["train", "--data", at.digits(), "--out", at / "r"], "too few different"),
}  # fmt: skip

KINDS = {"model": MODELS, "loaded": LOADED, "images": IMAGES, "run": RUNS, "command": COMMANDS, "training": TRAINING}
CORPUS = {f"{kind}: {name}": case for kind, cases in KINDS.items() for name, case in cases.items()}

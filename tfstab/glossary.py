"""The terms of reports and of the viewer, each explained in one or two sentences.

>>> from tfstab.glossary import TERMS
>>> TERMS["clean image"]
'An image as it is in the data set, before anything is done to it.'
"""

TERMS: dict[str, str] = {
    "accuracy": "Share of images whose predicted class is their actual class.",
    "clean image": "An image as it is in the data set, before anything is done to it.",
    "clean accuracy": "Share of the clean images whose predicted class is their actual class.",
    "degradation": "A change that makes an image worse without changing what it shows, such as noise, blur or fog.",
    "severity": "How strong a degradation is. Each degradation has its own scale, such as the quality of JPEG "
    "compression or the sigma of noise.",
    "middle severity": "The severity in the middle of those that were tried for a degradation, from mild to strong.",
    "accuracy kept": "Mean accuracy over all severities of a degradation, divided by the clean accuracy of the same "
    "images. 100 % means that the degradation does no harm.",
    "relative accuracy": "Mean accuracy under degradations, divided by the same network's accuracy on the same images "
    "when clean.",
    "remedy": "A way to make a network more stable, such as training on degraded images, or averaging the scores of "
    "several networks or of noisy copies of an image.",
    "guessing": "Always answering the same class, the commonest one of the images. With K classes of the same size it "
    "is right for one image in K, whatever is done to the images.",
    "still right": "Share of the images classified correctly when clean that are classified correctly when degraded "
    "too.",
    "copy": "One degraded version of an image at one severity. Where a degradation is random, such as noise, several "
    "copies differ.",
    "sigma": "Standard deviation of Gaussian noise, in grey levels of 0 to 255.",
    "unclipped": "Noise or brightness was added to the image without clipping the sum to grey levels 0 to 255, so "
    "that the network was given values outside this range. Image files cannot hold them; pictures show them clipped.",
    "sigma50": "The sigma of Gaussian noise, interpolated, at which half of the clean accuracy is lost.",
    "severity50": "The severity, interpolated, at which half of the clean accuracy is lost.",
    "severity10": "The severity, interpolated, at which a tenth of the clean accuracy is lost.",
    "95 % interval": "If many more images of this kind were tested, the value would lie in this range with 95 % "
    "confidence. More images make the range narrower.",
    "minimum noise": "The smallest change to the pixels of an image, found by a search, that makes the network predict "
    "a wrong class.",
    "Linf": "Size of a noise: the largest change of a pixel in any channel, in grey levels.",
    "L1": "Size of a noise: the sum of the changes of all pixels and channels, in grey levels.",
    "L2": "Size of a noise: the square root of the sum of the squared changes of all pixels and channels, in grey "
    "levels.",
    "quartiles": "A quarter of the images lies below the lower quartile, a quarter above the upper one.",
    "median": "Half of the values are smaller, half are larger.",
    "PSNR": "Peak signal-to-noise ratio in dB: how close a degraded image is to the clean one. More is closer; above "
    "about 40 dB the difference is hard to see.",
    "score": "The network's output for a class after softmax, between 0 and 100 %: how sure it says that it is.",
    "recall": "Share of the images of a class that are predicted as this class.",
    "precision": "Share of the predictions of a class that are right.",
    "margin": "Score of the predicted class less the score of the actual class.",
    "query": "One degraded image that the network scored during a search.",
    "refined": "After the search, the noise was reduced further with the network's gradients.",
    "ECE": "Expected calibration error: how far scores and accuracy are apart on average, in 15 groups of scores.",
    "implied distance": "The distance to the decision boundary, in grey levels (L2), that noisy copies of an image "
    "imply if the boundary is flat: from how many of them are misclassified, or from mean and spread of their logit "
    "margins.",
    "flatness ratio": "The minimum noise divided by the implied distance. Near 1 the decision boundary is flat; a "
    "small ratio means that the boundary is much nearer in a special direction, which random noise does not find.",
    "Spearman correlation": "How well two quantities put images into the same order: 1 for the same order, 0 for none "
    "in common, -1 for the opposite one.",
    "feature space": "The outputs of the layer before the logits, seen as points in space: images that the network "
    "treats alike are near each other.",
    "relative gain": "How far noise moves the output of a layer, divided by how far another image moves it; the same "
    "quotient at the input counts as 1. Above 1, noise is amplified more than the differences between images.",
    "relative margin": "The distance of an image to the decision boundary in the output of a layer, as if the network "
    "were linear from there on, divided by the spread of images there.",
    "certified radius": "L2 of noise below which the smoothed classifier, a majority vote over noisy copies, provably "
    "does not change its prediction. Each sigma gives a different smoothed classifier. The radius says nothing about "
    "the network itself.",
    "integrated gradients": "How much each pixel adds to the margin on the way from one image to another: the mean "
    "gradient along the way times the change of the pixel. They add up to the change of the margin.",
    "occlusion": "Windows of an image are covered one by one; where the margin falls most, the network relies "
    "on the image most.",
    "curvature": "How far the margin bends as a noise is added: its second difference in units of the clean margin. A "
    "straight line has 0; a parabola that just touches the decision boundary has 2.",
    "nat": "Unit of margins of logits: a lead of 1 nat makes the score of a class 2.7 times that of another.",
    "fingerprint": "A checksum of weights or images, by which it can be verified that they are the same.",
    "seed": "The number from which all random numbers of a run follow: the same seed gives the same results.",
    "Nyquist frequency": "The highest frequency that pixels can show along a row or a column: stripes that repeat "
    "every two pixels. Along diagonals, frequencies reach 1.41 times as far.",
    "Fourier heat map": "Map of what stripes of each frequency and direction do to a network's predictions: how often "
    "they become wrong, or how far the margin falls.",
    "white noise": "Noise that is independent from pixel to pixel and has the same energy at every frequency, such as "
    "Gaussian noise.",
    "spectral norm": "The largest factor by which a layer's weights can make an input longer.",
}

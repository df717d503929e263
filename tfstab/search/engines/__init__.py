"""The engines. Each is one module, whose name is the value of `SearchConfig.engine`, with a function

    search(classifier, tasks, config, on_result, on_generation) -> None

that searches the tasks (images which are right when clean), hands each MinimumNoise to on_result as it is finished, in
any order, and shows each generation to on_generation, whose answer may end one image or all. A result depends on the
classifier, the image and the configuration alone.

A whole one, which blends the image with grey until the prediction flips. It would be a file `fade.py` in this folder,
which makes it `SearchConfig(engine="fade")` and `--engine fade`; here it is called by hand.

>>> from tfstab.search.outcome import make_result
>>> from tfstab.search.task import Task
>>> def search(classifier, tasks, config, on_result, on_generation=None):
...     for task in tasks:
...         shares = np.linspace(0, 1, config.limits[0], dtype=np.float32)[:, None]
...         noise = shares * (128 - task.pixels) * task.free
...         log_scores = classifier.log_scores((task.pixels + noise).reshape(-1, *task.clean.shape))
...         flipped = task.evaluate(log_scores, np.linalg.norm(noise, axis=1), config).flipped
...         first = int(flipped.argmax())  # 0, which is no noise, where none flips
...         on_result(make_result(
...             classifier, task, config, noise[first], queries=len(shares), generations=1, seconds=0.0,
...             stop_reason="converged", history=[],
...         ))
>>> results, image = [], digits.images[:1]
>>> scores, log_scores = classifier.scores(image)[0], classifier.log_scores(image)[0]
>>> search(classifier, [Task(0, int(digits.labels[0]), image[0], scores, log_scores)], few, results.append)
>>> results[0].found, len(results[0].history)
(True, 0)
"""

"""The engines. Each is one module, whose name is the value of `SearchConfig.engine`, with a function

    search(classifier, tasks, config, on_result, on_generation) -> None

that searches the tasks (images which are right when clean), hands each MinimumNoise to on_result as it is finished, in
any order, and shows each generation to on_generation, whose answer may end one image or all. A result depends on the
classifier, the image and the configuration alone.
"""

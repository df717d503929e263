# make demo    set everything up and run the demonstration
# make test    set everything up and run the tests
# make lint    ruff and mypy
# make mutants change the source in 300 places, one at a time, and see whether a test fails
# make viewer-sessions  play 200 random sessions of 50 steps in the viewer, and repeat each from what it copies; resumable
# make faults  fail, kill and cut the power at every file operation of a small sweep, search, training and report
# make fuzz    open 10,000 files of every kind that were changed at random; CASES=100000 make fuzz for more
# make frozen  record the viewer's pages and commands, the report's figures, constants and degraded images anew, after a
#              change that is meant; lists what has changed
# make reference  measure the bundled networks under built-in degradations that are new or changed, and record what they
#              keep, for comparison; ALL=1 make reference for all of them
# make paper   run the paper's experiments (TFSTAB_DATA) and store the results; SCALE=full make paper for days of work
# make guide   rewrite the generated tables of README.md and of the guide, from the program and from stored results
# make degradation-pictures  draw the guide's picture of each built-in degradation
# make release-check  build sdist and wheel, and try them in clean environments with each Python that is here
# make docs    make the guide a site in build/docs/html; a warning is an error
# make links   ask every web address of the guide whether it is still reachable
# make clean   remove what these made
#
# PYTHON=python3.12 make demo   to choose the interpreter (3.11 or newer)
# TEST_PROCESSES=8 make test    to run that many test files at a time; each takes a core and about 3 GB
# SAMPLE=50 SEED=7 PATHS=tfstab/sweep,gui/jobs TESTS=tests/sweep,tests/gui make mutants   what to change, what to run;
#   the first time, each test file is run once to see what it reaches (20 minutes for all of them; kept in build/mutants)

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
# For two cores: each waits a tenth of its time, but a third process costs more than it gains (507 s instead of 485 s).
TEST_PROCESSES ?= 2
CASES ?= 10000
SAMPLE ?= 300
SCALE ?= small
SEED ?= 0
PATHS ?= tfstab/,gui/
TESTS ?= tests/
BIN := $(VENV)/bin
# Setuptools warns of editable installs whose folders have the names of their packages; here that is meant.
PIP := PYTHONWARNINGS=ignore $(BIN)/python -m pip --disable-pip-version-check
# $(call INSTALL,[extra]) installs tfstab with an extra; pip is silent for minutes.
define INSTALL
@echo "Installing tfstab$(1) with TensorFlow and Qt into $(VENV): at most 1 GB to download, 3.5 GB on disk, 3 to 10 minutes ..."
@$(PIP) install --quiet --constraint constraints.txt --editable '.$(1)'
endef

QT_PACKAGES := libegl1 libgl1 libopengl0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0 \
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 \
  libxcb-xinerama0 libxcb-xkb1

.PHONY: demo test lint types mutants viewer-sessions faults fuzz frozen reference paper guide degradation-pictures docs links site-source release-check clean qt-libraries qt-system

demo: $(VENV)/installed qt-libraries
	$(BIN)/tfstab demo

# Bytecode is written, because processes that the tests start would compile the modules again otherwise.
test: $(VENV)/installed-test qt-libraries
	unset PYTHONDONTWRITEBYTECODE; $(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

# Ruff first, which takes a second.
lint: $(VENV)/installed-test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	@$(MAKE) --no-print-directory types

# mypy finds packages by their folders, so it gets them as they are installed: the viewer and the resources in tfstab.
types: $(VENV)/installed-test
	@rm -rf build/types && mkdir -p build/types/tfstab
	@ln -s $(CURDIR)/tfstab/* $(CURDIR)/gui $(CURDIR)/resources build/types/tfstab/
	@echo "mypy checks all modules, which takes one or two minutes the first time ..."
	@cd build/types && $(CURDIR)/$(BIN)/python -m mypy --config-file $(CURDIR)/pyproject.toml

mutants: $(VENV)/installed-test qt-libraries
	PYTHONPATH=tests $(BIN)/python -m mutation --sample $(SAMPLE) --seed $(SEED) --paths $(PATHS) --tests $(TESTS)

# An hour on two cores.
viewer-sessions: $(VENV)/installed-test qt-libraries
	$(BIN)/python tests/gui/play_sessions.py

# On Linux with a C compiler all operations are disturbed, elsewhere those of Python code; not on Windows. Half an hour
# at most on two cores.
faults: $(VENV)/installed-test
	$(BIN)/python tests/faults/campaign.py

fuzz: $(VENV)/installed-test
	TFSTAB_FUZZ_CASES=$(CASES) $(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) tests/fuzz

# Test images come from TFSTAB_DATA, or are downloaded. A degradation takes less than a minute on two cores, all
# of them ten.
reference: $(VENV)/installed-test
	$(BIN)/python tests/benchmarks/reference_figures.py $(if $(ALL),--all)

degradation-pictures: $(VENV)/installed-test
	$(BIN)/python tests/guide/make_degradation_pictures.py

# Needs TFSTAB_DATA. What a stopped run has finished is kept in build/paper, and can be stored as it is with the last line.
paper: $(VENV)/installed-test
	for data in mnist cifar10 gtsrb; do $(BIN)/tfstab reproduce paper --data $$data --scale $(SCALE) --out build/paper || exit 1; done
	$(BIN)/python tests/benchmarks/paper_results.py build/paper

guide: $(VENV)/installed-test
	$(BIN)/python tests/guide/make_guide.py

# The commands' parameters come first, because the viewer's forms are made of their record.
frozen: $(VENV)/installed-test qt-libraries
	TFSTAB_RECORD_FROZEN=1 $(BIN)/python -m pytest --quiet tests/cli/test_recorded_parameters.py tests/gui/test_frozen_*.py \
	  tests/gui/test_window_values.py::test_the_commands_are_as_recorded tests/report/test_frozen_*.py \
	  tests/test_limits.py::test_the_limits_are_as_recorded \
	  tests/experiments/test_tiny.py::test_what_a_scale_computes \
	  tests/training/test_remedies.py::test_views_changes_and_losses_are_as_recorded tests/sweep/test_frozen_measures.py \
	  tests/degradations/test_families.py::test_frozen \
	  tests/experiments/test_frozen_values.py tests/test_constants.py \
	  tests/explanation/test_more_by_hand.py::test_the_arrays_of_a_run_folder_are_as_recorded

# What has passed is kept in build/release for the same wheel, so a stopped check goes on where it was.
release-check: $(VENV)/installed-release qt-libraries
	$(BIN)/python tests/packaging/release_check.py

# Sphinx reads a copy of the guide, to which it adds a page for each public name.
site-source: $(VENV)/installed-docs
	rm -rf build/docs
	mkdir -p build/docs
	cp -R resources/guide resources/pictures build/docs/

docs: site-source
	@echo "Sphinx builds 180 pages, which takes about a minute ..."
	@$(BIN)/python -m sphinx -q -W --keep-going -c resources/site build/docs/guide build/docs/html

# Needs the network.
links: site-source
	@echo "Sphinx asks all web addresses, which takes some minutes ..."
	@$(BIN)/python -m sphinx -q -W --keep-going -b linkcheck -c resources/site build/docs/guide build/docs/links

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis tfstab-demo

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tfstab needs Python 3.11 or newer, and '$(PYTHON)' is not: name one with PYTHON=python3.12 make ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "the virtual environment could not be made; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call INSTALL,)
	@touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call INSTALL,[test])
	@touch $@ $(VENV)/installed

$(VENV)/installed-release: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call INSTALL,[release])
	@touch $@ $(VENV)/installed

$(VENV)/installed-docs: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(call INSTALL,[docs])
	@touch $@ $(VENV)/installed

# The window needs libraries of the system that wheels do not bring. Without them all but the viewer works.
qt-libraries: | $(VENV)/installed
	@[ "$$(uname)" = Linux ] || exit 0; \
	qt=$$($(BIN)/python -c 'import importlib.util as u, pathlib as p; print(p.Path(u.find_spec("PySide6").origin).parent / "Qt")'); \
	missing() { ldd "$$qt/plugins/platforms/libqxcb.so" "$$qt/lib/libQt6Widgets.so.6" 2>/dev/null | grep 'not found' >/dev/null; }; \
	missing || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing Qt's system libraries ..."; \
	  $(MAKE) --no-print-directory qt-system; \
	  missing || exit 0; \
	fi; \
	echo "Qt's system libraries are missing, so the viewer will not start; on Debian or Ubuntu run:"; \
	echo "  sudo apt-get install $(QT_PACKAGES)"

# Needs root, on Debian or Ubuntu. Another apt-get is waited for: apt does so itself when it installs, not when it updates.
qt-system:
	@while ! said=$$(LC_ALL=C apt-get update -qq 2>&1); do \
	  case "$$said" in \
	    *"Could not get lock"*) echo "waiting for another apt-get to finish ..."; sleep 10;; \
	    *) echo "$$said"; exit 1;; \
	  esac; \
	done
	@apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $(QT_PACKAGES) >/dev/null

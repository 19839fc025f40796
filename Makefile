# Works with GNU make 3.81 (macOS) and any POSIX shell. Everything is installed into .venv.
python := .venv/bin/python
run := PATH="$$PWD/.venv/bin:$$PATH" exec $(python)
# The tests of a file share a kernel or a JupyterLab, so they stay in one process.
in_two := -n 2 --dist loadfile --no-loadscope-reorder
# Two processes whose matrix products take two threads each wait for one another on two cores.
test site-test: export OMP_NUM_THREADS := 1
test site-test: export OPENBLAS_NUM_THREADS := 1

# They would put packages elsewhere than into .venv, bring others' in, or take the tests' asserts out.
export PIP_USER := 0
unexport PIP_PREFIX PIP_ROOT PIP_TARGET PYTHONHOME PYTHONOPTIMIZE PYTHONPATH

# .venv serves while its Python runs, with pip and with the course of this very folder: not when the
# folder was renamed or copied, nor when that Python has gone.
serves := $(python) -I -c 'import pip; from importlib.util import find_spec; from os.path import samefile; \
  assert samefile(find_spec("course_utils").origin, "course_utils/__init__.py")' 2>/dev/null
ifneq ($(shell $(serves) && echo yes),yes)
.PHONY: .venv/lab.stamp .venv/test.stamp
endif

.PHONY: help lab test site site-test site-serve colab-test bench notebooks teaching sweep picture lint lock clean

help:
	@echo "make VERB, where VERB is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

lab: .venv/lab.stamp  ## open the course in JupyterLab (options for it: ARGS="--no-browser")
	@root=; test "$$(id -u)" -ne 0 || root=--allow-root; \
	$(run) -m jupyterlab --ServerApp.root_dir=notebooks $$root $(ARGS)

test: .venv/test.stamp  ## run every test that can run here (options for pytest: ARGS="-x")
	@$(run) -m pytest $(in_two) $(ARGS)

site: .venv/lab.stamp  ## build the edition that runs in the browser (archives from: ARCHIVES=FOLDER)
	@$(run) -m tools.site $(if $(ARCHIVES),--archives $(ARCHIVES))

site-test: .venv/test.stamp site  ## test that edition in Chromium, some five minutes
	@export COURSE_SITE=site; $(run) -m pytest -n 2 --maxschedchunk 1 -m "site or not site" tests/site \
	  --ignore tests/site/test_first_lesson.py $(ARGS)

site-serve: .venv/lab.stamp  ## show that edition on this machine (options: ARGS="--port 8001")
	@$(run) -m tools.site --serve $(ARGS)

colab-test: .venv/test.stamp  ## run the edition for Colab with Colab's packages, two minutes
	@$(run) -m pytest -m colab tests/tools $(ARGS)

bench: .venv/test.stamp  ## measure the speed beside other people's code
	@$(run) -m benchmarks $(ARGS)

notebooks: .venv/test.stamp  ## run all notebooks and store their outputs
	@$(run) -m tools.normalise notebooks $(ARGS)

teaching: .venv/test.stamp  ## write the lessons' questions and answers into TEACHING.md
	@$(run) -m tools.teaching

sweep: .venv/test.stamp  ## find each method's best learning rate (on a Dask cluster: SCHEDULER=tcp://host:8786)
	@$(run) -m tools.sweep $(if $(SCHEDULER),--scheduler $(SCHEDULER)) $(ARGS)

picture: .venv/test.stamp  ## draw the README's moving picture
	@$(run) -m tools.readme_picture

lint: .venv/test.stamp  ## check style and types
	@$(python) -m ruff check && $(python) -m mypy

lock: .venv/test.stamp  ## bring requirements.lock in line with pyproject.toml (newest of all: ARGS=--upgrade)
	@$(run) -m uv pip compile --quiet --universal --python-version=3.11 --all-extras \
	  --no-annotate --no-header $(ARGS) pyproject.toml --output-file requirements.lock

clean:  ## remove what set-up and tests left behind
	rm -rf .venv .venv-site site .hypothesis .mypy_cache .pytest_cache .ruff_cache

# A stamp is written last, so an interrupted set-up is taken up again by the next call.
.venv/lab.stamp: what := .[lab]
.venv/lab.stamp: size := about 600 MB
.venv/test.stamp: what := .[lab,server,test]
.venv/test.stamp: size := about 1.5 GB, most of it PyTorch
.venv/lab.stamp .venv/test.stamp: pyproject.toml requirements.lock
	@if ! $(serves); then \
	  for candidate in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 python; do \
	    "$$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	      && found=$$candidate && break; \
	  done; \
	  if test -z "$$found"; then \
	    echo "This course needs Python 3.11 or newer (with pip and venv), and none was found; install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	  fi; \
	  test ! -e .venv || echo "The .venv here is unfinished, or of another folder or Python; it is made anew"; \
	  echo "Setting up .venv with $$("$$found" --version)"; \
	  "$$found" -m venv --clear .venv || exit 1; \
	fi; \
	echo "Installing the course into .venv ($(size), takes a few minutes the first time)"; \
	$(python) -m pip install --disable-pip-version-check -c requirements.lock -e '$(what)' || exit 1; \
	touch .venv/lab.stamp $@; \
	echo "Set-up done"

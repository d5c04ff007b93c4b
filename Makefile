# Everything a user or a developer does here. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup services mpi build install demo test endurance lab lint format bench bench-cluster reference docs wheel deb packages clean uninstall

# The Python side lives in .venv; PYTHON names the interpreter that makes it.
PYTHON ?= python3
VENV := .venv
BIN := .build/release/innerloop
SOURCES := Sources Tests examples Package.swift
# With MPI's headers (`make mpi`) also what runs on several processes is built.
TRAITS = $(if $(wildcard /usr/include/*/mpi/mpi.h),--traits MPI)
# The flags of the tests share one build with `swift build -c release`.
TEST_FLAGS = -c release --disable-testable-imports $(TRAITS)
export PYTHON
export PYTHONDONTWRITEBYTECODE := 1

# $(call orfail,step,what to do): ends a failing command with one sentence.
orfail = || { echo "make: the $(1) step failed; $(2)" >&2; exit 1; }

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing: Debian packages, and a Python environment in .venv
	@bash tools/setup.sh

services: setup ## make the Python environments in which the tests start a gateway and a hub
	@bash tools/setup.sh gateway hub

mpi: setup ## install Open MPI; what is built afterwards runs on several processes
	@bash tools/setup.sh mpi

build: setup ## build the innerloop command in release mode
	@swift build -c release $(TRAITS) $(call orfail,build,the compiler's first error is above.)

install: build ## put the kernel into .venv, and nowhere else
	@$(BIN) install --prefix $(VENV) $(call orfail,install,check that $(VENV) can be written to.)

demo: install ## meta-train a model in a notebook and show it in the terminal
	@$(VENV)/bin/python tools/demo.py notebooks/01-maml-sinusoid.ipynb build/01-maml-sinusoid.ipynb

test: install services ## run every test
	@swift test $(TEST_FLAGS) $(call orfail,Swift tests,the failed tests are named above.)
	@INNERLOOP_BIN="$(CURDIR)/$(BIN)" $(VENV)/bin/python -m pytest -q -p no:cacheprovider Tests/python \
	  $(call orfail,Python tests,the failed tests are named above.)

endurance: install ## a million meta-updates, many requests and a day of idle: does anything grow? (ENDURANCE_FLAGS)
	@$(VENV)/bin/python tools/endurance.py --report build/endurance.md $(ENDURANCE_FLAGS) $(call orfail,endurance,what grew is named above.)

lab: install ## open JupyterLab on notebooks/ with the kernel ready
	@$(VENV)/bin/jupyter lab --ServerApp.root_dir=notebooks --MultiKernelManager.default_kernel_name=innerloop $$([[ $$(id -u) -ne 0 ]] || echo --allow-root) \
	  $(call orfail,JupyterLab,its last message is above.)

lint: ## check the formatting
	@swift format lint --strict --parallel --recursive $(SOURCES) $(call orfail,lint,make format mends the places named above.)

format: ## format the Swift sources in place
	@swift format --in-place --parallel --recursive $(SOURCES) $(call orfail,format,the file that cannot be parsed is named above.)

bench: build ## measure against every peer that is installed, and write BENCHMARKS.md
	@$(VENV)/bin/python tools/bench.py $(BENCH_FLAGS) $(call orfail,bench,its message is above.)

bench-cluster: build ## measure ranks on hosts that are network namespaces (as root), and write the tables of docs/scaling.md
	@$(VENV)/bin/python tools/cluster/measure.py $(BENCH_FLAGS) $(call orfail,measurement,its message is above.)
	@$(VENV)/bin/python tools/cluster/report.py $(call orfail,report,its message is above.)

reference: build ## write docs/reference.md anew, from what the program knows of itself
	@$(BIN) reference > docs/reference.md.new $(call orfail,reference,its message is above.)
	@mv docs/reference.md.new docs/reference.md

docs: build ## make the documentation of the Swift libraries in build/docs
	@bash tools/docs.sh build/docs $(call orfail,docs,DocC names the place above.)

wheel: build ## make a wheel for Python users without Swift, in build/wheel
	@bash tools/setup.sh packaging
	@$(VENV)/bin/python packaging/wheel/build.py $(call orfail,wheel,its message is above.)

deb: build ## make a Debian package, in build/deb
	@bash tools/setup.sh packaging
	@bash packaging/deb/build.sh $(call orfail,deb,its message is above.)

packages: install wheel deb ## make the packages and test them in a bare Debian
	@$(VENV)/bin/python -m pytest -q -p no:cacheprovider Tests/packaging $(call orfail,packages,the failed tests are named above.)

clean: ## remove what was built; .venv stays
	@rm -rf .build build

uninstall: ## remove the kernel and .venv
	@if [[ -x $(BIN) && -d $(VENV) ]]; then $(BIN) uninstall --prefix $(VENV); fi
	@rm -rf $(VENV) $(VENV)-gateway $(VENV)-hub

"""The two files of the sweep: one that grows with every finished run, and the result."""

import json
import os
import platform
import tomllib
from pathlib import Path

import numpy as np

from tools.files import replace

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TESTED = "loss", "accuracy"
KEPT = *TESTED, "train_loss", "diverged_at"


class WorkFile:
    """The finished runs, a line of JSON for each, in a file that survives being cut off anywhere.

    `finished` maps the key of a job to its run. What stands after the last line's end is the rest
    of a write that was broken off; it is cut away.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.finished = {}
        with self.path.open("a+b") as file:
            file.seek(0)
            whole = file.read().rpartition(b"\n")[0] + b"\n"
            file.truncate(len(whole) if whole != b"\n" else 0)
        for line in whole.splitlines():
            if line:
                key, run = json.loads(line)
                self.finished[key] = run

    def add(self, key, run):
        """Keep a run; it is on the disk when this returns."""
        with self.path.open("ab") as file:
            file.write(json.dumps([key, run]).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.finished[key] = run


def finished_in(path, plan, fingerprint):
    """Return the runs that a data file holds, by the keys of their jobs; no run made otherwise."""
    try:
        content = json.loads(Path(path).read_text("utf-8"))
        looks = content["iterations"], content["evaluated_at"]
        if content["fingerprint"] != fingerprint or looks != (plan.iterations, _looks(plan)):
            return {}
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return {}
    found = {}
    for entry in content["main"] + content["side"]:
        settings = {name: entry[name] for name in plan.settings(entry["method"], entry["lr"])}
        for row, seed in enumerate(entry["seeds"]):
            run = {name: entry[name][row] for name in KEPT} | _hashes(content, settings, seed)
            found.setdefault(plan.job(settings, seed).key, run)
        for row, seed in enumerate(entry.get("test_seeds", ())):
            run = {name: [entry[f"test_{name}"][row]] for name in TESTED}
            run |= _hashes(content, settings, seed)
            found[plan.job(settings, seed, "test").key] = run
    return found


def _hashes(content, settings, seed):
    sizes = {"weights": "hidden_size", "batches": "batch_size"}
    return {name: content[name][str(settings[size])][str(seed)] for name, size in sizes.items()}


def _looks(plan):
    looks = range(0, plan.iterations + plan.evaluate_every, plan.evaluate_every)
    return [min(look, plan.iterations) for look in looks]


def assemble(plan, data, finished, chosen=(), side=(), fingerprint=None):
    """Return the content of the data file. It depends on nothing but the arguments' values.

    data: the `Split`. finished: the run of each job's key. chosen: the settings of the main sweep
        that were judged on the test data as well. side: those of the side sweep. fingerprint: that
        of the code which made the runs.
    """

    def entry(settings, seeds):
        runs = [finished[plan.job(settings, seed).key] for seed in seeds]
        kept = {"seeds": list(seeds)}
        for name in KEPT:
            kept[name] = [run[name] for run in runs]
        return settings | kept

    def main_entry(settings):
        found = entry(settings, plan.seeds)
        if settings in chosen:
            tested = [finished[plan.job(settings, seed, "test").key] for seed in plan.test_seeds]
            found["test_seeds"] = list(plan.test_seeds)
            found |= {f"test_{name}": [run[name][-1] for run in tested] for name in TESTED}
        return found

    def side_entry(settings):
        found = entry(settings, plan.seeds[: plan.side_seeds])
        return found | {name: [[row[-1]] for row in found[name]] for name in TESTED}

    jobs = [plan.job(settings, seed) for settings in plan.main() for seed in plan.seeds]
    side_seeds = plan.seeds[: plan.side_seeds]
    jobs += [plan.job(settings, seed) for settings in side for seed in side_seeds]
    jobs += [plan.job(settings, seed, "test") for settings in chosen for seed in plan.test_seeds]
    return {
        "data": {"name": data.name, "sha256": data.sha256},
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "course": tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"],
        },
        "fingerprint": fingerprint,
        "iterations": plan.iterations,
        "evaluated_at": _looks(plan),
        "article": plan.article,
        "weights": _common(finished, jobs, "weights", "hidden_size"),
        "batches": _common(finished, jobs, "batches", "batch_size"),
        "main": [main_entry(settings) for settings in plan.main()],
        "side": [side_entry(settings) for settings in side],
    }


def _common(finished, jobs, name, size):
    """Return the SHA-256 that all jobs with the same size and seed share, {size: {seed: …}}."""
    found = {}
    for job in jobs:
        by_seed = found.setdefault(str(getattr(job, size)), {})
        sha256 = finished[job.key][name]
        if by_seed.setdefault(str(job.seed), sha256) != sha256:
            raise ValueError(f"{name} differ between runs of seed {job.seed}: {job.key}")
    return found


def write(path, content):
    """Write the data file, an entry a line; a reader sees the old file or the new one."""
    lines = [f"{json.dumps(key)}: {_value(value)}" for key, value in content.items()]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    replace(Path(path), "{\n" + ",\n".join(lines) + "\n}\n")


def _value(value):
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(one) for one in value) + "\n]"

"""The notebooks guard the optimizers: break one, and nbval refuses the notebook that teaches it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FAULTS = {
    "a sign": ("01_sgd", "p -= self.lr * g\n", "p += self.lr * g\n"),
    "state not kept": ("02_momentum", "v *= self.momentum\n", "v *= 0\n"),
    "a missing root": ("03_adagrad", "(np.sqrt(h) + self.eps)", "(h + self.eps)"),
    "epsilon misplaced": ("05_adam", "(np.sqrt(v) + self.eps)", "np.sqrt(v + self.eps)"),
    "t starting at 0": (
        "05_adam",
        "lr_t = self.lr * (1 - self.beta2**self.iter) ** 0.5 / (1 - self.beta1**self.iter)",
        "lr_t = self.lr * (1 - self.beta2 ** (self.iter - 1)) ** 0.5 "
        "/ (1 - self.beta1 ** (self.iter - 1))",
    ),
}


def nbval(name, package):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x"]
    return subprocess.run(
        [*command, f"notebooks/{name}.ipynb"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def package(tmp_path):
    return shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils")


def test_an_unbroken_copy_passes(package):
    run = nbval("05_adam", package)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_nbval_refuses_a_broken_optimizer(fault, package):
    name, right, wrong = FAULTS[fault]
    module = package / "optimizers.py"
    source = module.read_text(encoding="utf-8")
    assert right in source
    module.write_text(source.replace(right, wrong), encoding="utf-8")
    run = nbval(name, package)
    assert run.returncode == 1, run.stdout
    assert "Cell outputs differ" in run.stdout

"""The notebooks guard the optimizers: break one, and nbval refuses the notebook that teaches it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize("fault", FAULTS)
def test_nbval_refuses_a_broken_optimizer(fault, tmp_path):
    name, right, wrong = FAULTS[fault]
    package = shutil.copytree(ROOT / "course_utils", tmp_path / "course_utils")
    module = package / "optimizers.py"
    source = module.read_text(encoding="utf-8")
    assert right in source
    module.write_text(source.replace(right, wrong), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
         f"notebooks/{name}.ipynb"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 1, run.stdout
    assert "Cell outputs differ" in run.stdout
    assert "1 failed" in run.stdout

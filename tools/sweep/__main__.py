"""Find each method's best learning rate on MNIST and store the results for the notebooks.

    python -m tools.sweep                                on all cores
    python -m tools.sweep --scheduler tcp://host:8786    on the workers of a Dask cluster
    python -m tools.sweep --trial                        some seconds long, to try either

Every finished run is kept at once: stop with Ctrl-C and call again to go on. What the stored file
holds is not made again. The numbers do not depend on the number of workers. CONTRIBUTING.md says
more.
"""

import argparse
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from course_utils.experiments.sweep import STORED, sweep_from
from tools.sweep.plan import FULL, TRIAL
from tools.sweep.run import fingerprint, load, run_in_worker
from tools.sweep.store import WorkFile, assemble, finished_in, write

ROOT = Path(__file__).parents[2]
WORK_FOLDER = ROOT / ".sweep"


class Failed(Exception):
    """Why the sweep can't go on, in words for the one who called it."""


def sweep(plan, output=STORED, work_folder=WORK_FOLDER):
    """Make the runs of a plan that are not finished yet and write the data file.

    The runs go to joblib's current backend. Finished ones are looked for in the data file and in
    the file of `work_folder` that belong to this data and to what this code makes of it.
    """
    own = fingerprint(plan.small)
    kind = "trial" if plan.small else "mnist"
    work = WorkFile(Path(work_folder, f"{kind}-{own[:12]}.jsonl"))
    work.finished = finished_in(output, plan, own) | work.finished
    others = sorted(set(work.path.parent.glob(f"{kind}-*.jsonl")) - {work.path})
    others += filter(Path.exists, [Path(output)])
    if others and not work.finished:
        print(
            f"The runs in {', '.join(file.name for file in others)} were made with other code or "
            f"data. Starting afresh, in {work.path.name}.",
            file=sys.stderr,
        )

    def finish(settings, seeds, held_out="validation"):
        jobs = [plan.job(one, seed, held_out) for seed in seeds for one in settings]
        left = [job for job in jobs if job.key not in work.finished]
        calls = (delayed(run_in_worker)(job, plan.small) for job in left)
        results = Parallel(batch_size=1, return_as="generator_unordered")(calls)
        title, done = f"runs on the {held_out} data", len(jobs) - len(left)
        for key, its, run in tqdm(results, title, len(jobs), unit="run", initial=done):
            if its != own:
                raise Failed(
                    "a worker computes other numbers than this process: its data, code, numpy or "
                    "processor differ. Start all of them from the same version of the course on "
                    "machines of one kind, this command too"
                )
            work.add(key, run)

    data = load(plan.small)
    finish(plan.main(), plan.seeds)
    found = sweep_from(assemble(plan, data, work.finished))
    chosen = [
        settings
        for settings in plan.main()
        if settings["lr"]
        in {choose(settings["method"]).lr for choose in (found.article, found.best)}
    ]
    finish(chosen, plan.test_seeds, "test")
    finish(plan.side(), plan.seeds[: plan.side_seeds])
    write(output, assemble(plan, data, work.finished, chosen, plan.side(), own))


@contextmanager
def backend(workers=-1, scheduler=None):
    """Let joblib use this many processes here (−1: one per core), or the workers of a scheduler."""
    with ExitStack() as stack:
        if scheduler is None:
            stack.enter_context(parallel_config("loky", n_jobs=workers))
        else:
            try:
                from distributed import Client
            except ModuleNotFoundError as error:
                raise Failed(
                    "for --scheduler Dask is needed: python -m pip install distributed"
                ) from error
            try:
                client = stack.enter_context(Client(scheduler))
            except OSError as error:
                raise Failed(f"no Dask scheduler answers at {scheduler}: {error}") from error
            stack.enter_context(parallel_config("dask", n_jobs=-1, client=client))
        yield


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.sweep", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--workers", type=int, default=-1, help="processes; one per core by default"
    )
    parser.add_argument("--scheduler", help="address of a Dask scheduler, tcp://host:8786")
    parser.add_argument("--trial", action="store_true", help="a few runs on small digits")
    parser.add_argument("--output", type=Path, help="the data file to write")
    options = parser.parse_args(arguments)
    if options.workers < 1 and options.workers != -1:
        parser.error(f"--workers must be at least 1, got {options.workers}")
    plan, output = (TRIAL, WORK_FOLDER / "trial.json") if options.trial else (FULL, STORED)
    output = options.output or output
    try:
        with backend(options.workers, options.scheduler):
            sweep(plan, output)
    except (Failed, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the finished runs are kept, and the same call goes on.", file=sys.stderr)
        return 130
    print(f"{output} is written.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

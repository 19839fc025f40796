"""Every figure and explorer of the lab, for the tests that hold for all of them."""

from functools import cache

import numpy as np

from course_utils import (
    SGD,
    Adam,
    Beale,
    Momentum,
    MyTwoLayerNet,
    Ravine,
    Rosenbrock,
    Saddle,
    compare,
    descend,
    experiments,
    lab,
    train,
)
from course_utils.experiments import METHODS, Switches, constant, five, step
from course_utils.experiments.convergence import rate_plane
from course_utils.ground.solid import VIEW
from course_utils.lab.anatomy import Steps
from course_utils.lab.field import Field
from course_utils.lab.paths import Paths, Walks, at_end
from course_utils.lab.race import Race
from course_utils.lab.state import panels_of
from course_utils.lab.surface import Surfaces
from course_utils.lab.switchboard import Switchboard


@cache
def walk(name, **settings):
    """Return a descent of a method of the package, at its rate in the classic picture."""
    return descend(Ravine(), METHODS[name].optimizer, **settings)


@cache
def classic():
    """Return the descents of the classic picture."""
    return {name: walk(name) for name in five()}


@cache
def plane():
    return rate_plane(rows=34, columns=42)


@cache
def schedules():
    tried = {"constant": constant, "step": step(20), "cosine": experiments.cosine(60)}
    return experiments.compare_schedules(SGD(0.95), tried, steps=60, runs=20)


@cache
def diverging_schedules():
    """Return a comparison on Beale's function, which is steeper at its start than later on."""
    tried = {"constant": constant, "warm-up": experiments.warm_up(10)}
    return experiments.compare_schedules(
        Momentum(0.05), tried, noise=0, runs=1, surface=Beale(), steps=100
    )


@cache
def sweep():
    """Return the stored sweep of the course."""
    return experiments.load_sweep()


@cache
def made_race():
    return experiments.race(Ravine(), steps=60)


@cache
def made_data():
    """Return training and held-out data of three classes that can be told apart."""
    rng = np.random.default_rng(0)
    t = rng.integers(3, size=90)
    x = rng.random((90, 6), np.float32)
    x[np.arange(90), t] += 2
    return (x[:60], t[:60]), (x[60:], t[60:])


def made_network():
    return MyTwoLayerNet(6, 5, 3, rng=0)


@cache
def trainings():
    return compare(made_network(), {"SGD": SGD(), "Adam": Adam()}, *made_data(), iterations=60)


def image_trainer():
    """Return an explorer of a training on made images of three classes: a band in another place."""
    rng = np.random.default_rng(0)
    t, noise = rng.integers(3, size=90), rng.random((90, 28, 28), np.float32)
    bands = np.arange(28)[:, np.newaxis] // 10 == t[:, np.newaxis, np.newaxis]
    x = (0.3 * noise + bands).clip(0, 1).reshape(90, 784)
    data, held_out, network = (x[:60], t[:60]), (x[60:], t[60:]), MyTwoLayerNet(784, 5, 3, rng=0)
    stored = {"SGD": train(network, SGD(1e-6), data, held_out, iterations=60)}
    made = {"network": network, "stored": stored, "data": data, "held_out": held_out}
    return trainer(**made, data_name="made images")


def trainer(**changed):
    """Return an explorer of a training on made data."""
    data, held_out = made_data()
    made = {"network": made_network(), "stored": trainings(), "data": data, "held_out": held_out}
    explorer = lab.explore_training(**made | {"data_name": "made data"} | changed)
    explorer.view.width = 900
    return explorer


SURFACES = [Ravine(), Ravine(1000), Ravine(20, 45), Saddle(), Rosenbrock(), Beale()]


def surface_figure(surface):
    """Return a surface from the side and from above, at rest."""
    record = surface, *VIEW
    return Surfaces(record).still(record)


def field_figure(surface, point):
    """Return −gradient and the two directions from a point (x, y), at rest."""
    return Field((surface, point)).still((surface, point))


def anatomy_figure(descent, t):
    """Return what an explorer shows of update t of a descent, at rest; so too the next two."""
    return Steps(descent).still(t)


def race_figure(label, descents, t):
    walks = Walks(descents, t, label)
    return Race(walks).still(walks)


def switchboard_figure(switches):
    found = experiments.report(switches)
    return Switchboard(found).still(found)


def state_figure(descent):
    """Return a path, its losses and what its optimizer remembers, at rest."""
    walks = at_end({type(descent.optimizer).__name__: descent})
    return Paths(walks, panels_of(descent)).still(walks)


FIGURES = {
    "surface": lambda: surface_figure(Ravine()),
    "saddle": lambda: surface_figure(Saddle()),
    "Rosenbrock": lambda: surface_figure(Rosenbrock()),
    "field": lambda: field_figure(Ravine(), (-7, 2)),
    "five paths": lambda: lab.descent_figure(classic()),
    "one path": lambda: lab.descent_figure(walk("SGD")),
    "diverging": lambda: lab.descent_figure(descend(Ravine(), SGD(10))),
    "gone at once": lambda: lab.descent_figure(descend(Ravine(), SGD(1e7))),
    "one step": lambda: lab.descent_figure(walk("Adam", steps=1)),
    "at rest": lambda: lab.descent_figure(walk("RMSProp", start=(0, 0))),
    "state": lambda: state_figure(walk("Adam")),
    "state, gone at once": lambda: state_figure(descend(Ravine(), Momentum(1e7))),
    "anatomy": lambda: anatomy_figure(walk("Momentum"), 3),
    "anatomy at rest": lambda: anatomy_figure(walk("Momentum", start=(0, 0)), 1),
    "race": lambda: race_figure("ravine", made_race(), 20),
    "switches": lambda: switchboard_figure(Switches()),
    "schedules": lambda: lab.schedules_figure(schedules()),
    "schedules, diverging": lambda: lab.schedules_figure(diverging_schedules()),
    "training": lambda: lab.training_figure(trainings(), "made data"),
    "held out": lambda: lab.held_out_figure(trainings(), "made data"),
    "digits": lambda: lab.digits_figure(
        np.random.default_rng(0).random((12, 784)), np.arange(12) % 10, "made data", 2
    ),
    "curves": lambda: lab.curves_figure(
        {name: each.losses for name, each in classic().items()}, log=True, marks=[5], title="loss"
    ),
    "seeds": lambda: lab.seeds_figure(sweep()),
    "rates": lambda: lab.rates_figure(sweep()),
    "article": lambda: lab.article_figure(sweep()),
    "tuning": lambda: lab.tuning_figure(sweep()),
    "scores": lambda: lab.scores_figure(sweep()),
    "other settings": lambda: lab.other_settings_figure(sweep()),
}

EXPLORERS = {
    "SGD": lambda: lab.explore_descent(SGD(0.95), noise=True, condition=True),
    "Momentum": lambda: lab.explore_descent(Momentum(0.1), faint=lambda ball: SGD(ball.lr)),
    "Adam": lambda: lab.explore_descent(Adam(0.3)),
    "five": lambda: lab.explore_descent(*five().values(), condition=True),
    "hill": lambda: lab.explore_hill(SGD(0.95), Momentum(0.05)),
    "saddle": lambda: lab.explore_descent(
        SGD(0.1), surface=Saddle(), schedule=experiments.inverse_time
    ),
    "anatomy": lambda: lab.explore_anatomy(walk("Adam")),
    "field": lambda: lab.explore_field(Ravine()),
    "plane": lab.explore_plane,
    "surface": lambda: lab.explore_surface(Saddle()),
    "race": lambda: lab.explore_race(steps=60),
    "switches": lab.explore_switches,
    "schedules": lambda: lab.explore_schedules(steps=60, runs=10),
    "training": trainer,
    "reading": image_trainer,
}


@cache
def _built(name):
    return EXPLORERS[name]()


def at_first(name):
    """Return the one explorer of that name for all tests, on a page, as it was at first."""
    _built(name).reset()
    _built(name).view.width = 900
    return _built(name)


def sliders(explorer):
    """Return the lowest and the highest value of each slider with ends of its own."""
    return {
        name: (each.low, each.high)
        for name, each in explorer.controls.items()
        if each.kind == "slider" and not isinstance(each.high, str)
    }


def another(explorer, name):
    """Return a value of a control that is a little off the present one."""
    control, now = explorer.controls[name], explorer.values()[name]
    if control.kind == "choice":
        return control.options[(control.options.index(now) + 1) % len(control.options)]
    if control.log:
        return 0.7 * now
    move = control.step * (1 if control.whole else 5)
    return now - move if now - move >= control.low else now + move


def elsewhere(explorer):
    """Return another value for each control that has something to act on."""
    return {n: another(explorer, n) for n in explorer.controls if n not in explorer.view.idle}

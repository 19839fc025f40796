"""Readers' answers to the optimizer tasks: right ones in several styles, and planted mistakes.

The mistakes are edits to right sources, so they share no code with the catalogue in `checks`.
"""

# Two or more ways to write each optimizer, all right

SGD = """
class MySGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params.keys():
            params[key] -= self.lr * grads[key]
"""
SGD_LOOP = """
class MySGD:
    def __init__(self, eta=0.01):
        self.eta = eta

    def update(self, weights, slopes):
        for name, w in weights.items():
            for i in np.ndindex(w.shape):
                w[i] = w[i] - self.eta * slopes[name][i]
        return weights
"""
MOMENTUM = """
class MyMomentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {}
            for key, val in params.items():
                self.v[key] = np.zeros_like(val)
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]
"""
MOMENTUM_TORCH = """
class MyMomentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.m, self.buffer = lr, momentum, {}

    def update(self, params, grads):
        for k in params:
            self.buffer[k] = self.m * self.buffer.get(k, 0) + grads[k]
            np.subtract(params[k], self.lr * self.buffer[k], out=params[k])
"""
MOMENTUM_LOOP = """
class MyMomentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum = lr, momentum

    def update(self, params, grads):
        if not hasattr(self, "v"):
            self.v = {key: np.zeros(p.shape) for key, p in params.items()}
        for key, p in params.items():
            for i in range(p.size):
                v = self.v[key].flat[i] * self.momentum + self.lr * grads[key].flat[i]
                self.v[key].flat[i] = v
                p.flat[i] -= v
"""
NESTEROV = """
class MyNesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {}
            for key, val in params.items():
                self.v[key] = np.zeros_like(val)
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] + grads[key]
            params[key] -= self.lr * (grads[key] + self.momentum * self.v[key])
"""
NESTEROV_KERAS = """
class MyNesterov:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def update(self, params, grads):
        for key, p in params.items():
            push = -self.lr * grads[key]
            self.v[key] = self.momentum * self.v.get(key, 0.0) + push
            p += self.momentum * self.v[key] + push
"""
ADAGRAD = """
class MyAdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {}
            for key, val in params.items():
                self.h[key] = np.zeros_like(val)
        for key in params.keys():
            self.h[key] += grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)
"""
ADAGRAD_OTHER = """
class MyAdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.squares = lr, {}

    def update(self, params, grads):
        for key, p in params.items():
            self.squares.setdefault(key, []).append(np.square(grads[key]))
            rate = self.lr / (sum(self.squares[key]) ** 0.5 + 1e-8)
            p[...] = p - rate * grads[key]
"""
RMSPROP = """
class MyRMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.lr = lr
        self.decay_rate = decay_rate
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {}
            for key, val in params.items():
                self.h[key] = np.zeros_like(val)
        for key in params.keys():
            self.h[key] *= self.decay_rate
            self.h[key] += (1 - self.decay_rate) * grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)
"""
RMSPROP_OTHER = """
class MyRMSProp:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.eta, self.rho, self.h = lr, decay_rate, {}

    def update(self, params, grads):
        for key in grads:
            h, g = self.h.get(key, np.zeros(grads[key].shape)), grads[key]
            h = h + (1 - self.rho) * (g**2 - h)
            self.h[key] = h
            params[key] -= self.eta / (np.sqrt(h) + 1e-8) * g
"""
ADAM = """
class MyAdam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.iter = 0
        self.m = None
        self.v = None

    def update(self, params, grads):
        if self.m is None:
            self.m, self.v = {}, {}
            for key, val in params.items():
                self.m[key] = np.zeros_like(val)
                self.v[key] = np.zeros_like(val)
        self.iter += 1
        lr_t = self.lr * np.sqrt(1.0 - self.beta2**self.iter) / (1.0 - self.beta1**self.iter)
        for key in params.keys():
            self.m[key] += (1 - self.beta1) * (grads[key] - self.m[key])
            self.v[key] += (1 - self.beta2) * (grads[key] ** 2 - self.v[key])
            params[key] -= lr_t * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)
"""
ADAM_PAPER = """
class MyAdam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.b1, self.b2 = lr, beta1, beta2
        self.m, self.v, self.t = {}, {}, 0

    def update(self, params, grads):
        self.t += 1
        for key, p in params.items():
            g = grads[key]
            m = self.b1 * self.m.get(key, 0) + (1 - self.b1) * g
            v = self.b2 * self.v.get(key, 0) + (1 - self.b2) * g**2
            self.m[key], self.v[key] = m, v
            m_hat = m / (1 - self.b1**self.t)
            v_hat = v / (1 - self.b2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)
"""
ADAMW = (
    ADAM_PAPER.replace("MyAdam", "MyAdamW")
    .replace("beta2=0.999):", "beta2=0.999, weight_decay=0.01):\n        self.wd = weight_decay")
    .replace("            p -= ", "            p *= 1 - self.lr * self.wd\n            p -= ")
)
ADAMW_ARTICLE = (
    ADAM.replace("MyAdam", "MyAdamW")
    .replace("beta2=0.999):", "beta2=0.999, weight_decay=0.01):\n        self.wd = weight_decay")
    .replace("params[key] -= lr_t", "params[key] -= self.lr * self.wd * params[key] + lr_t")
)

ADAM_ALIAS = ADAM.replace(
    "self.m, self.v = {}, {}", "self.both = [{}, {}]; self.m, self.v = self.both"
)
ADAMW_ONE_STEP = (
    ADAM_PAPER.replace("MyAdam", "MyAdamW")
    .replace("beta2=0.999):", "beta2=0.999, weight_decay=0.01):\n        self.wd = weight_decay")
    .replace(
        "self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)",
        "self.lr * (m_hat / (np.sqrt(v_hat) + 1e-8) + self.wd * p)",
    )
)

RIGHT = {
    "sgd-rule": (SGD, SGD_LOOP),
    "momentum-rule": (MOMENTUM, MOMENTUM_TORCH, MOMENTUM_LOOP),
    "nesterov-rule": (NESTEROV, NESTEROV_KERAS),
    "adagrad-rule": (ADAGRAD, ADAGRAD_OTHER),
    "rmsprop-rule": (RMSPROP, RMSPROP_OTHER),
    "adam-rule": (ADAM, ADAM_PAPER, ADAM_ALIAS),
    "adamw-rule": (ADAMW, ADAMW_ARTICLE, ADAMW_ONE_STEP),
}

# Mistakes as readers make them: the names expected, and the source


def edit(source, *pairs):
    for old, new in pairs:
        assert old in source, old
        source = source.replace(old, new)
    return source


def flipped(step):
    return step.replace("-=", "+=") if "-=" in step else step.replace("+=", "-=")


def planted(source, step, *more):
    """Mistakes that any optimizer can make, then `more`: pairs of names and edits.

    step: the line that changes the parameter.
    """
    put_back = step.replace("-= ", "= params[key] - (").replace("+= ", "= params[key] + (") + ")"
    put_back_flipped = (
        flipped(step).replace("-= ", "= params[key] - ( ").replace("+= ", "= params[key] + (") + ")"
    )
    lr = 0.001 if "lr=0.001" in source else 0.01
    lonely = put_back.replace("params[key] =", "p =", 1)
    touches = "\n            grads[key] *= self.lr"
    everywhere = [
        ("uphill", [(step, flipped(step))]),
        ("replaced", [(step, put_back)]),
        ("nothing-changes", [(step, lonely)]),
        ("first-key-only", [(step, step + "\n            break")]),
        ("last-key-only", [(step, "pass\n        " + step)]),
        ("gradient-changed", [(step, step + touches)]),
        (
            "settings-ignored",
            [("self.lr = lr\n", f"self.lr = {lr}\n")]
            + [
                (f"self.{name} = {name}\n", f"self.{name} = {value}\n")
                for name, value in (
                    ("momentum", 0.9),
                    ("decay_rate", 0.99),
                    ("beta1", 0.9),
                    ("beta2", 0.999),
                )
                if f"self.{name} = {name}\n" in source
            ]
            + [("self.wd = weight_decay", "self.wd = 0.01") for _ in range("self.wd" in source)],
        ),
        ("settings-ignored", [("self.lr = lr\n", f"self.lr = {lr}\n")]),
        ("uphill replaced", [(step, put_back_flipped)]),
        ("uphill first-key-only", [(step, flipped(step) + "\n            break")]),
        ("gradient-changed uphill", [(step, flipped(step) + touches)]),
        ("replaced first-key-only", [(step, put_back + "\n            break")]),
        ("gradient-changed replaced", [(step, put_back + touches)]),
        ("whole-dict", [(step, "params -= self.lr * grads")]),
        ("self-missing", [("self.lr * ", "lr * ")]),
        ("signature", [("update(self, params, grads)", "update(params, grads)")]),
    ]
    answers = from_edits(source, (*everywhere, *more))
    if "self.wd" in source:  # there the other sign is also that of the decay
        answers = [
            (names | {"decay-grows"} if "uphill" in names else names, answer)
            for names, answer in answers
        ]
    return answers


def from_edits(source, mistakes):
    return [(set(names.split()), edit(source, *pairs)) for names, pairs in mistakes]


NEVER_MADE = ("for key, val in params.items():", "for key, val in ():")
INTEGERS = ("np.zeros_like(val)", "np.zeros(val.shape, dtype=int)")


def keeps_state(source, name, owner):
    """Mistakes with the state `name`, in the article's form."""
    made = f"self.{name} is None"
    return (
        ("state-not-kept", [(f"if {made}:", "if True:")]),
        ("fresh-state-missing", [NEVER_MADE]),
        ("fresh-state-missing", [(f"if {made}:", "if False:")]),
        (
            "shared-between-runs",
            [
                (f"self.{name}", f"{owner}.{name}"),
                (f"        {owner}.{name} = None\n", ""),
                ("    def __init__", f"    {name} = None\n\n    def __init__"),
            ],
        ),
        (
            "integer-state",
            [INTEGERS, (f"self.{name}[key] = self.", f"self.{name}[key][:] = self.")]
            if f"self.{name}[key] = self." in source
            else [INTEGERS],
        ),
        (
            "uphill state-not-kept",
            [(f"if {made}:", "if True:"), ("params[key] -=", "params[key] +=")]
            if "params[key] -=" in source
            else [(f"if {made}:", "if True:"), ("params[key] +=", "params[key] -=")],
        ),
    )


SGD_STEP = "params[key] -= self.lr * grads[key]"
MOMENTUM_STEP = "params[key] += self.v[key]"
MOMENTUM_V = "self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]"
NESTEROV_STEP = "params[key] -= self.lr * (grads[key] + self.momentum * self.v[key])"
NESTEROV_V = "self.v[key] = self.momentum * self.v[key] + grads[key]"
ROOT_STEP = "params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)"
ADAM_STEP = "params[key] -= lr_t * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)"
ADAM_M = "self.m[key] += (1 - self.beta1) * (grads[key] - self.m[key])"
ADAM_V = "self.v[key] += (1 - self.beta2) * (grads[key] ** 2 - self.v[key])"
LR_T = "lr_t = self.lr * np.sqrt(1.0 - self.beta2**self.iter) / (1.0 - self.beta1**self.iter)"
UPSIDE_DOWN = "lr_t = self.lr * (1 - self.beta1**self.iter) / np.sqrt(1 - self.beta2**self.iter)"
OTHER_ROOT = "lr_t = self.lr * (1 - self.beta2**self.iter) / np.sqrt(1 - self.beta1**self.iter)"
ADAMW_STEP = "params[key] -= self.lr * self.wd * params[key] + " + ADAM_STEP.split("= ", 1)[1]
ROOT = "(np.sqrt(self.h[key]) + 1e-7)"


def rooted(h):
    """Mistakes in g / (√h + ε)."""
    root = f"(np.sqrt({h}) + 1e-7)"
    return (
        ("root-missing", [(root, f"({h} + 1e-7)")]),
        ("eps-missing", [(root, f"np.sqrt({h})")]),
        ("eps-inside", [(root, f"np.sqrt({h} + 1e-7)")]),
        ("eps-inside", [(root, f"({h} + 1e-8) ** 0.5")]),
        ("eps-missing", [(root, f"np.sqrt({h}) + 1e-7")]),
        ("multiplied", [(f"/ {root}", f"* {root}")]),
        ("uphill root-missing", [(root, f"({h} + 1e-7)"), ("params[key] -=", "params[key] +=")]),
        ("eps-missing lr-missing", [(root, f"np.sqrt({h}) / self.lr")]),
    )


def squared(square):
    """Mistakes in what is remembered of g², written as `square`."""
    return (
        ("one-number", [(square, "np.sum(grads[key] ** 2)")]),
        ("one-number", [(square, "np.mean(grads[key] ** 2)")]),
        ("one-number", [(square, "grads[key] @ grads[key]")]),
        ("not-squared", [(square, "(grads[key] * 2)")]),
        ("one-number uphill", [(square, "np.sum(grads[key] ** 2)"), ("key] -=", "key] +=")]),
    )


ADAM_MISTAKES = (
    *squared("grads[key] ** 2"),
    ("m-not-used", [("lr_t * self.m[key]", "lr_t * grads[key]")]),
    ("m-not-used uphill", [("lr_t * self.m[key]", "-lr_t * grads[key]")]),
    ("same-dict", [("self.m, self.v = {}, {}", "self.m = self.v = {}")]),
    (
        "same-dict",
        [
            ("self.m[key] = np.zeros_like(val)", "self.m[key] = self.v[key] = np.zeros_like(val)"),
            ("                self.v[key] = np.zeros_like(val)\n", ""),
        ],
    ),
    ("correction-inverted", [(LR_T, UPSIDE_DOWN)]),
    ("correction-root", [("np.sqrt(1.0 - self.beta2**self.iter)", "(1 - self.beta2**self.iter)")]),
    ("correction-root", [("(1.0 - self.beta1**self.iter)", "(1 - self.beta1**self.iter) ** 0.5")]),
    ("correction-root", [(LR_T, OTHER_ROOT)]),
    ("correction-root v-sum", [(LR_T, OTHER_ROOT), (ADAM_V, "self.v[key] += grads[key] ** 2")]),
    ("power-as-product", [("**self.iter", " * self.iter")]),
    ("power-as-product", [("self.beta1**", "self.beta1 * ")]),
    ("power-as-product", [("self.beta2**", "self.beta2 * ")]),
    ("square-in-m", [("(grads[key] - self.m[key])", "(grads[key] ** 2 - self.m[key])")]),
    (
        "negative-root",
        [
            (LR_T, LR_T.replace("np.sqrt", "").replace(") /", ") ** 0.5 /")),
            ("**self.iter", " * self.iter"),
        ],
    ),
    ("power", [("grads[key] ** 2", "grads[key] ^ 2")]),
    ("t-fixed", [("**self.iter", "")]),
    ("t-fixed", [("self.beta1**self.iter", "self.beta1")]),
    ("t-fixed", [("self.beta2**self.iter", "self.beta2")]),
    ("t-fixed square-of-m", [("**self.iter", ""), ("grads[key] ** 2", "self.m[key] ** 2")]),
    (
        "m-swapped",
        [(ADAM_M, "self.m[key] = (1 - self.beta1) * self.m[key] + self.beta1 * grads[key]")],
    ),
    ("m-swapped", [(ADAM_M, "self.m[key] = self.beta1 * self.m[key] + self.beta1 * grads[key]")]),
    ("v-swapped", [("(1 - self.beta2) *", "self.beta2 *")]),
    (
        "m-swapped v-swapped",
        [("(1 - self.beta1) *", "self.beta1 *"), ("(1 - self.beta2) *", "self.beta2 *")],
    ),
    ("m-sum", [(ADAM_M, "self.m[key] += grads[key]")]),
    ("m-sum", [(ADAM_M, "self.m[key] += (1 - self.beta1) * grads[key]")]),
    ("v-swapped", [(ADAM_V, "self.v[key] = self.beta2 * (self.v[key] + grads[key] ** 2)")]),
    ("v-sum", [(ADAM_V, "self.v[key] += (1 - self.beta2) * grads[key] ** 2")]),
    (
        "m-sum v-sum",
        [(ADAM_M, "self.m[key] += grads[key]"), (ADAM_V, "self.v[key] += grads[key] ** 2")],
    ),
    (
        "state-not-kept",
        [
            ("        self.iter += 1\n", "        self.iter += 1\n        m = v = 0\n"),
            (ADAM_M, "m = self.beta1 * m + (1 - self.beta1) * grads[key]"),
            (ADAM_V, "v = self.beta2 * v + (1 - self.beta2) * grads[key] ** 2"),
            ("lr_t * self.m[key] / (np.sqrt(self.v[key])", "lr_t * m / (np.sqrt(v)"),
        ],
    ),
    *keeps_state(ADAM, "m", "MyAdam")[1:3],
    *rooted("self.v[key]")[:6],
    ("integer-state", [INTEGERS]),
    ("state-not-kept", [("if self.m is None:", "if True:")]),
    (
        "betas-swapped",
        [
            ("self.beta1 = beta1", "self.beta1 = beta2"),
            ("self.beta2 = beta2", "self.beta2 = beta1"),
        ],
    ),
    ("m-one-minus-missing", [(ADAM_M, "self.m[key] = self.beta1 * self.m[key] + grads[key]")]),
    ("v-one-minus-missing", [(ADAM_V, "self.v[key] = self.beta2 * self.v[key] + grads[key] ** 2")]),
    (
        "m-one-minus-missing v-one-minus-missing",
        [
            (ADAM_M, "self.m[key] = self.beta1 * self.m[key] + grads[key]"),
            (ADAM_V, "self.v[key] = self.beta2 * self.v[key] + grads[key] ** 2"),
        ],
    ),
    (
        "t-from-0",
        [("        self.iter += 1\n", ""), ("+ 1e-7)\n", "+ 1e-7)\n        self.iter += 1\n")],
    ),
    ("t-fixed", [("self.iter += 1", "self.iter = 1")]),
    (
        "t-per-key",
        [
            ("        self.iter += 1\n", ""),
            (f"        {LR_T}\n", ""),
            (
                f"            {ADAM_M}",
                f"            self.iter += 1\n            {LR_T}\n            {ADAM_M}",
            ),
        ],
    ),
    ("self-missing", [("self.iter += 1", "t += 1")]),
    ("no-correction", [(LR_T, "lr_t = self.lr")]),
    ("v-corrected-only", [(LR_T, "lr_t = self.lr * np.sqrt(1 - self.beta2**self.iter)")]),
    ("m-corrected-only", [(LR_T, "lr_t = self.lr / (1 - self.beta1**self.iter)")]),
    (
        "no-correction betas-swapped",
        [
            (LR_T, "lr_t = self.lr"),
            ("- self.beta1)", "- self.XX)"),
            ("- self.beta2)", "- self.beta1)"),
            ("self.XX", "self.beta2"),
        ],
    ),
    ("not-squared", [("grads[key] ** 2", "grads[key]")]),
    (
        "m-not-used",
        [("lr_t * self.m[key]", "self.lr * np.sqrt(1 - self.beta2**self.iter) * grads[key]")],
    ),
    ("square-of-m", [("grads[key] ** 2", "self.m[key] ** 2")]),
)
PAPER_MISTAKES = (
    (
        "correction-stored",
        [
            ("            self.m[key], self.v[key] = m, v\n", ""),
            (
                "            p -=",
                "            self.m[key], self.v[key] = m_hat, v_hat\n            p -=",
            ),
        ],
    ),
    ("eps-inside", [("(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat + 1e-8)")]),
    ("root-missing", [("(np.sqrt(v_hat) + 1e-8)", "(v_hat + 1e-8)")]),
    ("eps-missing", [("(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat)")]),
    ("m-corrected-only", [("v_hat = v / (1 - self.b2**self.t)", "v_hat = v")]),
    (
        "same-dict",
        [("self.m, self.v, self.t = {}, {}, 0", "self.m = self.v = {}\n        self.t = 0")],
    ),
    (
        "correction-inverted",
        [("/ (1 - self.b1", "* (1 - self.b1"), ("/ (1 - self.b2", "* (1 - self.b2")],
    ),
    ("power-as-product", [("**self.t)", " * self.t)")]),
    ("m-not-used", [("self.lr * m_hat", "self.lr * g")]),
    ("one-number", [("(1 - self.b2) * g**2", "(1 - self.b2) * (g**2).mean()")]),
    ("v-corrected-only", [("m_hat = m / (1 - self.b1**self.t)", "m_hat = m")]),
    ("t-from-0", [("        self.t += 1\n", ""), ("+ 1e-8)\n", "+ 1e-8)\n        self.t += 1\n")]),
    (
        "uphill eps-inside",
        [("(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat + 1e-8)"), ("p -= ", "p += ")],
    ),
    ("fresh-state-missing", [("self.m.get(key, 0)", "self.m[key]")]),
    ("m-forgotten", [("self.m[key], self.v[key] = m, v", "self.v[key] = v")]),
    (
        "endless-loop",
        [("        self.t += 1\n", "        while self.t >= 0:\n            self.t += 1\n")],
    ),
)


PLANTED = {
    "sgd-rule": planted(
        SGD,
        SGD_STEP,
        ("lr-twice", [(SGD_STEP, "params[key] -= self.lr * self.lr * grads[key]")]),
        ("lr-missing", [(SGD_STEP, "params[key] -= grads[key]")]),
        ("uphill lr-missing", [(SGD_STEP, "params[key] += grads[key]")]),
        (
            "returned",
            [
                (
                    SGD_STEP,
                    "params = {k: params[k] - self.lr * grads[k] for k in params}\n"
                    "        return params",
                )
            ],
        ),
        (
            "endless-loop",
            [
                (
                    "for key in params.keys():",
                    "key = next(iter(params))\n        while key in params:",
                )
            ],
        ),
        (
            "gradient-changed",
            [(SGD_STEP, "grads[key] *= self.lr\n            params[key] -= grads[key]")],
        ),
        (
            "import-missing",
            [
                (SGD_STEP, "params[key] -= self.lr * np.asarray(grads[key])"),
                ("class MySGD", "del np\n\n\nclass MySGD"),
            ],
        ),
    ),
    "momentum-rule": planted(
        MOMENTUM,
        MOMENTUM_STEP,
        *keeps_state(MOMENTUM, "v", "MyMomentum"),
        ("lr-twice", [(MOMENTUM_STEP, "params[key] += self.lr * self.v[key]")]),
        ("lr-missing", [("- self.lr * grads", "- grads")]),
        ("uphill", [("- self.lr *", "+ self.lr *")]),
        ("memory-not-scaled", [("self.momentum * self.v", "self.v")]),
        ("averaged", [("- self.lr *", "- (1 - self.momentum) * self.lr *")]),
        ("resistance", [("= self.momentum *", "= (1 - self.momentum) *")]),
        ("memory-sign", [("= self.momentum *", "= -self.momentum *")]),
        (
            "late",
            [
                (
                    f"            {MOMENTUM_V}\n            {MOMENTUM_STEP}",
                    f"            {MOMENTUM_STEP}\n            {MOMENTUM_V}",
                )
            ],
        ),
        ("state-not-kept", [(MOMENTUM_STEP, "params[key] -= self.lr * grads[key]")]),
        (
            "state-not-kept",
            [
                ("        if self.v is None:", "        v = 0\n        if self.v is None:"),
                (MOMENTUM_V, MOMENTUM_V.replace("self.v[key]", "v")),
                (MOMENTUM_STEP, "params[key] += v"),
            ],
        ),
        (
            "state-not-kept",
            [
                (MOMENTUM_V, MOMENTUM_V.replace("self.v[key] =", "v =")),
                (MOMENTUM_STEP, "params[key] += v"),
            ],
        ),
        ("memory-not-scaled uphill", [("= self.momentum * self.v[key] - ", "= self.v[key] + ")]),
        (
            "one-state-for-all",
            [
                ("self.v[key]", "self.v"),
                ("self.v = {}", "self.v = 0"),
                ("                self.v = np.zeros_like(val)", "                pass"),
            ],
        ),
    ),
    "nesterov-rule": planted(
        NESTEROV,
        NESTEROV_STEP,
        *keeps_state(NESTEROV, "v", "MyNesterov"),
        ("no-look-ahead", [(NESTEROV_STEP, "params[key] -= self.lr * self.v[key]")]),
        (
            "look-ahead-not-scaled",
            [(NESTEROV_STEP, "params[key] -= self.lr * (grads[key] + self.v[key])")],
        ),
        ("push-missing", [(NESTEROV_STEP, "params[key] -= self.lr * self.momentum * self.v[key]")]),
        (
            "no-look-ahead",
            [
                (
                    f"            {NESTEROV_V}\n            {NESTEROV_STEP}",
                    f"            {NESTEROV_STEP}\n            {NESTEROV_V}",
                )
            ],
        ),
        ("state-not-kept", [(NESTEROV_STEP, "params[key] -= self.lr * grads[key]")]),
        (
            "state-not-kept",
            [
                ("        if self.v is None:", "        v = 0\n        if self.v is None:"),
                (NESTEROV_V, NESTEROV_V.replace("self.v[key]", "v")),
                (NESTEROV_STEP, NESTEROV_STEP.replace("self.v[key]", "v")),
            ],
        ),
        ("memory-not-scaled", [("= self.momentum * self.v[key] + g", "= self.v[key] + g")]),
        ("lr-twice", [("self.lr * (g", "self.lr * self.lr * (g")]),
        ("no-look-ahead uphill", [(NESTEROV_STEP, "params[key] += self.lr * self.v[key]")]),
    ),
    "adagrad-rule": planted(
        ADAGRAD,
        ROOT_STEP,
        *keeps_state(ADAGRAD, "h", "MyAdaGrad"),
        *rooted("self.h[key]"),
        ("state-not-kept", [("self.h[key] += ", "self.h[key] = ")]),
        ("not-squared", [("grads[key] * grads[key]\n", "grads[key]\n")]),
        ("gradient-missing", [("self.lr * grads[key] /", "self.lr /")]),
        *squared("grads[key] * grads[key]"),
        (
            "state-not-kept",
            [
                ("        if self.h is None:", "        h = 0\n        if self.h is None:"),
                ("self.h[key] += grads[key] * grads[key]", "h += grads[key] * grads[key]"),
                ("(np.sqrt(self.h[key])", "(np.sqrt(h)"),
            ],
        ),
        ("power", [("grads[key] * grads[key]\n", "grads[key]^2\n")]),
        (
            "late",
            [
                ("            self.h[key] += grads[key] * grads[key]\n", ""),
                (ROOT_STEP, ROOT_STEP + "\n            self.h[key] += grads[key] * grads[key]"),
            ],
        ),
    ),
    "rmsprop-rule": planted(
        RMSPROP,
        ROOT_STEP,
        *keeps_state(RMSPROP, "h", "MyRMSProp"),
        *rooted("self.h[key]"),
        *squared("grads[key] * grads[key]"),
        (
            "state-not-kept",
            [
                ("        if self.h is None:", "        h = 0\n        if self.h is None:"),
                ("self.h[key]", "h"),
                ("                h = np.zeros_like(val)", "                pass"),
            ],
        ),
        ("decay-swapped", [("(1 - self.decay_rate) *", "self.decay_rate *")]),
        ("one-minus-missing", [("(1 - self.decay_rate) * ", "")]),
        ("decay-missing", [("            self.h[key] *= self.decay_rate\n", "")]),
        (
            "decay-swapped",
            [
                ("(1 - self.decay_rate) *", "self.decay_rate *"),
                ("*= self.decay_rate", "*= 1 - self.decay_rate"),
            ],
        ),
        (
            "decay-missing one-minus-missing",
            [
                ("            self.h[key] *= self.decay_rate\n", ""),
                ("(1 - self.decay_rate) * ", ""),
            ],
        ),
        ("not-squared", [("grads[key] * grads[key]\n", "grads[key]\n")]),
        ("gradient-missing", [("self.lr * grads[key] /", "self.lr /")]),
        (
            "one-minus-missing root-missing",
            [("(1 - self.decay_rate) * ", ""), (ROOT, "(self.h[key] + 1e-7)")],
        ),
    ),
    "adam-rule": planted(ADAM, ADAM_STEP, *ADAM_MISTAKES) + from_edits(ADAM_PAPER, PAPER_MISTAKES),
    "adamw-rule": planted(
        ADAMW_ARTICLE,
        ADAMW_STEP,
        *[each for each in ADAM_MISTAKES if "uphill" not in each[0]],
        ("weight-decay-missing", [("self.lr * self.wd * params[key] + ", "")]),
        ("decay-without-lr", [("self.lr * self.wd * params", "self.wd * params")]),
        ("decay-without-p", [("self.wd * params[key]", "self.wd")]),
        (
            "decay-without-p no-correction",
            [("self.wd * params[key]", "self.wd"), (LR_T, "lr_t = self.lr")],
        ),
        ("decay-corrected", [("self.lr * self.wd", "lr_t * self.wd")]),
        (
            "decay-corrected",
            [
                (
                    ADAMW_STEP,
                    "params[key] -= lr_t * (self.m[key] / (np.sqrt(self.v[key]) + 1e-7)"
                    " + self.wd * params[key])",
                )
            ],
        ),
        (
            "decay-divided",
            [
                (
                    ADAMW_STEP,
                    "params[key] -= lr_t * (self.m[key] + self.wd * params[key])"
                    " / (np.sqrt(self.v[key]) + 1e-7)",
                )
            ],
        ),
        (
            "decay-divided one-number",
            [
                (
                    ADAMW_STEP,
                    "params[key] -= lr_t * (self.m[key] + self.wd * params[key])"
                    " / (np.sqrt(self.v[key]) + 1e-7)",
                ),
                ("grads[key] ** 2", "np.mean(grads[key] ** 2)"),
            ],
        ),
        (
            "decay-divided root-missing",
            [
                (
                    ADAMW_STEP,
                    "params[key] -= lr_t * (self.m[key] + self.wd * params[key])"
                    " / (self.v[key] + 1e-7)",
                )
            ],
        ),
        (
            "decay-grows",
            [
                (
                    "params[key] -= self.lr * self.wd * params[key] + ",
                    "params[key] += self.lr * self.wd * params[key] - ",
                )
            ],
        ),
        (
            "decay-in-gradient",
            [(ADAMW_STEP, ADAM_STEP), ("grads[key]", "(grads[key] + self.wd * params[key])")],
        ),
        (
            "no-correction weight-decay-missing",
            [(LR_T, "lr_t = self.lr"), ("self.lr * self.wd * params[key] + ", "")],
        ),
    )
    + from_edits(ADAMW, [each for each in PAPER_MISTAKES if "uphill" not in each[0]]),
}


# Mistakes that no catalogue lists: to be refused, whatever they are called

UNLISTED = {
    "sgd-rule": [
        edit(SGD, ("grads[key]", "np.sign(grads[key])")),
        edit(SGD, ("grads[key]", "np.abs(grads[key])")),
    ],
    "momentum-rule": [
        edit(MOMENTUM, ("self.momentum * self.v", "self.momentum**2 * self.v")),
        edit(MOMENTUM, (MOMENTUM_STEP, "params[key] += self.momentum * self.v[key]")),
    ],
    "nesterov-rule": [
        edit(NESTEROV, ("(grads[key] + self", "(grads[key] - self")),
    ],
    "adagrad-rule": [
        edit(ADAGRAD, ("grads[key] * grads[key]\n", "np.abs(grads[key])\n")),
        edit(ADAGRAD, ("self.lr * grads[key]", "self.lr * np.sign(grads[key])")),
    ],
    "rmsprop-rule": [
        edit(RMSPROP, ("(1 - self.decay_rate)", "(1 - self.decay_rate) ** 2")),
    ],
    "adam-rule": [
        edit(ADAM, ("(grads[key] ** 2 -", "(np.abs(grads[key]) -")),
        edit(ADAM, ("lr_t * self.m[key]", "np.sqrt(lr_t) * self.m[key]")),
    ],
    "adamw-rule": [
        edit(ADAMW, ("self.lr * self.wd", "self.lr * self.lr * self.wd")),
    ],
}

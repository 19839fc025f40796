"""What to tell the reader about each mistake: what it is, and what to do."""

SENTENCES = {
    # seen from outside, whatever the rule
    "nothing-changes": "Nothing in `params` has changed. `p = p - …` and `params = …` only give a "
    "name a new value; change the arrays themselves: `params[key] -= …` or `+=`.",
    "returned": "`update` returns something and leaves `params` as it was. Change the arrays in "
    "`params` in place, with `-=` or `+=`; nothing needs to be returned.",
    "replaced": "`params[key] = …` puts a new array into the dict, and whoever holds the old one "
    "does not see the step. Change the array in place: `params[key] -= …` or `+=`.",
    "gradient-changed": "`update` changes `grads`, which belong to the caller. With "
    "`g = grads[key]` don't write `g *= …`, write `… * g`.",
    "integer-state": "What you remember is kept in an integer array, which cuts off every "
    "fraction. `np.zeros_like(params[key])` has the right type.",
    "shared-between-runs": "A second optimizer begins with what the first one remembers. Keep "
    "state on `self`, set in `__init__` or in the first update, not in the class, a global name or "
    "a default argument.",
    "same-dict": "What you keep under two names is one and the same, as m and v are after "
    "`self.m = self.v = {}`. Make two.",
    # any rule
    "uphill": "The sign is wrong: the step goes uphill. The step is against the gradient.",
    "lr-twice": "The learning rate is applied twice. Multiply by `self.lr` in one place only.",
    "lr-missing": "The learning rate is missing. Multiply the step by `self.lr`.",
    "first-key-only": "Only the first key of `params` is updated. Look at what is inside the loop "
    "and whether something leaves it early.",
    "last-key-only": "Only the last key of `params` is updated. The step has to be inside the "
    "loop: check its indentation.",
    "settings-ignored": "Numbers given to `__init__` make no difference: you calculate with the "
    "default values. Use `self.lr` and its like instead of written-out numbers.",
    "one-state-for-all": "All keys share one memory. Each key of `params` needs an array of its "
    "own: a dict with the same keys.",
    "state-not-kept": "Nothing is remembered from one update to the next. Keep it on `self`, make "
    "it in the first update only, and use it in the step.",
    # Momentum
    "memory-not-scaled": "The old velocity is kept whole. Multiply it by `self.momentum` first.",
    "averaged": "The gradient is also multiplied by 1 − momentum. That is the averaged form; here "
    "the push is the full gradient.",
    "resistance": "The memory is multiplied by 1 − momentum. `momentum` is the part that is kept.",
    "memory-sign": "The old velocity is subtracted. It should go on in its direction: "
    "`self.momentum * v`.",
    "late": "The step uses what was remembered before this update. First bring the memory up to "
    "date, then make the step with it.",
    "looks-ahead": "This is Nesterov's method: the step adds the push a second time. Plain "
    "Momentum moves by v.",
    "no-look-ahead": "This is plain Momentum. The step looks ahead: add momentum times the *new* "
    "v to the gradient.",
    "look-ahead-not-scaled": "In the step v enters whole. There too it is `self.momentum * v`.",
    "push-missing": "In the step the gradient itself is missing: it is g + momentum · v.",
    # methods that divide
    "root-missing": "The root is missing: divide by √(the remembered squares), not by the squares.",
    "eps-missing": "ε is missing, so a gradient of 0 gives 0/0; or 1e-7 stands outside the "
    "fraction. Write `/ (np.sqrt(…) + 1e-7)`, with the parentheses.",
    "eps-inside": "ε is inside the root, where it acts like √ε. Add it to the root: "
    "`np.sqrt(…) + 1e-7`.",
    "not-squared": "The gradient is not squared before it is remembered, so gradients of opposite "
    "sign cancel and the root may not exist.",
    "one-number": "One number is remembered for the whole array. Each entry needs its own square: "
    "no sum or mean over the array.",
    "multiplied": "You multiply by the root; large gradients should make small rates, so divide.",
    "gradient-missing": "The gradient is missing in the step: it is lr · g over the root.",
    "one-minus-missing": "(1 − decay_rate) is missing before the new square, so h is far larger "
    "than an average.",
    "decay-missing": "The old h is kept whole, so it can only grow. Multiply it by "
    "`self.decay_rate`.",
    "decay-swapped": "decay_rate stands where 1 − decay_rate belongs: "
    "h ← decay_rate · h + (1 − decay_rate) · g².",
    "corrected": "h is divided by 1 − decay_rate^t. That is Adam's correction; RMSProp has none.",
    # Adam
    "betas-swapped": "beta1 and beta2 have changed places: beta1 belongs to m, beta2 to v.",
    "m-one-minus-missing": "(1 − beta1) is missing before the gradient in m.",
    "v-one-minus-missing": "(1 − beta2) is missing before the square in v.",
    "m-swapped": "In m, beta1 stands where 1 − beta1 belongs: m ← beta1 · m + (1 − beta1) · g.",
    "v-swapped": "In v, beta2 stands where 1 − beta2 belongs: v ← beta2 · v + (1 − beta2) · g².",
    "m-sum": "m only adds up. It is an average, so the old m has to shrink: "
    "m ← beta1 · m + (1 − beta1) · g.",
    "v-sum": "v only adds up. It is an average, so the old v has to shrink: "
    "v ← beta2 · v + (1 − beta2) · g².",
    "no-correction": "The bias correction is missing: m and v start at 0 and are too small at "
    "first.",
    "m-corrected-only": "Only half of the bias correction is there: v, or its √(1 − beta2^t), is "
    "not corrected.",
    "v-corrected-only": "Only half of the bias correction is there: m, or its 1 − beta1^t, is not "
    "corrected.",
    "correction-inverted": "The bias correction is upside down: "
    "lr_t = lr · √(1 − beta2^t)/(1 − beta1^t).",
    "correction-root": "In lr_t the root belongs over 1 − beta2^t, and over nothing else: "
    "lr_t = lr · √(1 − beta2^t)/(1 − beta1^t).",
    "power-as-product": "1 − beta · t is not 1 − beta^t: the power is `beta**t`.",
    "t-from-0": "t counts from 0, and 1 − beta^0 is 0. In the first update t has to be 1: count "
    "before you use it.",
    "t-fixed": "t stays 1, or `**t` is missing. Keep t on `self`, add 1 in each update, and take "
    "beta^t.",
    "t-per-key": "t advances with every key. Add 1 once per update, before the loop.",
    "m-forgotten": "m is not kept from one update to the next.",
    "v-forgotten": "v is not kept from one update to the next.",
    "square-of-m": "v takes the square of m; it should take that of the gradient.",
    "square-in-m": "m takes the square; that belongs to v. m is the average of g itself.",
    "correction-stored": "The corrected m and v are stored, so the next update corrects them "
    "again. Use them for this step only.",
    "m-not-used": "The step uses the gradient itself. Adam's step uses m: lr_t · m/(√v + ε).",
    # AdamW
    "weight-decay-missing": "The weight decay is missing: this is Adam.",
    "decay-in-gradient": "The decay is added to the gradient, so it goes through m and v: Adam "
    "with L2. In AdamW the parameter shrinks on its own, by lr · weight_decay · p.",
    "decay-without-lr": "The decay lacks the learning rate: p shrinks by lr · weight_decay · p.",
    "decay-grows": "The decay has the wrong sign: it lets the parameters grow.",
    "decay-after-step": "The parameter shrinks after Adam's step. Take the decay from the "
    "parameter as it was before.",
    "decay-corrected": "The decay is multiplied by lr_t. The bias correction belongs to Adam's "
    "step only; take the plain lr.",
    "decay-divided": "The decay is divided by √v. Keep it out of the fraction.",
    "decay-without-p": "The decay lacks p: it takes the same amount off every weight.",
    # nothing that is known
    "later-updates": "The first update is right, a later one is not. Look at what is carried over "
    "from one update to the next.",
    "unknown": "The first update already differs. Put the numbers of the example into your "
    "formula, by hand.",
}

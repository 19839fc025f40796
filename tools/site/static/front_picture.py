"""The front page's picture, notebook 00's: computed when the site is built, then in a browser."""

import json

from course_utils import SGD, AdaGrad, Adam, Momentum, RMSProp
from course_utils.lab import explore_descent
from course_utils.page.explorer import View

explorer = explore_descent(
    SGD(lr=0.4), Momentum(lr=0.05), AdaGrad(lr=0.5), RMSProp(lr=0.1), Adam(lr=0.7)
)
view = explorer.view
names = [*View.class_own_traits(sync=True)]


def heard(name, value):
    """Take what the page has changed; return all that it shows then, a dict."""
    if name == "press":
        explorer.press(value)
    else:
        setattr(view, name, value)
    return {each: plain(getattr(view, each)) for each in names}


def plain(value):
    """Return a value without NumPy's numbers, which a page can't take."""
    return value if isinstance(value, bytes) else json.loads(json.dumps(value))

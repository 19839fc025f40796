"""What a learner has done, in a file beside the notebooks, is none of the tests' business."""

import os

os.environ["COURSE_PROGRESS"] = "off"

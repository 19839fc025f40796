"""A learner's choices, hints and checks, in one small file: no name, no time, nothing is sent.

`file` keeps it, `record` says what is in it. No trouble with the file ever stops a lesson.
"""

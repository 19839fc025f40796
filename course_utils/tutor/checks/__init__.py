"""Says whether a task is solved and, where it is not, which mistake was made.

`check` is what the reader calls. A folder of tasks says how each one's mistakes are made; what to
say about them stands in the lessons' files. rules, functions and values diagnose the three kinds of
answer.
"""

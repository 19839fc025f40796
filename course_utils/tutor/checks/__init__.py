"""Says whether a task is solved and, where it is not, which mistake was made.

`check` is what the reader calls. How mistakes are made stands in rules.toml and functions.toml,
what to say about them in the lessons' files. rules, functions and values diagnose the three kinds
of answer, sandbox runs them, and look shows what no listed mistake explains.
"""

"""The speed of the course beside other people's code: `python -m benchmarks [table ...]`."""

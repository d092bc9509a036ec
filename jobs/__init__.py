"""The jobs: each wires the edges to the core, and runs alone by `python -m jobs.NAME`."""

"""The command: puts the other packages together."""

import os

# How often a thread looks for work before it sleeps. With torch's own hundred thousands, two trainings on the same
# cores got as little as an eighth as much done as one (benchmarks/shared_cores.py). Read once, when torch is loaded;
# child processes inherit it.
SPIN_COUNT = "1000"
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)

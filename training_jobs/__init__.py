"""The work: RQ job functions, the worker, and model versions."""

"""The gate's checks, one file a kind: what a candidate must show beside the current version, and how it is told."""

from training_jobs.checks.check import Check

__all__ = ["Check"]

"""Longer evidence: one script a promise, each runnable alone, all by `make acceptance`."""

import earmark  # noqa: F401 (how torch's threads wait, as in the command)

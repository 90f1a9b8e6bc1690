"""Longer evidence: one script a promise, each runnable alone, all by `make acceptance`."""

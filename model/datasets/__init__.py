"""Readers of published datasets, one module a dataset."""

"""Tests of model.networks."""

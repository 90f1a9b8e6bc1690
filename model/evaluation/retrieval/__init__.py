"""Retrieval: how well pictures find sounds, sounds find pictures, and each its like, beside what is compared with."""

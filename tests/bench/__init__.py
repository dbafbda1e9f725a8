"""Measurements: each prints its own figures, and is run by `make bench`."""

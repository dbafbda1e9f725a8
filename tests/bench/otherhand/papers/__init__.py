"""The templates, by who writes the paper. Importing :mod:`tests.bench.otherhand.catalogue` gathers them."""

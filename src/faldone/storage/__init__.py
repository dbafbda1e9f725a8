"""Content-addressed bytes, written once."""

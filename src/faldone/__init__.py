"""faldone: paper dossiers of social services, found in seconds, with a history that can be proved."""

from importlib.metadata import version

__version__ = version("faldone")

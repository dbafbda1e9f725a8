"""The words of the archive: frozen values and pure rules. Standard library only."""

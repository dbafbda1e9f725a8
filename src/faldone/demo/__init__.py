"""Synthetic dossiers: persons, papers, scanner damage and their truth. Nobody real."""

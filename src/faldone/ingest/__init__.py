"""From a folder to a sealed intake."""

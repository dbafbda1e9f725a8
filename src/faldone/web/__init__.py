"""The web app and its API: pages and JSON over the same calls of the pipeline, under the same rules."""

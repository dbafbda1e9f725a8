"""dramatiq actors that carry the pipeline, in process or over a broker."""

"""The spine: one file a step, plain functions over ports. Read this folder first."""

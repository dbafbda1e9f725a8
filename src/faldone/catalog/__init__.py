"""The record of truth (SQL)."""

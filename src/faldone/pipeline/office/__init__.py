"""The archive in figures: statistics, health, and tables that leave it."""

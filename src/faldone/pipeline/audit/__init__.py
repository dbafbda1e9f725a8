"""What happened, who saw what and why, and the proof that all of it is as it was."""

"""The kinds of papers, a file per family: each is a function from a case to a paper. Pure composition."""

"""The synthetic dossiers of `faldone demo`, the tests and the benchmarks: nobody in them exists."""

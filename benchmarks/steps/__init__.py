"""The steps of a benchmark. `benchmarks.measure.measure` runs each in a process of its own."""

"""Rules that find the problems of benchmarks in texts: pure functions, no Spark."""

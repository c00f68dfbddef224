"""The models on Spark: for a company whose events no longer fit one machine.

The same SQL, seeds and tests over the same raw layer, in an environment of its own
(requirements-spark.lock). What Spark has built is published as DuckDB and Parquet files by what
publishes every night.
"""

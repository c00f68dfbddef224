"""The warehouse's runs: load, build, audit, publish, as Dagster assets and as commands."""

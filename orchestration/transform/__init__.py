"""Building the models with dbt, judging the build, and noting what runs did."""

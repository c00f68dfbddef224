"""The site of the documentation: hand-written pages, generated ones, and dbt's own, from disk."""

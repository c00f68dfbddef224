"""Copying the marts into files that nobody changes, and linking the newest."""

"""Measurements of speed and memory, and the data that they run on."""

"""Independent reference of the warehouse: the written metric rules in plain loops.

It shares no code with the SQL models. Tests compare its marts with the published ones, row by row.
"""

from .marts import KEYS, compute

__all__ = ["KEYS", "compute"]

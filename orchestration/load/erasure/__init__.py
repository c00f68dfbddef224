"""Forgetting people in the raw layer: pseudonyms for ids, nothing for personal data (ID-6)."""

from orchestration.load.erasure.eraser import Eraser
from orchestration.load.erasure.register import Register

__all__ = ["Eraser", "Register"]

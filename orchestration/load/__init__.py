"""Landing folder to raw layer: contracts, quarantine, ledger."""

from orchestration.load.loader import forget_people, init_raw, load_landing
from orchestration.load.report import LoadReport, TableFigures

__all__ = ["LoadReport", "TableFigures", "forget_people", "init_raw", "load_landing"]

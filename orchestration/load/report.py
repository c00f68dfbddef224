"""What a load did."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestration.load.ledger import LedgerLine


@dataclass
class TableFigures:
    """Sums over a table's files in one load."""

    files: int = 0
    rows_in: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0


@dataclass
class LoadReport:
    """What a load did.

    ``entries``: the ledger lines that it added, in path order; files that lie there as they
    did have none, and are counted in ``files_unchanged``. ``nothing_ever_loaded``: no file of any
    table was ever loaded, in this load or before.
    """

    load_id: int
    run_id: str
    entries: list[LedgerLine] = field(default_factory=list)
    files_unchanged: int = 0
    nothing_ever_loaded: bool = False

    @property
    def tables(self) -> dict[str, TableFigures]:
        """Figures by table name, in the order of the entries; folders of no table too."""
        figures: dict[str, TableFigures] = {}
        for line in self.entries:
            table = figures.setdefault(line.table_name, TableFigures())
            table.files += 1
            table.rows_in += line.rows_in
            table.rows_loaded += line.rows_loaded
            table.rows_duplicate += line.rows_duplicate
            table.rows_quarantined += line.rows_quarantined
        return figures

    @property
    def total(self) -> TableFigures:
        """Figures over all tables."""
        total = TableFigures()
        for table in self.tables.values():
            total.files += table.files
            total.rows_in += table.rows_in
            total.rows_loaded += table.rows_loaded
            total.rows_duplicate += table.rows_duplicate
            total.rows_quarantined += table.rows_quarantined
        return total

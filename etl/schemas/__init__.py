"""The promises: every table's columns, key and comments."""

from etl.schemas import bronze, collaboration, gold, ops, silver
from etl.schemas.table import Table, require_schema

TABLES: dict[str, Table] = {
    table.full_name: table
    for layer in (bronze, collaboration, silver, gold, ops)
    for table in layer.TABLES
}

__all__ = ["TABLES", "Table", "require_schema"]

"""What GitHub says about a repository: one line of text becomes records or faults."""

from udfs.collaboration.fields import FIELDS, Field
from udfs.collaboration.lines import read_records
from udfs.collaboration.records import Fault, Record

__all__ = ["FIELDS", "Fault", "Field", "Record", "read_records"]

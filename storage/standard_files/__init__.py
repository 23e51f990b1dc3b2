"""Standards from CSV and YAML files: read whole, with every mistake named, and imported all of it or nothing.

Importing the same file twice changes nothing. A new version stands beside the earlier ones, with their evidence.
"""

from storage.standard_files.importing import Changes, import_standard
from storage.standard_files.reading import Item, StandardFile, StandardMistakes, read_standard

__all__ = [
    "Changes",
    "Item",
    "StandardFile",
    "StandardMistakes",
    "import_standard",
    "read_standard",
]

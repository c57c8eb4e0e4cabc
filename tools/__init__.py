"""The kits: one folder each, found by `glasshouse.catalog`; there is no list to edit."""

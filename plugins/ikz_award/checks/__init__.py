"""What can be wrong with a record: its structure (against the schema) and the rules of the award."""

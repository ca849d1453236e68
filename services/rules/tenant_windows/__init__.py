"""Windows over all groups of a tenant: counted by one owner each, known to all who judge."""

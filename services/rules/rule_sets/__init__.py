"""Rule sets of tenants: published, never changed, put in force."""

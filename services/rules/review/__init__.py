"""The review of what rules found: cases, appeals, reversals, incidents, the audit log."""

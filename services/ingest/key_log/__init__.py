"""The log of what is done to API keys, on its way into the audit log."""

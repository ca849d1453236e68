"""The archive of events, for the tenants that ask for one."""

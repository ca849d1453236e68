"""Campaigns: messages to many groups or members, at their time, and relays between groups."""

"""The platforms' own webhooks: who sent a request, what to answer, and which events are in it."""

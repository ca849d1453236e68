"""A day in the life of twelve groups, and the platform that lives it together with Steward."""

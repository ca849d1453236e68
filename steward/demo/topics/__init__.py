"""What people talk about on the sample day: one YAML file a topic, two of common phrases."""

"""Ingest: takes events in over HTTP and answers once Kafka has them for good."""

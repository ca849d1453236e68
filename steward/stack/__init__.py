"""A real Kafka and a real MongoDB as child processes, without Docker."""

from steward.stack.stack import Addresses, LocalStack

__all__ = ["Addresses", "LocalStack"]

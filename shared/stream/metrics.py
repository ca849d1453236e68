"""What the stream runtime tells Prometheus; every label is a closed set or a partition number."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter(
    "steward_stream_records_total", "Records folded into the state.", ["stage", "topic"]
)
DUPLICATES = Counter(
    "steward_stream_duplicates_total",
    "Records dropped because their id was seen in the partition's last records.",
    ["stage", "topic"],
)
DEAD_LETTERS = Counter(
    "steward_stream_dead_letters_total",
    "Inputs that did not decode or that the stage failed on.",
    ["stage", "topic", "reason"],
)
OUTPUTS = Counter("steward_stream_outputs_total", "Records published.", ["stage", "topic"])
LOST_LOG = Counter(
    "steward_stream_expired_records_total",
    "Records that Kafka had deleted before the stage came to them.",
    ["stage", "topic"],
)
FENCED = Counter(
    "steward_stream_fenced_total", "Flushes refused because another owner had come.", ["stage"]
)
FLUSH_SECONDS = Histogram(
    "steward_stream_flush_seconds",
    "Time of one flush: outputs acknowledged, documents and checkpoint written.",
    ["stage"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REPEATED_FLUSHES = Counter(
    "steward_stream_repeated_flushes_total",
    "Flushes that MongoDB did not take at once: it was away, or rolled them back.",
    ["stage"],
)
FLUSHED_DOCUMENTS = Counter(
    "steward_stream_flushed_documents_total", "Documents written by flushes.", ["stage"]
)
RESTORE_SECONDS = Histogram(
    "steward_stream_restore_seconds",
    "Time from assignment to the first live record: claim and rebuild of the recent state.",
    ["stage"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
OWNED = Gauge("steward_stream_owned_partitions", "Partition numbers owned now.", ["stage"])
BUFFERED = Gauge("steward_stream_buffered_records", "Records fetched, not yet folded.", ["stage"])
LAG = Gauge(
    "steward_stream_lag_records",
    "Records between the partition's state and the end of its log.",
    ["stage", "topic", "partition"],
)

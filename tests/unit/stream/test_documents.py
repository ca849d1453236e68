"""What a stage sees of its durable documents."""

from __future__ import annotations

import pytest

from shared.stream.contracts import Kind
from shared.stream.documents import DocumentCache
from tests.integration.stream.counting import COUNTS, Count


def loaded(*ids: str, capacity: int = 100) -> DocumentCache:
    cache = DocumentCache(capacity)
    cache.learn(COUNTS, ids, {id: {"tenant": "t", "messages": 1} for id in ids})
    return cache


def test_an_input_reads_what_it_put_and_what_others_put_before() -> None:
    cache = loaded("a")
    cache.begin(((COUNTS, "a"),))
    cache.put(COUNTS, "a", Count("t", 2))
    assert cache.get(COUNTS, "a") == Count("t", 2)
    cache.keep()
    cache.begin(((COUNTS, "a"),))
    assert cache.get(COUNTS, "a") == Count("t", 2)


def test_what_a_discarded_input_put_is_gone() -> None:
    cache = loaded("a")
    cache.begin(((COUNTS, "a"),))
    cache.put(COUNTS, "a", Count("t", 2))
    cache.discard()
    cache.begin(((COUNTS, "a"),))
    assert cache.get(COUNTS, "a") == Count("t", 1)
    assert not cache.changes


def test_documents_that_were_not_named_cannot_be_read() -> None:
    cache = loaded("a", "b")
    cache.begin(((COUNTS, "a"),))
    with pytest.raises(KeyError, match="test_counts/b"):
        cache.get(COUNTS, "b")


def test_absent_documents_are_known_to_be_absent() -> None:
    cache = DocumentCache(10)
    assert cache.missing([(COUNTS, "a"), (COUNTS, "a")]) == {COUNTS: ["a"]}
    cache.learn(COUNTS, ["a"], {})
    assert cache.missing([(COUNTS, "a")]) == {}
    cache.begin(((COUNTS, "a"),))
    assert cache.get(COUNTS, "a") is None


def test_a_stored_document_that_does_not_fit_fails_only_who_reads_it() -> None:
    cache = DocumentCache(10)
    cache.learn(COUNTS, ["a"], {"a": {"tenant": "t", "messages": "many"}})
    cache.begin(((COUNTS, "a"),))
    with pytest.raises(ValueError, match="messages"):
        cache.get(COUNTS, "a")


def test_memory_is_bounded_and_changes_are_never_evicted() -> None:
    cache = DocumentCache(2)
    for id in "abcd":
        cache.begin(())
        cache.put(COUNTS, id, Count("t"))
        cache.keep()
    cache.trim()
    assert len(cache.freeze()) == 4
    cache.flushed()
    assert cache.missing([(COUNTS, id) for id in "abcd"]) == {COUNTS: ["a", "b"]}


def put(cache: DocumentCache, id: str, messages: int) -> None:
    cache.begin(())
    cache.put(COUNTS, id, Count("t", messages))
    cache.keep()


def test_what_is_being_written_stays_readable_and_may_change_again() -> None:
    cache = loaded("a")
    put(cache, "a", 2)
    assert cache.freeze() == {(COUNTS, "a"): Count("t", 2)}
    assert cache.missing([(COUNTS, "a")]) == {}
    cache.begin(((COUNTS, "a"),))
    assert cache.get(COUNTS, "a") == Count("t", 2)
    put(cache, "a", 3)
    cache.flushed()
    cache.begin(((COUNTS, "a"),))
    assert cache.get(COUNTS, "a") == Count("t", 3)
    assert cache.freeze() == {(COUNTS, "a"): Count("t", 3)}


def test_a_second_write_waits_for_the_first() -> None:
    cache = loaded("a")
    put(cache, "a", 2)
    cache.freeze()
    with pytest.raises(AssertionError):
        cache.freeze()


def test_what_changed_since_a_look_into_mongodb_counts() -> None:
    cache = DocumentCache(10)
    put(cache, "a", 2)
    put(cache, "gone", 2)
    cache.remove(COUNTS, "gone")
    cache.keep()
    stored = {"tenant": "t", "messages": 1, "checksum": 0}
    found = {"a": stored, "b": stored, "gone": stored, "broken": {"tenant": 7}}
    assert cache.current(COUNTS, found) == {"a": Count("t", 2), "b": Count("t", 1)}


def test_what_another_partition_owns_is_read_anew_for_every_batch_and_cannot_be_put() -> None:
    borrowed = Kind(COUNTS.name, Count, borrows=COUNTS)
    cache = DocumentCache(10)
    for messages in (1, 2):
        assert cache.missing([(borrowed, "a")]) == {borrowed: ["a"]}
        cache.learn(borrowed, ["a"], {"a": {"tenant": "t", "messages": messages}})
        cache.begin(((borrowed, "a"),))
        assert cache.get(borrowed, "a") == Count("t", messages)
    with pytest.raises(AssertionError):
        cache.put(borrowed, "a", Count("t", 3))
    assert not cache.changes

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.decoding import DECODERS, PIECE_BYTES, Decoder, Gzip, Zstd
from services.ingest.rejection import MalformedBody

ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(level=19).compress,
}
MOST_AT_ONCE = 2 * 1024 * 1024
BOMB = b"\0" * (256 * 1024 * 1024)


def decode(decoder: Decoder, encoded: bytes, cut: int) -> bytes:
    pieces = []
    for start in range(0, len(encoded), cut):
        pieces += decoder.feed(encoded[start : start + cut])
    decoder.finish()
    return b"".join(pieces)


@given(st.sampled_from(sorted(ENCODE)), st.binary(max_size=3000), st.integers(1, 4000))
def test_however_a_body_is_cut_it_comes_out_whole(encoding: str, body: bytes, cut: int) -> None:
    assert decode(DECODERS[encoding](), ENCODE[encoding](body), cut) == body


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_members_one_after_the_other_are_one_body(encoding: str) -> None:
    encoded = ENCODE[encoding](b"first ") + ENCODE[encoding](b"second")
    assert decode(DECODERS[encoding](), encoded, 7) == b"first second"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_long_body_comes_out_whole(encoding: str) -> None:
    body = b"".join(b"%d " % number for number in range(200_000)) + b"\0" * 300_000
    assert decode(DECODERS[encoding](), ENCODE[encoding](body), 65_536) == body


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_is_cut_off_is_not_taken_for_complete(encoding: str) -> None:
    whole = ENCODE[encoding](b"one line\n" * 50)
    for end in range(len(whole)):
        with pytest.raises(MalformedBody):
            decode(DECODERS[encoding](), whole[:end], 16)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_is_not_encoded_is_refused(encoding: str) -> None:
    with pytest.raises(MalformedBody):
        decode(DECODERS[encoding](), b'{"specversion": "1.0"}', 8)


@pytest.mark.parametrize(
    ("decoder", "bomb", "most"),
    [
        (Gzip(), gzip.compress(BOMB, 9), PIECE_BYTES),
        (Zstd(), zstandard.ZstdCompressor(level=19).compress(BOMB), MOST_AT_ONCE),
    ],
)
def test_a_bomb_goes_off_in_small_pieces(decoder: Decoder, bomb: bytes, most: int) -> None:
    assert len(bomb) < len(BOMB) / 900
    sizes = [len(piece) for piece in decoder.feed(bomb)]
    assert sum(sizes) == len(BOMB)
    assert max(sizes) <= most


def test_a_window_beyond_what_http_allows_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    encoded = compressor.compress(b"x" * 200_000_000) + compressor.flush()
    with pytest.raises(MalformedBody):
        decode(Zstd(), encoded, 4096)

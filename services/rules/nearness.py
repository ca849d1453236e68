"""Names that texts which are nearly the same are likely to have in common.

MinHash (Broder, 1997) over pairs of Chinese characters or runs of four letters,
cut into bands (locality-sensitive hashing): of two texts that share the part `s`
of their runs, some band agrees with probability `1 - (1 - s^4)^6`: 0.96 for four
fifths, 0.57 for three fifths, 0.05 for three tenths.
"""

from __future__ import annotations

import hashlib
from typing import Final

from rensa import RMinHash

BANDS: Final = 6
ROWS: Final = 4
SHORTEST: Final = 12
"""Characters below which too few runs are left to compare."""
_SEED: Final = 20
_RUN: Final = {True: 2, False: 4}
_MOST_CHARACTERS: Final = 400


def bands(essence: str) -> list[str]:
    """Return a text's names, one a band; none for a short text.

    `essence` is a text without digits, punctuation and decoration.
    """
    if len(essence) < SHORTEST:
        return []
    text = essence[:_MOST_CHARACTERS]
    size = _RUN["\u4e00" <= text[0] <= "\u9fff"]
    runs = sorted({text[i : i + size] for i in range(len(text) - size + 1)})
    sketch = RMinHash(BANDS * ROWS, _SEED)
    sketch.update(runs)
    values = sketch.digest()
    return [_name(band, values[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS)]


def _name(band: int, values: list[int]) -> str:
    told = b"".join(value.to_bytes(8, "big") for value in values)
    return f"near:{band}{hashlib.blake2b(told, digest_size=11).hexdigest()}"

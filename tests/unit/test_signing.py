"""Signatures: right by the reference implementation, steady under hostile headers."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from shared.signing import (
    Failure,
    InvalidSecretError,
    Verification,
    new_secret,
    sign,
    signed_headers,
    verify,
)

NOW = 1_700_000_000
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

ID_CHARACTERS = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=".")
IDS = st.text(ID_CHARACTERS, min_size=1, max_size=256)


def headers(secret: str = SECRET, body: bytes = b"{}", **changed: str) -> dict[str, str]:
    made = signed_headers([secret], "msg_1", NOW, body)
    return made | {name.replace("_", "-"): value for name, value in changed.items()}


def test_the_published_vector_of_the_scheme_is_reproduced() -> None:
    body = b'{"test": 2432232314}'
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_it_signs_it_verifies_and_names_the_id() -> None:
    assert verify([SECRET], headers(), b"{}", NOW) == Verification(id="msg_1")


@given(st.binary(max_size=400).map(lambda raw: b"[" + raw.hex().encode() + b"]"), IDS)
def test_the_reference_implementation_signs_alike(body: bytes, id: str) -> None:
    secret = new_secret()
    moment = dt.datetime.fromtimestamp(NOW, tz=dt.UTC)
    assert Webhook(secret).sign(id, moment, body.decode()) == sign(secret, id, NOW, body)


def test_the_reference_implementation_accepts_what_we_sign_now() -> None:
    secret = new_secret()
    now = int(dt.datetime.now(tz=dt.UTC).timestamp())
    assert Webhook(secret).verify(b'{"a":1}', signed_headers([secret], "m", now, b'{"a":1}')) == {
        "a": 1
    }


def test_during_rotation_old_and_new_secret_both_hold() -> None:
    old, new = new_secret(), new_secret()
    both = signed_headers([old, new], "m", NOW, b"x")
    assert verify([old], both, b"x", NOW)
    assert verify([new], both, b"x", NOW)
    assert verify([new_secret(), new], signed_headers([new], "m", NOW, b"x"), b"x", NOW)


@pytest.mark.parametrize(
    ("changed", "failure"),
    [
        ({"webhook_id": "msg_2"}, Failure.NO_MATCH),
        ({"webhook_id": ""}, Failure.MALFORMED_ID),
        ({"webhook_id": "a.b"}, Failure.MALFORMED_ID),
        ({"webhook_id": "好"}, Failure.MALFORMED_ID),
        ({"webhook_id": "m\n"}, Failure.MALFORMED_ID),
        ({"webhook_id": "m" * 257}, Failure.MALFORMED_ID),
        ({"webhook_timestamp": str(NOW + 1)}, Failure.NO_MATCH),
        ({"webhook_timestamp": str(NOW - 301)}, Failure.TOO_OLD),
        ({"webhook_timestamp": str(NOW + 301)}, Failure.TOO_NEW),
        ({"webhook_timestamp": "9" * 13}, Failure.MALFORMED_TIMESTAMP),
        ({"webhook_timestamp": "-5"}, Failure.MALFORMED_TIMESTAMP),
        ({"webhook_timestamp": "٣"}, Failure.MALFORMED_TIMESTAMP),
        ({"webhook_timestamp": f"{NOW}\n"}, Failure.MALFORMED_TIMESTAMP),
        ({"webhook_timestamp": "1e9"}, Failure.MALFORMED_TIMESTAMP),
        ({"webhook_signature": ""}, Failure.NO_SIGNATURE),
        ({"webhook_signature": "v1a,AAAA"}, Failure.NO_SIGNATURE),
        ({"webhook_signature": "v1,"}, Failure.NO_MATCH),
        ({"webhook_signature": "v1,好\ud800"}, Failure.NO_MATCH),
    ],
)
def test_a_changed_header_is_refused_with_its_reason(
    changed: dict[str, str], failure: Failure
) -> None:
    assert verify([SECRET], headers(**changed), b"{}", NOW).failure is failure


def test_a_changed_body_is_refused() -> None:
    assert verify([SECRET], headers(), b"{ }", NOW).failure is Failure.NO_MATCH


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named_as_the_reason(name: str) -> None:
    given_headers = headers()
    del given_headers[name]
    assert verify([SECRET], given_headers, b"{}", NOW).reason == "header_missing"


def test_names_of_headers_are_compared_without_case() -> None:
    shouted = {name.upper(): value for name, value in headers().items()}
    assert verify([SECRET], shouted, b"{}", NOW)


def test_only_a_bounded_number_of_signatures_is_tried() -> None:
    right = headers()["webhook-signature"]
    assert verify([SECRET], headers(webhook_signature="v1,x " * 15 + right), b"{}", NOW)
    assert not verify([SECRET], headers(webhook_signature="v1,x " * 16 + right), b"{}", NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_*", "whsec_好", "whsec_AAA"])
def test_a_broken_secret_signs_nothing_and_verifies_nothing(secret: str) -> None:
    with pytest.raises(InvalidSecretError):
        sign(secret, "m", NOW, b"")
    assert verify([secret], headers(), b"{}", NOW).failure is Failure.NO_USABLE_SECRET
    assert verify([secret, SECRET], headers(), b"{}", NOW)


@pytest.mark.parametrize("id", ["", "a.b", "a b", "好", "a\n"])
def test_an_id_that_could_confuse_the_borders_is_not_signed(id: str) -> None:
    with pytest.raises(ValueError, match="not a webhook id"):
        sign(SECRET, id, NOW, b"")


def test_new_secrets_differ_and_hold_256_bits() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


ANY_TEXT = st.text(st.characters(exclude_categories=()))
NAMES = st.sampled_from(
    ["webhook-id", "webhook-timestamp", "webhook-signature", "Webhook-Id", "other"]
)


@given(st.dictionaries(NAMES, ANY_TEXT), st.lists(ANY_TEXT, max_size=3), st.binary())
def test_hostile_headers_and_secrets_are_refused_and_never_raise(
    hostile: dict[str, str], secrets: list[str], body: bytes
) -> None:
    assert not verify(secrets, hostile, body, NOW)


@given(ANY_TEXT, ANY_TEXT)
def test_garbage_around_right_headers_never_raises(before: str, after: str) -> None:
    signature = headers()["webhook-signature"]
    for changed in (
        headers(webhook_signature=f"{before} {signature} {after}"),
        headers(webhook_id=f"{before}msg_1{after}"),
        headers(webhook_timestamp=f"{before}{NOW}{after}"),
    ):
        assert isinstance(verify([SECRET], changed, b"{}", NOW), Verification)


@given(st.binary(min_size=1, max_size=64), IDS, st.integers(0, 10**11), st.binary())
def test_every_signature_verifies_and_no_other_secret_does(
    key: bytes, id: str, timestamp: int, body: bytes
) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    other = "whsec_" + base64.b64encode(key + b"!").decode()
    made = signed_headers([secret], id, timestamp, body)
    assert verify([secret], made, body, timestamp)
    assert not verify([other], made, body, timestamp)

"""Key pairs: right by the RFCs, steady under hostile keys and signatures; repeats are seen."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.signing import Failure, SeenWebhooks, sign, signed_headers, verify
from shared.signing_keys import (
    InvalidSecretError,
    is_signed,
    jwk,
    new_private_key,
    new_secret,
    public_key,
    shown,
)

NOW = 1_700_000_000
# RFC 8032 §7.1, test 1; its thumbprint as a JSON Web Key is in RFC 8037, appendix A.3.
PRIVATE = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
PUBLIC = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


def test_a_public_key_and_its_json_form_are_those_of_the_rfcs() -> None:
    assert public_key(PRIVATE) == PUBLIC
    key = jwk(PRIVATE)
    assert key is not None
    assert (key["kty"], key["crv"], key["kid"]) == ("OKP", "Ed25519", THUMBPRINT)
    assert key["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert "d" not in key


def test_a_shared_secret_has_no_public_half() -> None:
    secret = new_secret()
    assert jwk(secret) is None
    assert shown(secret) == secret
    assert shown(PRIVATE) == PUBLIC


def test_the_signature_of_the_empty_message_is_that_of_the_rfc() -> None:
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert is_signed(PUBLIC, signature, b"")
    assert not is_signed(PUBLIC, signature, b" ")


@given(st.binary(max_size=300))
def test_what_a_private_key_signs_its_public_key_verifies_and_no_other(body: bytes) -> None:
    headers = signed_headers([PRIVATE], "m", NOW, body)
    assert headers["webhook-signature"].startswith("v1a,")
    assert verify([PUBLIC], headers, body, NOW).id == "m"
    other = public_key(new_private_key())
    assert verify([other], headers, body, NOW).failure is Failure.NO_MATCH
    assert verify([other, PUBLIC], headers, body, NOW)
    assert verify([PUBLIC], headers, body + b"x", NOW).failure is Failure.NO_MATCH


def test_a_shared_secret_and_a_key_can_both_sign() -> None:
    secret = new_secret()
    headers = signed_headers([secret, PRIVATE], "m", NOW, b"x")
    assert verify([secret], headers, b"x", NOW)
    assert verify([PUBLIC], headers, b"x", NOW)


def test_a_private_key_verifies_nothing() -> None:
    headers = signed_headers([PRIVATE], "m", NOW, b"x")
    assert verify([PRIVATE], headers, b"x", NOW).failure is Failure.NO_USABLE_SECRET


@pytest.mark.parametrize("key", ["whsk_", "whsk_AAAA", "whsk_好", "whsk_" + "A" * 44])
def test_a_broken_key_signs_nothing(key: str) -> None:
    with pytest.raises(InvalidSecretError):
        sign(key, "m", NOW, b"")


@given(
    st.lists(st.one_of(ANY_TEXT, ANY_TEXT.map("whpk_".__add__)), max_size=4),
    st.one_of(ANY_TEXT, ANY_TEXT.map("v1a,".__add__)),
    st.binary(max_size=100),
)
def test_no_key_and_no_signature_makes_the_verifier_raise(
    keys: list[str], signature: str, body: bytes
) -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": str(NOW), "webhook-signature": signature}
    assert not verify([*keys, PUBLIC], headers, body, NOW)


@given(st.binary(max_size=100), st.binary(max_size=64))
def test_no_bytes_for_a_signature_hold(signature: bytes, body: bytes) -> None:
    text = "v1a," + base64.b64encode(signature).decode()
    headers = {"webhook-id": "m", "webhook-timestamp": str(NOW), "webhook-signature": text}
    assert verify([PUBLIC], headers, body, NOW).failure is Failure.NO_MATCH


def test_an_id_counts_once_while_its_request_could_be_verified() -> None:
    seen = SeenWebhooks(tolerance=300)
    assert seen.is_first("a", NOW)
    assert not seen.is_first("a", NOW + 600)
    assert seen.is_first("a", NOW + 601)


def test_the_memory_of_ids_is_bounded_and_forgets_the_oldest() -> None:
    seen = SeenWebhooks(most=3)
    assert all(seen.is_first(id, NOW) for id in "abcd")
    assert not seen.is_first("d", NOW)
    assert seen.is_first("a", NOW)

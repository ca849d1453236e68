"""Any other platform: its JSON mapped to events by the tenant's CEL expressions."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import cel
import msgspec

from services.ingest.envelopes import DATA
from services.ingest.platforms.contract import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Draft,
    Mapped,
    Platform,
    Received,
    Request,
    Rule,
    Secrets,
    SecretsError,
    UnreadableError,
    bearer,
    iso,
    moment,
    read_json,
    require_same,
    within_bounds,
)
from services.ingest.platforms.payload import Payload

SIGNATURE_HEADER: Final = "x-hub-signature-256"
TOKEN_HEADER: Final = "x-steward-token"  # noqa: S105 - a header's name
MOST_RULES: Final = 20
MOST_SUMS: Final = 4
"""How often an expression may say `+`: what sums of texts cost is bounded by it."""
LONGEST: Final = 300
"""Characters of an expression."""
VARIABLES: Final = frozenset({"item", "body"})
FUNCTIONS: Final = frozenset(
    {"size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string", "has"}
)
NUMBERS: Final = frozenset({"amount", "seconds"})
"""The fields of events that are numbers."""
KIND: Final = "what the mapping says"
BECOMES: Final = {KIND: tuple(DATA)}
_MACRO: Final = re.compile(r"\.\s*(map|filter|all|exists|exists_one)\s*\(")
_FAILURES: Final = (TypeError, RuntimeError, LookupError, ValueError, ArithmeticError)
_decode: Final = msgspec.json.Decoder(Mapped).decode


class Ready(NamedTuple):
    """A rule with its expressions compiled."""

    rule: Rule
    when: cel.Program
    id: cel.Program
    time: cel.Program | None
    data: Mapping[str, cel.Program]


class Fault(NamedTuple):
    """What is wrong with a mapping, and the path to where."""

    detail: str
    place: tuple[str | int, ...]


class MappingError(ValueError):
    """A mapping cannot be used."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = faults


def receive(request: Request, secrets: Secrets, mapping: Mapped | None) -> Received:
    """Read the items of a body by the mapping."""
    _require_genuine(request, secrets)
    body = _cut(read_json(request.body))
    if mapping is None:
        return Received(ignored=["no mapping"])
    each, rules = _compiled(msgspec.json.encode(mapping))
    context = _context(body)
    drafts, ignored = [], []
    for item in _items(each, body, context):
        context.add_variable("item", item)
        draft = _draft(rules, context)
        if draft is None:
            ignored.append("no rule")
        else:
            drafts.append(draft)
    return Received(drafts, ignored)


def check(secrets: Secrets) -> None:
    """Raise `SecretsError` unless there is something to know the sender by."""
    if not secrets:
        raise SecretsError("`token`, `signing_secret` or both are needed")


def check_mapping(mapping: Mapped) -> None:
    """Raise `MappingError` unless every expression compiles and every event can be whole."""
    errors = [] if mapping.rules else [Fault("a mapping needs a rule", ("rules",))]
    if len(mapping.rules) > MOST_RULES:
        errors.append(Fault(f"a mapping may have {MOST_RULES} rules", ("rules",)))
    if mapping.each is not None:
        errors += _faults(mapping.each, "each")
    for number, rule in enumerate(mapping.rules[:MOST_RULES]):
        errors += _faults_of_rule(rule, number)
    if errors:
        raise MappingError(errors)


def _faults_of_rule(rule: Rule, number: int) -> list[Fault]:
    place = ("rules", number)
    data = DATA.get(rule.type)
    if data is None:
        return [Fault(f"there is no event type {rule.type!r}", (*place, "type"))]
    fields = {field.name: field for field in msgspec.structs.fields(data)}
    errors = [
        Fault(f"`{rule.type}` needs `{name}`", (*place, "data"))
        for name, field in fields.items()
        if field.required and name not in rule.data
    ]
    for name, source in rule.data.items():
        if name in fields:
            errors += _faults(source, *place, "data", name)
        else:
            errors.append(Fault(f"`{rule.type}` has no `{name}`", (*place, "data", name)))
    expressions = {"id": rule.id, "when": rule.when, "time": rule.time}
    for name, expression in expressions.items():
        errors += [] if expression is None else _faults(expression, *place, name)
    return errors


def _faults(source: str, *place: str | int) -> list[Fault]:
    if len(source) > LONGEST:
        return [Fault(f"an expression may have {LONGEST} characters", place)]
    if source.count("+") > MOST_SUMS:
        return [Fault(f"an expression may add {MOST_SUMS} times", place)]
    if _MACRO.search(source):
        return [Fault("use `each` for lists: loops are not allowed here", place)]
    try:
        used = cel.compile(source).references()
    except ValueError as error:
        return [Fault(str(error).splitlines()[0][:200], place)]
    # The names of operators begin with `_`, `!` or `-` or `@`.
    called = {name for name in used["functions"] if name[0].isalpha()}
    unknown = (set(used["variables"]) - VARIABLES) | (called - FUNCTIONS)
    return [Fault(f"there is no `{name}` here", place) for name in sorted(unknown)]


@lru_cache(maxsize=1000)
def _compiled(encoded: bytes) -> tuple[cel.Program | None, list[Ready]]:
    mapping = _decode(encoded)
    rules = [
        Ready(
            rule,
            cel.compile(rule.when),
            cel.compile(rule.id),
            None if rule.time is None else cel.compile(rule.time),
            {name: cel.compile(source) for name, source in rule.data.items()},
        )
        for rule in mapping.rules
    ]
    return None if mapping.each is None else cel.compile(mapping.each), rules


def _context(body: object) -> cel.Context:
    try:
        return cel.Context({"body": body})
    except _FAILURES as error:
        raise UnreadableError(f"The body has what CEL cannot hold: {error}") from None


def _items(each: cel.Program | None, body: object, context: cel.Context) -> list[object]:
    if each is None:
        return [body]
    found = _value(each, context)
    return within_bounds(found) if isinstance(found, list) else []


def _cut(value: object) -> object:
    """Return JSON with its texts as long as an event may hold. Raises `UnreadableError`."""
    try:
        if isinstance(value, str):
            return value[:LONGEST_TEXT]
        if isinstance(value, list):
            return [_cut(item) for item in value]
        if isinstance(value, dict):
            return {name[:LONGEST_NAME]: _cut(item) for name, item in value.items()}
    except RecursionError:
        raise UnreadableError("The body is nested too deeply.") from None
    return value


def _draft(rules: list[Ready], context: cel.Context) -> Draft | None:
    for ready in rules:
        if _value(ready.when, context) is not True:
            continue
        data = {name: _value(program, context) for name, program in ready.data.items()}
        time = None if ready.time is None else _time(_value(ready.time, context))
        return Draft(
            kind=KIND,
            type=ready.rule.type,
            id=Payload(_value(ready.id, context)).id,
            time=time,
            data={name: _field(name, value) for name, value in data.items()},
        )
    return None


def _value(program: cel.Program, context: cel.Context) -> Any:  # noqa: ANN401 - CEL is dynamic
    """Return the value, or None where the item has not what the expression asks for."""
    try:
        return program.execute(context)
    except _FAILURES:
        return None


def _field(name: str, value: object) -> object:
    """Return a field's value; ids, which are numbers on many platforms, as strings."""
    return value if name in NUMBERS else Payload(value).id or value


def _time(value: object) -> datetime | None:
    if isinstance(value, str) and not value.isdecimal():
        return iso(value)
    return moment(Payload(value).seconds)


def _require_genuine(request: Request, secrets: Secrets) -> None:
    """Raise `ForgedError` unless every secret of the door was used."""
    if "token" in secrets:
        require_same(request.header(TOKEN_HEADER) or bearer(request), secrets["token"])
    if "signing_secret" in secrets:
        digest = hmac.digest(secrets["signing_secret"].encode(), request.body, "sha256")
        require_same(request.header(SIGNATURE_HEADER), "sha256=" + digest.hex())


GENERIC: Final = Platform(
    name="generic",
    needs=(),
    may=("token", "signing_secret"),
    becomes=BECOMES,
    receive=receive,
    check=check,
)

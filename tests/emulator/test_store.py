"""The store against a naive one: indexes, rollback, the past, dumps."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cozeops.emulator.store import Store, TableSpec

SPEC = TableSpec("cats", "id", {"space": lambda row: (row["space"],), "toy": lambda row: row["toys"]})
IDS = st.sampled_from("abcdef")
ROWS = st.fixed_dictionaries(
    {"id": IDS, "space": st.sampled_from("xy"), "toys": st.lists(st.sampled_from("pqr"), max_size=3)}
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), ROWS),
        st.tuples(st.just("drop"), IDS),
        st.tuples(st.just("fail"), st.lists(ROWS, max_size=3)),
    ),
    max_size=20,
)


class Refused(Exception):
    """Ends a transaction."""


def take(store: Store, naive: dict[str, Any], now: float, step: Any) -> dict[str, Any]:
    """Do a step on both; return the naive state after it."""
    kind, what = step
    if kind == "fail":
        with suppress(Refused), store.transaction(now):
            for row in what:
                store["cats"].put(row)
            store.count("id")
            raise Refused
        return naive
    with store.transaction(now):
        if kind == "put":
            store["cats"].put(what)
            return {**naive, what["id"]: what}
        if what in store["cats"]:
            store["cats"].drop(what)
    return {ident: row for ident, row in naive.items() if ident != what}


def agree(table: Any, naive: dict[str, Any]) -> None:
    """Compare rows and every index."""
    assert list(table) == [naive[ident] for ident in sorted(naive)]
    for space in "xy":
        rows = [naive[ident] for ident in sorted(naive) if naive[ident]["space"] == space]
        bucket = table.where("space", space)
        assert (list(bucket), len(bucket), bucket[1:3]) == (rows, len(rows), rows[1:3])
    for toy in "pqr":
        rows = [naive[ident] for ident in sorted(naive) if toy in naive[ident]["toys"]]
        assert list(table.where("toy", toy)) == rows


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_it_agrees_with_a_naive_one(steps: list[Any]) -> None:
    """After every step, and looking back at each."""
    store = Store([SPEC])
    states: list[dict[str, Any]] = [{}]
    for now, step in enumerate(steps, start=1):
        states.append(take(store, states[-1], now, step))
        agree(store["cats"], states[-1])
    assert store.counters == {"id": 0}, "a refused call gives its ids back"
    for moment, state in enumerate(states):
        agree(store.past("cats", moment), state)
    copy = Store([SPEC])
    with copy.transaction(0):
        copy.load(store.dump())
    agree(copy["cats"], states[-1])
    assert copy.dump() == store.dump()


def test_transactions_do_not_nest() -> None:
    """The inner one would take the outer one's changes."""
    store = Store([SPEC])
    with store.transaction(0), pytest.raises(RuntimeError), store.transaction(0):
        pass


def test_two_tables_of_one_name() -> None:
    """Families would write over each other."""
    with pytest.raises(ValueError, match="cats"):
        Store([SPEC, SPEC])

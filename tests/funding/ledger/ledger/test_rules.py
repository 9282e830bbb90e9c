from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.funding.ledger.ledger import rules
from shared.persistence.tables import new_id

SCHEME = rules.SchemeAccounts(new_id(), "participation")
ASSEMBLY, CLAIM = new_id(), new_id()
pence = st.integers(min_value=1, max_value=10**15)
any_posting = st.one_of(
    st.builds(rules.award, pence),
    st.builds(rules.allocate, st.just(SCHEME), pence),
    st.builds(rules.deallocate, st.just(SCHEME), pence),
    st.builds(rules.reserve, st.just(SCHEME), pence, assembly_id=st.just(ASSEMBLY)),
    st.builds(rules.release, st.just(SCHEME), pence, assembly_id=st.just(ASSEMBLY)),
    st.builds(rules.approve, st.just(SCHEME), pence, assembly_id=st.just(ASSEMBLY), claim_id=st.just(CLAIM)),
    st.builds(rules.reverse, st.just(SCHEME), pence, assembly_id=st.just(ASSEMBLY), claim_id=st.just(CLAIM)),
    st.builds(rules.pay, st.just(SCHEME), pence, assembly_id=st.just(ASSEMBLY), claim_id=st.just(CLAIM)),
)


@given(st.lists(any_posting, max_size=50))
def test_whatever_is_posted_all_accounts_add_up_to_zero(postings: list[rules.Posting]) -> None:
    balances: Counter[str] = Counter()
    for posting in postings:
        assert sum(entry.debit_pence - entry.credit_pence for entry in posting.entries) == 0
        for account, debit, credit in posting.entries:
            assert (debit > 0) != (credit > 0)
            balances[account] += debit - credit
    assert sum(balances.values()) == 0


@given(st.integers(max_value=0))
def test_a_posting_moves_at_least_a_penny(too_little: int) -> None:
    with pytest.raises(ValueError, match="penny"):
        rules.allocate(SCHEME, too_little)


def test_money_never_moves_from_an_account_to_itself() -> None:
    with pytest.raises(ValueError, match="credits another"):
        rules.Posting("pay", rules.BANK, rules.BANK, 1)


def test_what_moves_for_an_assembly_and_its_claims_says_for_which() -> None:
    ids = {"assembly_id": ASSEMBLY, "claim_id": CLAIM}
    postings = [
        rules.reserve(SCHEME, 1, assembly_id=ASSEMBLY),
        rules.release(SCHEME, 1, assembly_id=ASSEMBLY),
        rules.approve(SCHEME, 1, **ids, approval=1),
        rules.reverse(SCHEME, 1, **ids, approval=1),
        rules.pay(SCHEME, 1, **ids),
        rules.void(SCHEME, 1, **ids),
    ]
    assert {(posting.scheme_id, posting.assembly_id) for posting in postings} == {(SCHEME.scheme_id, ASSEMBLY)}
    assert [posting.claim_id for posting in postings] == [None, None, *[CLAIM] * 4]


@given(pence)
def test_what_is_allocated_reserved_approved_and_paid_ends_in_the_bank(amount: int) -> None:
    ids = {"assembly_id": ASSEMBLY, "claim_id": CLAIM}
    postings = [
        rules.award(amount),
        rules.allocate(SCHEME, amount),
        rules.reserve(SCHEME, amount, assembly_id=ASSEMBLY),
        rules.approve(SCHEME, amount, **ids, approval=1),
        rules.pay(SCHEME, amount, **ids),
    ]
    balances: Counter[str] = Counter()
    for posting in postings:
        for account, debit, credit in posting.entries:
            balances[account] += debit - credit
    assert {account: balance for account, balance in balances.items() if balance} == {
        rules.AWARD: amount,
        rules.BANK: -amount,
    }

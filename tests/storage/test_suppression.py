"""No number speaks of fewer than five people, and none can be worked out that does: tried for every way to subtract."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.suppression import Cell, Shown, alone, counted, grouped, protected, shared

PERSON = st.integers(0, 11)
PART = st.lists(st.tuples(PERSON, st.integers(1, 9)), max_size=9)


def of(*people: int) -> frozenset[int]:
    return frozenset(people)


FIVE, SIX, TWO = of(1, 2, 3, 4, 5), of(6, 7, 8, 9, 10, 11), of(20, 21)


@given(st.lists(PART, min_size=1, max_size=5))
@settings(max_examples=400, deadline=None)
def test_nothing_that_is_shown_adds_up_to_what_fewer_than_five_did(parts: list[list[tuple[int, int]]]) -> None:
    """Each thing that somebody did is told apart; all sums and differences of what is shown are of five or nobody."""
    cells = [Cell(sum(much for _, much in part), (frozenset(who for who, _ in part),)) for part in parts]
    shown = protected(cells)
    things = [(at, who) for at, part in enumerate(parts) for who, _ in part]
    published = [[here == at for here, _ in things] for at, value in enumerate(shown.parts) if value is not None]
    if shown.total is not None:
        published.append([True] * len(things))
        assert shown.total == sum(much for part in parts for _, much in part)
    for signs in product((-1, 0, 1), repeat=len(published)):
        combined = [sum(s * row[at] for s, row in zip(signs, published, strict=True)) for at in range(len(things))]
        if min(combined, default=0) < 0:
            continue  # part of it is taken away from what it is not in: that is no group's number
        people = {who for (_, who), times in zip(things, combined, strict=True) if times}
        assert not people or len(people) >= 5


@given(
    st.lists(st.tuples(st.sets(PERSON, max_size=8), st.sets(st.integers(20, 31), max_size=8)), min_size=1, max_size=4)
)
@settings(max_examples=300, deadline=None)
def test_who_has_it_and_who_has_not_are_both_five_or_nobody(groups: list[tuple[set[int], set[int]]]) -> None:
    """Groups of their own people each: how many of each have something says as much of those who have not."""
    apart = [
        ({at * 100 + one for one in have}, {at * 100 + one for one in not_}) for at, (have, not_) in enumerate(groups)
    ]
    shown = protected([counted(have, have_not) for have, have_not in apart])
    known = [at for at, value in enumerate(shown.parts) if value is not None]
    for side in (0, 1):
        whole = set().union(*(pair[side] for pair in apart))
        for picked in product((False, True), repeat=len(known)):
            some = set().union(*(apart[at][side] for at, yes in zip(known, picked, strict=True) if yes))
            rests = [some, whole - some] if shown.total is not None else [some]
            assert all(not rest or len(rest) >= 5 for rest in rests)


def test_what_five_did_is_shown_as_it_is() -> None:
    shown = protected([Cell(7, (FIVE,)), Cell(9, (SIX,)), Cell(0, (of(),))])
    assert (shown.parts, shown.total) == ((7, 9, 0), 16)


def test_a_hidden_part_takes_another_with_it_so_that_the_total_may_stand() -> None:
    shown = protected([Cell(7, (FIVE,)), Cell(3, (TWO,)), Cell(9, (SIX,))])
    assert (shown.parts, shown.total) == ((None, None, 9), 19)


def test_where_there_are_too_few_in_all_nothing_is_shown() -> None:
    shown = protected([Cell(3, (TWO,)), Cell(1, (of(1, 2),))])
    assert (shown.parts, shown.total) == ((None, None), None)
    assert alone(Cell(3, (TWO,))) is None
    assert alone(Cell(3, (FIVE,))) == 3


def test_where_there_is_no_total_each_part_is_decided_by_itself() -> None:
    """One of all has not: no total, and nothing that the first part could be taken from."""
    shown = protected([counted(FIVE, of()), counted(SIX, of(20))])
    assert (shown.parts, shown.total) == ((5, None), None)


@pytest.mark.parametrize(
    ("have", "have_not", "shown"),
    [(FIVE, SIX, 5), (FIVE, of(), 5), (of(), FIVE, 0), (FIVE, TWO, None), (TWO, FIVE, None)],
)
def test_a_count_says_something_of_the_others_too(
    have: frozenset[int], have_not: frozenset[int], shown: int | None
) -> None:
    assert alone(counted(have, have_not)) == shown


def test_a_count_that_can_be_held_against_two_numbers_says_something_of_the_others_of_each() -> None:
    assert alone(counted(FIVE, SIX, of())) == 5
    assert alone(counted(FIVE, SIX, TWO)) is None


def test_a_hidden_part_takes_the_one_that_suffices_before_one_that_does_not() -> None:
    """A team of which nobody has it hides nobody: the next larger one does."""
    nobody, mixed = of(*range(30, 36)), of(*range(40, 52))
    shown = shared([(of(), nobody), (of(*range(40, 46)), mixed), (of(20), of(20, 21, 22))])
    assert (shown.parts, shown.total) == ((0, None, None), 7)


def test_what_nobody_has_or_everybody_is_said_of_each_group() -> None:
    assert shared([(of(), SIX), (of(), TWO)]) == Shown((0, 0), 0)
    assert shared([(SIX, SIX), (TWO, TWO)]) == Shown((6, 2), 8)
    assert shared([(of(), TWO)]) == Shown((None,), None)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5))
def test_of_every_group_and_of_what_the_groups_leave_over_five_have_it_and_five_have_not(
    sizes: list[tuple[int, int]],
) -> None:
    groups = [(of(*range(100 * at, 100 * at + have)), of(*range(100 * at, 100 * at + have + rest)))
              for at, (have, rest) in enumerate(sizes)]  # fmt: skip
    shown = shared(groups)
    have, rest = sum(size for size, _ in sizes), sum(size for _, size in sizes)
    if shown.total is not None and 0 in (have, rest):
        return  # that is said of all of them together
    left = [0, 0]
    for value, size in zip(shown.parts, sizes, strict=True):
        if value is None:
            left = [left[0] + size[0], left[1] + size[1]]
        else:
            assert value == size[0]
            assert not any(0 < many < 5 for many in size)
    if shown.total is not None:
        assert not any(0 < many < 5 for many in (have, rest, *left))


def test_small_teams_stand_together_and_take_a_larger_one_where_they_are_too_few() -> None:
    teams = [("A", SIX), ("B", FIVE), ("C", TWO)]
    assert grouped(teams, of(), "Others") == [("A", SIX), ("Others", FIVE | TWO)]
    assert grouped([("A", SIX), ("C", TWO), ("D", of(30, 31, 32))], of(), "Others") == [
        ("A", SIX), ("Others", TWO | of(30, 31, 32)),
    ]  # fmt: skip
    assert grouped([("A", SIX), ("B", FIVE)], of(), "Others") == [("A", SIX), ("B", FIVE)]
    assert grouped([("C", TWO)], of(50), "Others") == []


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 7))
def test_every_group_has_five_and_everybody_is_in_one_or_nobody_is(sizes: list[int], without_team: int) -> None:
    numbers = iter(range(1000))
    teams = [(f"T{at}", frozenset(next(numbers) for _ in range(size))) for at, size in enumerate(sizes)]
    others = frozenset(next(numbers) for _ in range(without_team))
    groups = grouped([team for team in teams if team[1]], others, "Others")
    everybody = others.union(*(people for _, people in teams))
    assert all(len(people) >= 5 for _, people in groups)
    assert frozenset[int]().union(*(people for _, people in groups)) == (
        everybody if len(everybody) >= 5 else frozenset()
    )

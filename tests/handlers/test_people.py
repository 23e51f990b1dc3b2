"""People: a pause that works, who has read what, what is held, being erased for good; and numbers, never persons."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import OpenForm, Table
from storage import erasure, people
from storage.database import Record
from storage.models import (
    Attendance,
    Course,
    Entry,
    Interview,
    KnownAccount,
    KnownPlace,
    LearningSet,
    Look,
    Owed,
    Partnership,
    Person,
    RefusedAttempt,
    SetMeeting,
    Team,
)
from tests.conftest import KEYRING, NOW, Chat

CANARY = "kingfisher"


def paused_until(chat: Chat, who: str) -> date | None:
    return chat.person(who).paused_until


def a_shared_course(chat: Chat) -> Course:
    """Amina wrote what came of a course and let Ben read it."""
    chat.say("Ben", "hello")
    chat.say("Amina", "I was on First aid on 12 February")
    chat.press("Amina", "Write it in a form")
    chat.submit("Amina", what=f"Ten cases, {CANARY}")
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    return chat.rows(select(Course))[0]


# ------------------------------------------------------------------------------------------------------------ pausing


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("pause until 1 May", date(2026, 5, 1)),
        ("Please pause until Friday 13 March.", date(2026, 3, 13)),
        ("pause for two weeks", date(2026, 3, 16)),
        ("stop asking until 1/5", date(2026, 5, 1)),
    ],
)
def test_a_pause_lasts_until_its_day(chat: Chat, said: str, until: date) -> None:
    chat.say("Amina", said)
    assert paused_until(chat, "Amina") == until
    assert "I'll ask you nothing until" in chat.last("Amina")
    amina = chat.person("Amina")
    assert not people.may_be_asked(amina, until - timedelta(days=1))
    assert people.may_be_asked(amina, until)


@pytest.mark.parametrize(
    "said", ["pause until 31/02", "pause until whenever", "pause until yesterday", "pause until 1 May 2040"]
)
def test_a_day_that_is_not_clear_is_asked_for(chat: Chat, said: str) -> None:
    assert isinstance(chat.say("Amina", said), OpenForm)
    assert paused_until(chat, "Amina") is None
    chat.submit("Amina", until="2026-03-01")
    assert "still to come" in chat.problems("Amina")["until"]
    chat.submit("Amina", until="2026-05-01")
    assert paused_until(chat, "Amina") == date(2026, 5, 1)


def test_a_pause_without_a_day_lasts_until_resume(chat: Chat) -> None:
    chat.say("Amina", "pause")
    assert "until you say resume" in chat.last("Amina").replace("`", "")
    assert not people.may_be_asked(chat.person("Amina"), date(2030, 1, 1))
    chat.press("Amina", "Only until Mon 9 Mar")
    assert paused_until(chat, "Amina") == date(2026, 3, 9)
    chat.press("Amina", "Resume now")
    assert paused_until(chat, "Amina") is None
    assert "Welcome back" in chat.last("Amina")
    chat.tap("Amina", "people.pause_until", value="2020-01-01")
    assert paused_until(chat, "Amina") is None


def test_while_paused_the_bot_asks_nothing_and_still_answers(chat: Chat) -> None:
    chat.say("Amina", "pause until 1 May")
    before = len(chat.seen("Amina"))
    chat.wait_until(datetime(2026, 4, 30, 12, tzinfo=UTC))
    assert len(chat.seen("Amina")) == before
    chat.say("Amina", "diary: still here")
    assert "Kept in your diary." in chat.last("Amina")


def test_nobody_is_asked_before_they_said_hello_or_after_they_left(chat: Chat) -> None:
    assert not people.may_be_asked(chat.person("Amina"), NOW.date())
    chat.say("Amina", "hello")
    assert people.may_be_asked(chat.person("Amina"), NOW.date())
    chat.database.run(lambda session: session.execute(update(Person).values(left_at=NOW)))
    assert not people.may_be_asked(chat.person("Amina"), NOW.date())


# --------------------------------------------------------------------------------------------------- who has read what


def test_nobody_has_read_anything_at_first(chat: Chat) -> None:
    chat.say("Amina", "who has read my diary?")
    assert "Nobody has been shown any words of yours" in chat.last("Amina")
    assert "nobody can read what you have kept" in chat.last("Amina")


def test_each_reading_is_told_with_who_what_and_when_and_can_be_ended(chat: Chat) -> None:
    course = a_shared_course(chat)
    chat.now += timedelta(hours=2)
    chat.tap("Ben", "courses.read", course.id)
    chat.say("Amina", "who has read")
    (table,) = (part for part in chat.seen("Amina")[-1].message.parts if isinstance(part, Table))
    assert table.rows == (
        ("Ben Carter", "what came of First aid", "Mon 2 Mar, 11:00"),
        ("Ben Carter", "what came of First aid", "Mon 2 Mar, 09:00"),
    )
    assert "Ben Carter: what came of First aid" in chat.last("Amina")
    chat.press("Amina", "Open")
    chat.press("Amina", "Take it back from Ben")
    chat.say("Amina", "who has read")
    assert "At present nobody can read" in chat.last("Amina")
    chat.say("Ben", "who has read")
    assert "First aid" not in chat.last("Ben")


def test_a_reading_of_more_than_a_year_ago_is_not_listed(chat: Chat) -> None:
    a_shared_course(chat)
    chat.database.run(lambda session: session.execute(update(Look).values(at=NOW - timedelta(days=366))))
    chat.say("Amina", "who has read")
    assert "Nobody has been shown" in chat.last("Amina")


# --------------------------------------------------------------------------------------------------- what is held of me


def test_everything_held_is_accounted_for_in_plain_words(chat: Chat) -> None:
    a_shared_course(chat)
    chat.say("Amina", "diary: one")
    chat.say("Amina", "diary: two")
    chat.say("Amina", "What do you hold about me?")
    last = chat.last("Amina")
    for line in (
        "E-mail: amina@example.org", "Team: Children's Services", "Manager: Ola Lead", "diary entries: 2",
        "courses and other activities: 1",
        "reflections on courses: 1", "things you let somebody read, or once did: 1",
    ):  # fmt: skip
        assert line in last
    assert "anonymous review" in last
    assert CANARY not in last


def test_the_account_covers_every_table_with_a_person_in_it() -> None:
    told = {(column.class_.__tablename__, column.key) for about in erasure.TABLES for column in about.columns}
    there = {
        (table.name, column.name)
        for table in Record.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    assert there <= told


# ------------------------------------------------------------------------------------------------------------- erasing


def test_erasing_is_asked_twice_and_can_be_left(chat: Chat) -> None:
    chat.say("Amina", f"diary: {CANARY}")
    chat.say("Amina", "erase me")
    last = chat.last("Amina")
    for told in ("What goes", "What stays", "What I cannot reach", "anonymous reviews"):
        assert told in last
    chat.press("Amina", "Go on to erasing")
    assert "cannot be undone" in chat.last("Amina")
    assert chat.person("Amina").key is not None
    chat.press("Amina", "Keep everything")
    assert "Nothing was changed" in chat.last("Amina")
    assert len(chat.rows(select(Entry))) == 1


def erased(chat: Chat) -> Person:
    before = chat.person("Amina")
    chat.say("Amina", "erase me")
    chat.press("Amina", "Go on to erasing")
    chat.press("Amina", "Erase me for good")
    return chat.rows(select(Person).where(Person.id == before.id))[0]


def test_an_erased_person_is_gone_from_the_database_and_from_others_screens(chat: Chat) -> None:
    a_shared_course(chat)
    chat.say("Amina", f"diary: {CANARY}")
    chat.say("Amina", f"an odd {CANARY} that fits nowhere")
    assert CANARY in chat.screen_of("Ben")
    person = erased(chat)
    assert "You are erased." in chat.last("Amina")
    assert (person.key, person.name, person.left_at) == (None, "Somebody who left", NOW)
    assert re.fullmatch(r"[0-9a-f]{32}@erased\.invalid", person.email)
    assert CANARY not in chat.screen_of("Ben")
    assert "This is no longer shared." in chat.screen_of("Ben")
    left = {what: number for what, number in chat.database.run(lambda s: erasure.held_about(s, person.id)) if number}
    assert set(left) <= {"learning partnerships"}
    assert chat.rows(select(KnownAccount).where(KnownAccount.person_id == person.id)) == []
    assert chat.rows(select(KnownPlace).where(KnownPlace.conversation == "dm:amina@example.org")) == []
    assert chat.rows(select(Owed).where(Owed.to_id == person.id)) == []
    if chat.database.sqlite:
        assert chat.database.url.database is not None
        for file in Path(chat.database.url.database).parent.iterdir():
            for trace in (b"amina", b"Amina", CANARY.encode()):
                assert trace not in file.read_bytes(), (file.name, trace)


def test_what_an_erased_person_had_arranged_is_cancelled_and_the_other_told(chat: Chat) -> None:
    amina, ben = chat.person("Amina"), chat.person("Ben")
    chat.say("Ben", "hello")
    chat.database.run(
        lambda session: session.add(
            Interview(
                learner_id=amina.id, partner_id=ben.id, year=date(2025, 9, 1), window=2, state="booked",
                starts_at=NOW + timedelta(days=2), ends_at=NOW + timedelta(days=2, minutes=45),
                proposed_by_id=amina.id, uid="one", made_at=NOW,
            )
        )
    )  # fmt: skip
    erased(chat)
    assert [interview.state for interview in chat.rows(select(Interview))] == ["cancelled"]
    assert "Cancelled" in chat.last("Ben")
    assert "Amina" not in chat.last("Ben")
    assert {one.state for one in chat.rows(select(Partnership))} == {"ended"}


def test_an_erased_person_is_a_stranger_and_nothing_due_to_them_is_sent(chat: Chat) -> None:
    chat.say("Amina", "I'm on First aid next Thursday")
    erased(chat)
    seen = len(chat.seen("Amina"))
    chat.wait(days=60)
    assert len(chat.seen("Amina")) == seen
    chat.say("Amina", "hello")
    assert "I don't know you yet" in chat.last("Amina")
    chat.tap("Amina", "people.erase")
    assert len(chat.rows(select(Person).where(Person.name == "Somebody who left"))) == 1


def test_a_lead_can_be_erased(chat: Chat) -> None:
    ola = chat.person("Ola")
    chat.say("Ola", "erase me")
    chat.press("Ola", "Go on")
    chat.press("Ola", "Erase me for good")
    assert chat.rows(select(Person).where(Person.manager_id == ola.id)) == []
    assert "You are erased." in chat.last("Ola")


def test_erasing_without_a_message_to_answer_in_still_works(chat: Chat) -> None:
    chat.say("Amina", "hello")
    chat.tap("Amina", "people.erase")
    assert chat.rows(select(Person).where(Person.email == "amina@example.org")) == []


def test_erasing_one_person_leaves_the_others_alone(chat: Chat) -> None:
    chat.say("Ben", "diary: mine")
    chat.say("Amina", "diary: hers")
    erased(chat)
    ben = chat.person("Ben")
    assert [KEYRING.open(ben.id, ben.key, entry.words) for entry in chat.rows(select(Entry))] == ["mine"]
    chat.say("Ben", "diary")
    assert "mine" in chat.last("Ben")


# ------------------------------------------------------------------------------------------------------- coordinators


def overview(chat: Chat) -> dict[str, tuple[str, ...]]:
    chat.say("Cora", "overview")
    (table,) = (part for part in chat.seen("Cora")[-1].message.parts if isinstance(part, Table))
    assert table.headings == (
        "Team", "People", "Interviews 1", "Interviews 2", "Interviews 3", "Days per person", "Still owed time",
    )  # fmt: skip
    return {row[0]: row[1:] for row in table.rows}


def team(chat: Chat, name: str, many: int) -> None:
    """A team of people who are on the roster and nothing more: `North01`, `North02` and so on."""

    def work(session: Session) -> None:
        made = Team(name=name)
        session.add(made)
        session.flush()
        for number in range(1, many + 1):
            session.add(Person(name=f"{name}{number:02}", email=f"{name.lower()}{number:02}@example.org",
                               key=KEYRING.new_person_key(), team_id=made.id))  # fmt: skip

    chat.database.run(work)


def met(chat: Chat, *who: str) -> None:
    """The first interview of this year was held with each of them."""
    at = datetime(2025, 10, 6, 10, 0, tzinfo=UTC)
    learners, partner = [chat.person(one).id for one in who], chat.person("Ola").id
    chat.database.run(lambda session: session.add_all(
        Interview(learner_id=one, partner_id=partner, year=date(2025, 9, 1), window=1, state="met",
                  starts_at=at + timedelta(hours=one), ends_at=at + timedelta(hours=one, minutes=45),
                  proposed_by_id=one, uid=f"{one}", made_at=at)
        for one in learners
    ))  # fmt: skip


def test_the_overview_counts_teams_of_five_and_never_fewer(chat: Chat) -> None:
    chat.say("Amina", "I was on First aid on 12 February")
    assert overview(chat) == {"Children's Services": ("6", "0 held", "0 held", "0 held", "0.2", "everybody")}
    assert "9 people on the roster, some of them have said hello to me." in chat.last("Cora")
    assert "Inclusion: fewer than five people, so I show no numbers." in chat.last("Cora")
    assert "Amina" not in chat.last("Cora")
    assert "First aid" not in chat.last("Cora")


def test_how_many_said_hello_never_says_that_a_few_did_or_did_not(chat: Chat) -> None:
    everybody = ("Cora", "Ola", "Amina", "Ben", "Chloe", "Dan", "Eve", "Farid", "Grace")
    for count, who in enumerate(everybody, 1):
        chat.say(who, "hello")
        overview(chat)
        hello = "9" if count == 9 else "some"
        assert f"9 people on the roster, {hello} of them have said hello to me." in chat.last("Cora")


@pytest.mark.parametrize(("new", "said"), [(0, "Messages are waiting"), (3, "5 messages are waiting")])
def test_messages_that_wait_for_a_few_are_not_counted(chat: Chat, new: int, said: str) -> None:
    team(chat, "North", new)
    everybody = [*("Ola", "Amina"), *(f"North{number:02}" for number in range(1, new + 1))]
    rows = [
        Owed(key=f"waits/{who}", notice="people.unreachable", about=1, due_at=NOW, to_id=chat.person(who).id,
             state="parked", reason="has_not_said_hello")
        for who in everybody
    ]  # fmt: skip
    chat.database.run(lambda session: session.add_all(rows))
    overview(chat)
    assert f"{said} for people who have not said hello yet." in chat.last("Cora")


@pytest.mark.parametrize(
    ("held", "shown"), [(0, "0 held"), (1, "– held"), (4, "– held"), (5, "5 held"), (6, "– held"), (9, "– held")]
)
def test_interviews_held_in_a_team_are_of_five_people_and_so_are_those_not_held(
    chat: Chat, held: int, shown: str
) -> None:
    """Ten people: whoever takes those who had it from ten has those who had not."""
    team(chat, "North", 10)
    met(chat, *(f"North{number:02}" for number in range(1, held + 1)))
    found = overview(chat)
    assert found["North"][:2] == ("10", shown)
    hides = any("–" in cell for row in found.values() for cell in row)
    assert ("“–” stands where a number" in chat.last("Cora")) == hides


def test_interviews_that_were_held_as_a_group_are_counted_once(chat: Chat) -> None:
    """Four met their partners, two of these and one more met as a group: five of ten had their first interview."""
    team(chat, "North", 10)
    met(chat, *(f"North{number:02}" for number in range(1, 5)))
    facilitator = chat.person("Ola").id
    together = [chat.person(f"North{number:02}").id for number in (3, 4, 5)]

    def work(session: Session) -> None:
        group = LearningSet(name="Readers", facilitator_id=facilitator, made_at=NOW)
        session.add(group)
        session.flush()
        at = datetime(2025, 10, 7, 10, 0, tzinfo=UTC)
        meeting = SetMeeting(set_id=group.id, state="held", starts_at=at, ends_at=at + timedelta(hours=2), uid="group",
                             made_at=at)  # fmt: skip
        session.add(meeting)
        session.flush()
        session.add_all(Attendance(meeting_id=meeting.id, person_id=one, year=date(2025, 9, 1), window=1,
                                   was_there=True) for one in together)  # fmt: skip

    chat.database.run(work)
    assert overview(chat)["North"][1:3] == ("5 held", "0 held")


def test_what_a_small_team_did_is_not_what_the_others_leave_over(chat: Chat) -> None:
    """The yearly report says how many were held in all: less those of both large teams, two of three in Inclusion."""
    team(chat, "North", 12)
    team(chat, "South", 14)
    met(chat, *(f"North{number:02}" for number in range(1, 7)), *(f"South{number:02}" for number in range(1, 8)))
    assert (overview(chat)["North"][1], overview(chat)["South"][1]) == ("6 held", "7 held")
    met(chat, "Farid", "Grace")
    assert (overview(chat)["North"][1], overview(chat)["South"][1]) == ("– held", "7 held")
    assert overview(chat)["Children's Services"][1] == "0 held"


def test_that_a_small_team_has_had_none_is_not_what_the_others_leave_over_either(chat: Chat) -> None:
    """Of the three in Inclusion nobody has had one: that would be said of each of them by name."""
    team(chat, "North", 12)
    met(chat, *(f"North{number:02}" for number in range(1, 7)))
    assert overview(chat)["North"][1] == "6 held"
    assert overview(chat)["Children's Services"][1] == "– held"  # with Inclusion they are nine


def test_the_days_of_a_small_team_are_not_what_the_others_leave_over(chat: Chat) -> None:
    team(chat, "North", 12)
    chat.say("Amina", "I was on First aid on 12 February")
    assert (overview(chat)["Children's Services"][4], overview(chat)["North"][4]) == ("0.2", "0.0")
    chat.say("Farid", "I was on First aid on 12 February")
    assert (overview(chat)["Children's Services"][4], overview(chat)["North"][4]) == ("–", "0.0")


def test_the_coordinator_is_told_who_cannot_be_reached_and_why(chat: Chat) -> None:
    chat.say("Dan", "hello")
    chat.say("Eve", "hello")
    for who, reason in (("Dan", "not_installed"), ("Eve", "blocked")):
        person = chat.person(who)
        chat.database.run(
            lambda session, person=person, reason=reason: session.execute(
                update(KnownAccount).where(KnownAccount.person_id == person.id).values(unreachable=reason)
            )
        )
    chat.say("Cora", "overview")
    assert "The app is not installed for them in Teams: Dan Evans." in chat.last("Cora")
    assert "They have blocked the app: Eve Fox." in chat.last("Cora")


@pytest.mark.parametrize("who", ["Amina", "Ola", "Ben"])
def test_nobody_else_sees_the_overview(chat: Chat, who: str) -> None:
    chat.say(who, "overview")
    assert "isn't something you can do here" in chat.last(who)
    chat.tap(who, "people.overview")
    assert "on the roster" not in chat.screen_of(who)
    assert [attempt.action for attempt in chat.rows(select(RefusedAttempt))] == ["people.overview"]


def test_the_overview_stays_out_of_channels(chat: Chat) -> None:
    chat.say("Cora", "overview", in_channel="general")
    assert "direct chat" in chat.last("Cora", in_channel="general")
    assert chat.seen("Ben", in_channel="general") == []

"""People see and do only what is theirs: every action has a row, and another's record is refused everywhere."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from bot.chat import Account, Event, FixAnswers, Form, Nothing, OpenForm, Reply
from bot.chat.packing import pack
from bot.console import NAME, TENANT, direct_chat
from bot.errors import Failed
from bot.policy import load
from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Conversation, Registry
from storage.database import Database, Record
from storage.models import (
    Attachment,
    Attendance,
    Away,
    Brief,
    CarriedOver,
    Course,
    DevelopmentPlan,
    DiaryHabit,
    Draft,
    Entry,
    Evidence,
    Grant,
    Held,
    Impact,
    Interview,
    InterviewNote,
    KnownPlace,
    LearningSet,
    LearningTime,
    NextStep,
    Origin,
    Partnership,
    PeriodLog,
    Person,
    PlanItem,
    PlanReview,
    PlanVoice,
    PointMark,
    Portfolio,
    PortfolioFile,
    Post,
    Reflection,
    ReleasedNeed,
    Review,
    ReviewAnswer,
    ReviewDraft,
    ReviewGuest,
    ReviewPoint,
    SelfRating,
    SelfReview,
    Seminar,
    SeminarSeat,
    SetMeeting,
    SetMember,
    Standard,
    StandardItem,
    Target,
    TargetVersion,
    TrainingDone,
)
from storage.portfolio.making import Choices
from storage.sealed import Sealed, Unreadable
from tests.conftest import KEYRING, NOW, Chat, enrol

CANARY = "canary-only-for-amina"
REGISTRY = Registry(CONVERSATIONS, MAY)
# Whose rows may not be touched by anybody else, and the columns that say whose they are.
OWNED: dict[type[Record], tuple[str, ...]] = {
    Away: ("person_id",),
    Course: ("owner_id",),
    Reflection: ("owner_id",),
    Impact: ("owner_id",),
    TrainingDone: ("owner_id",),
    Entry: ("owner_id",),
    Attachment: ("owner_id",),
    DiaryHabit: ("person_id",),
    LearningTime: ("owner_id",),
    PeriodLog: ("owner_id",),
    Draft: ("owner_id",),
    Interview: ("learner_id", "partner_id"),
    InterviewNote: ("author_id",),
    NextStep: ("owner_id",),
    Brief: ("learner_id",),
    Target: ("owner_id", "other_id"),
    TargetVersion: ("owner_id",),
    PlanReview: ("owner_id",),
    Held: ("person_id",),
    Partnership: ("learner_id", "partner_id"),
    Grant: ("owner_id",),
    ReviewAnswer: ("person_id",),
    ReviewDraft: ("person_id",),
    ReviewGuest: ("person_id",),
    ReviewPoint: ("person_id",),
    PointMark: ("person_id",),
    ReleasedNeed: ("owner_id",),
    PlanVoice: ("person_id",),
    SeminarSeat: ("person_id",),
    LearningSet: ("facilitator_id",),
    SetMember: ("person_id",),
    SetMeeting: ("changed_by_id",),
    Attendance: ("person_id",),
    Portfolio: ("owner_id",),
    PortfolioFile: ("owner_id",),
    Origin: ("owner_id",),
    CarriedOver: ("owner_id",),
    Evidence: ("owner_id",),
    SelfReview: ("owner_id",),
    SelfRating: ("owner_id",),
    Person: ("id",),
}


def nothing(turn: Any, event: Event) -> Reply:
    return Nothing()


def test_an_action_without_a_row_fails_the_build() -> None:
    with pytest.raises(ValueError, match=r"new\.thing has no row"):
        Registry([Conversation("new", {"new.thing": nothing})], {})


def test_a_row_for_an_action_that_nobody_does_fails_the_build() -> None:
    with pytest.raises(ValueError, match=r"old\.thing, which nothing does"):
        Registry([], {"old.thing": lambda turn, event: True})


def test_every_action_of_every_conversation_has_a_row_and_every_row_an_action() -> None:
    assert set(REGISTRY.actions) == set(MAY)


def test_no_action_falls_over_a_record_that_does_not_exist(chat: Chat) -> None:
    fell_over: set[str] = set()
    for action in sorted(set(MAY) - {"people.erase"}):  # which is about oneself, and would end the test
        try:
            chat.dispatcher.handle(tapped("Grace", action, action, 2_000_000_000), NOW)
        except Failed:
            fell_over.add(action)
    assert fell_over == set()


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Chat]:
    """A database in which Amina has one of everything, with a canary in all that she wrote."""
    database = Database(f"sqlite:///{tmp_path}/learnbot.db")
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    Record.metadata.create_all(database.engine)
    enrol(database)
    database.run(one_of_everything)
    chat = Chat(database, load("southampton"))
    for who in ("Grace", "Chloe", "Ola", "Cora"):
        chat.say(who, "hello")
    yield chat
    chat.close()
    database.close()


def one_of_everything(session: Session) -> None:
    amina = session.scalars(select(Person).where(Person.name == "Amina Khan")).one()
    ben = session.scalars(select(Person).where(Person.name == "Ben Carter")).one()
    assert amina.team_id is not None

    def sealed(words: str = CANARY) -> bytes:
        return KEYRING.seal(amina.id, amina.key, words)

    for number in range(3):
        said = sealed(json.dumps({"by": CANARY, "words": CANARY, "link": f"https://{CANARY}"}))
        entry = Entry(owner_id=amina.id, words=sealed(), made_at=NOW, tags=sealed(), quoted=said)
        draft = Draft(owner_id=amina.id, words=sealed(), made_at=NOW, quoted=said if number else None)
        course = Course(owner_id=amina.id, title=sealed(), starts_on=date(2026, 2, 20), ends_on=date(2026, 2, 20),
                        made_at=NOW, state="attended", team_words=sealed(), kind_words=sealed(), provider=sealed(),
                        accredited=sealed(), feedback=sealed(), document=sealed())  # fmt: skip
        starts = NOW + timedelta(days=number * 7 - 7, hours=5)
        interview = Interview(
            learner_id=amina.id, partner_id=ben.id, year=date(2025, 9, 1), window=2, starts_at=starts,
            ends_at=starts + timedelta(minutes=45), uid=f"uid-{number}", made_at=NOW, proposed_by_id=ben.id,
            state=("met", "booked", "proposed")[number],
        )  # fmt: skip
        session.add_all([entry, draft, course, interview])
        session.add(LearningTime(owner_id=amina.id, words=sealed(), on_day=date(2026, 2, 20), minutes=60, made_at=NOW))
        session.add(
            PeriodLog(
                owner_id=amina.id,
                first=date(2025, 9 + number, 1),
                last=date(2025, 9 + number, 30),
                state=("asked", "written", "declined")[number],
                answers=sealed(json.dumps({"impact": CANARY})),
            )
        )
        session.add(Away(person_id=amina.id, starts_at=starts, ends_at=starts + timedelta(days=1), made_at=NOW))
        session.flush()
        for kind, about in (("entry", entry.id), ("draft", draft.id)):
            session.add(Attachment(owner_id=amina.id, kind=kind, about=about, name=sealed(), address=sealed()))
        session.add(Reflection(course_id=course.id, owner_id=amina.id, what=sealed(), so_what=sealed(),
                               what_next=sealed(), written_at=NOW))  # fmt: skip
        changed = json.dumps({"skills": {"rating": None, "words": ""}, "": {"rating": None, "words": CANARY}})
        session.add(Impact(course_id=course.id, owner_id=amina.id, term="short", answers=sealed(changed),
                           state=("asked", "written", "waiting")[number]))  # fmt: skip
        session.add(TrainingDone(owner_id=amina.id, training="gdpr", done_on=date(2025, 3, 10 + number), made_at=NOW,
                                 valid_until=date(2026, 3, 10 + number)))  # fmt: skip
        session.add(InterviewNote(interview_id=interview.id, author_id=amina.id, words=sealed(), written_at=NOW,
                                  private=sealed()))  # fmt: skip
        session.add(NextStep(interview_id=interview.id, owner_id=amina.id, words=sealed(), made_at=NOW))
        chosen = json.dumps({"words": CANARY, "entries": [entry.id], "courses": [course.id], "steps": []})
        session.add(Brief(interview_id=interview.id, learner_id=amina.id, words=sealed(chosen), made_at=NOW,
                          state=("released", "draft", "withdrawn")[number]))  # fmt: skip
        session.add(Held(person_id=amina.id, quarter=starts, interview_id=interview.id))
        target = Target(
            owner_id=amina.id, year=date(2025, 9, 1), words=sealed(), made_at=NOW, changed_at=NOW, strategy=sealed(),
            criteria=sealed(), link=sealed(), due_on=date(2026, 4, 30), state=("open", "open", "met")[number],
            agreement=("", "asked", "agreed")[number], other_id=ben.id if number else None, version=1, asked_at=NOW,
            shown_version=1 if number else None, comment=KEYRING.seal(ben.id, ben.key, CANARY) if number else None,
            evaluation=sealed(json.dumps({"came": CANARY, "rating": 3, "why": CANARY})),
        )  # fmt: skip
        session.add(target)
        session.flush()
        was = json.dumps({"words": CANARY, "strategy": CANARY, "criteria": CANARY, "link": CANARY})
        session.add(TargetVersion(target_id=target.id, owner_id=amina.id, number=0, was=sealed(was), made_at=NOW))
        looked = json.dumps({"learned": CANARY, "next": CANARY, "targets": [{"id": target.id, "result": "on"}]})
        session.add(PlanReview(owner_id=amina.id, year=date(2023 + number, 9, 1), answers=sealed(looked)))
        learning_set = LearningSet(name=CANARY, facilitator_id=amina.id, made_at=NOW)
        session.add(learning_set)
        session.flush()
        meeting = SetMeeting(
            set_id=learning_set.id, state=("held", "booked", "cancelled")[number], starts_at=starts,
            ends_at=starts + timedelta(minutes=45), uid=f"set-{number}", made_at=NOW, changed_by_id=amina.id,
            reason=sealed(),
        )  # fmt: skip
        session.add_all(
            [meeting, SetMember(set_id=learning_set.id, person_id=amina.id, asked_at=NOW, state="accepted")]
        )
        session.flush()
        choices = Choices(("html",), without_items=(CANARY,)).packed()
        portfolio = Portfolio(owner_id=amina.id, made_at=NOW, choices=sealed(choices),
                              state=("draft", "making", "ready")[number])  # fmt: skip
        session.add(portfolio)
        session.flush()
        content = KEYRING.seal_file(amina.id, amina.key, CANARY.encode())
        session.add_all(
            [
                PortfolioFile(
                    portfolio_id=portfolio.id, owner_id=amina.id, name="x", type="text/html", content=content
                ),
                Origin(owner_id=amina.id, kind="entry", about=entry.id, uid=f"urn:uuid:{number}", made_at=NOW),
                CarriedOver(owner_id=amina.id, uid=f"urn:uuid:c{number}", kind="diary", words=sealed(), made_at=NOW),
            ]
        )
        session.add(Attendance(meeting_id=meeting.id, person_id=amina.id, year=date(2025, 9, 1), window=2))
    session.add(DiaryHabit(person_id=amina.id, every_weeks=1, weekday=2, today_i=True))
    standard = Standard(key="small", version="1", title="Small", imported_at=NOW)
    post = Post(name="Officer", standard="small")
    session.add_all([standard, post])
    session.flush()
    area = StandardItem(standard_id=standard.id, code="A", words="Listening", position=0)
    session.add(area)
    session.flush()
    for number in range(3):
        statement = StandardItem(
            standard_id=standard.id, code=f"A{number}", words="Listens", position=number + 1, parent_id=area.id
        )
        session.add(statement)
        session.flush()
        review = SelfReview(owner_id=amina.id, standard_id=standard.id, made_at=NOW,
                            finished_at=NOW if number < 2 else None)  # fmt: skip
        session.add(review)
        session.flush()
        said = sealed(json.dumps({"level": "need", "words": CANARY}))
        session.add(SelfRating(review_id=review.id, owner_id=amina.id, item_id=statement.id, answer=said))
        session.add(Evidence(owner_id=amina.id, item_id=statement.id, kind="entry", about=number + 1, made_at=NOW))
    for person in session.scalars(select(Person)):
        person.post_id = post.id
    place = KnownPlace(platform=NAME, tenant=TENANT, conversation="channel:cs", direct=False, title="cs")
    session.add(place)
    session.flush()
    review = Review(team_id=amina.team_id, place_id=place.id, opened_by_id=amina.manager_id, title="Spring",
                    anonymous=False, opened_at=NOW, closes_at=NOW + timedelta(days=3))  # fmt: skip
    session.add(review)
    session.flush()
    answers = json.dumps({"worked": {"rating": 3, "words": CANARY}})
    session.add(ReviewAnswer(id=77, review_id=review.id, mark="m", answers=sealed(answers), person_id=amina.id))
    session.add(ReviewDraft(review_id=review.id, person_id=amina.id, answers=sealed(answers), asking="worked"))
    closed = Review(team_id=amina.team_id, place_id=place.id, opened_by_id=amina.manager_id, title="Autumn",
                    anonymous=False, opened_at=NOW - timedelta(days=90), closes_at=NOW - timedelta(days=80),
                    state="closed", sense="marking")  # fmt: skip
    session.add(closed)
    session.flush()
    session.add(ReviewGuest(review_id=closed.id, person_id=amina.id))
    session.add(ReviewPoint(id=78, review_id=closed.id, question="work", words=sealed(), person_id=amina.id))
    session.flush()
    session.add(PointMark(review_id=closed.id, point_id=78, person_id=amina.id))
    session.add(ReleasedNeed(owner_id=amina.id, target_id=1, theme="digital", released_at=NOW))
    plan = DevelopmentPlan(team_id=amina.team_id, year=date(2025, 9, 1), made_at=NOW, state="proposed",
                           place_id=place.id, review_id=closed.id, proposed_at=NOW)  # fmt: skip
    seminar = Seminar(theme="digital", year=date(2025, 9, 1), title=KEYRING.seal_for_organisation("Spreadsheets"),
                      made_at=NOW, uid="seminar", state="planned", starts_at=NOW + timedelta(days=7),
                      ends_at=NOW + timedelta(days=7, hours=2))  # fmt: skip
    session.add_all([plan, seminar])
    session.flush()
    session.add(PlanItem(plan_id=plan.id, source="team", need=KEYRING.seal_for_organisation("Spreadsheets"),
                         made_at=NOW, leads_id=amina.id))  # fmt: skip
    session.add(PlanVoice(plan_id=plan.id, person_id=amina.id, agrees=False, at=NOW, about_proposal=NOW,
                          words=sealed()))  # fmt: skip
    session.add(SeminarSeat(seminar_id=seminar.id, person_id=amina.id, asked_at=NOW, state="accepted"))


def tapped(who: str, key: str, action: str, about: int | None, value: str = "") -> Event:
    user = f"{who.lower()}@example.org"
    place = replace(direct_chat(user), message="m")
    return Event(f"{who}/{key}", Account(NAME, TENANT, user), place, "tap", action, about, value, email=user)


def submitted(who: str, key: str, form: Form, about: int | None) -> Event:
    sample = {"line": "some words", "paragraph": "some words", "date": "2026-03-12", "time": "10:00", "rating": "3",
              "yesno": "yes"}  # fmt: skip
    answers = {one.name: one.options[0].value if one.options else sample.get(one.kind, "1") for one in form.fields}
    return replace(tapped(who, key, form.name, about), kind="submit", answers=answers)


def shown(reply: Reply) -> str:
    """Everything that a reply puts in front of somebody."""
    match reply:
        case OpenForm(form) | FixAnswers(form, _):
            return repr(form) + repr(getattr(reply, "problems", ""))
        case Nothing():
            return ""
        case _:
            return pack(reply.message)


def whose(session: Session) -> dict[str, tuple[Any, ...]]:
    """Every row of Amina's, by table and key, as it is in the file."""
    amina = session.scalars(select(Person.id).where(Person.name == "Amina Khan")).one()
    connection = session.connection()
    rows: dict[str, tuple[Any, ...]] = {}
    for kind, columns in OWNED.items():
        key = ", ".join(column.name for column in inspect(kind).primary_key)
        hers = " OR ".join(f"{column} = {amina}" for column in columns)
        # not the records: those of forty tables after every action took as long as half of the actions
        for row in connection.exec_driver_sql(f"SELECT * FROM {kind.__tablename__} WHERE {hers} ORDER BY {key}"):
            rows[f"{kind.__name__} {[getattr(row, one.name) for one in inspect(kind).primary_key]}"] = tuple(row)
    return rows


@pytest.mark.parametrize("who", ["Grace", "Chloe", "Ola", "Cora"])
def test_nobody_reads_or_changes_anothers_record_by_its_number(filled: Chat, who: str) -> None:
    """Somebody of another team, a colleague, the manager and the coordinator try every action on every record."""
    before = filled.database.run(whose)
    assert len(before) > 20
    numbers = (1, 2, 3, 77)
    broke: list[str] = []
    for action in sorted(MAY):
        for number in numbers:
            form = REGISTRY.forms.get(action)
            # nothing has the last number: of that one try is enough
            values = ("", "1", "yes", "entry") if number != numbers[-1] else ("",)
            tries = [tapped(who, f"{action} {number} {value}", action, number, value) for value in values]
            if form is not None:
                tries.append(submitted(who, f"{action} {number} submit", form, number))
            for one in tries:
                if action.startswith(("people.erase", "reviews.", "findings.")):
                    continue  # about oneself; a review is the team's, and its own tests say who sees what of it
                try:
                    outcome = filled.dispatcher.handle(one, NOW)
                except Failed:
                    broke.append(f"{action} {one.kind} {number} {one.value!r}")
                    continue
                assert CANARY not in shown(outcome.reply), f"{who} read it with {action} about {number}"
        after = filled.database.run(whose)
        assert {key: after.get(key) for key in before} == before, f"{who} changed it with {action}"
    assert broke == [], "these fell over instead of refusing"
    filled.wait_until(NOW + timedelta(minutes=1))
    assert CANARY not in filled.screen_of(who)


def test_what_is_ones_own_can_be_read(filled: Chat) -> None:
    """The canary is really there: its owner sees it by the same paths."""
    seen = [
        action
        for action in sorted(MAY)
        if action
        in (
            "diary.open",
            "diary.edit",
            "courses.open",
            "courses.preview",
            "interviews.note",
            "interviews.step_open",
            "interviews.brief_show",
            "courses.word",
            "time.open",
            "time.change",
            "targets.open",
            "targets.change",
            "targets.history",
        )
        and CANARY in shown(filled.dispatcher.handle(tapped("Amina", action, action, 1), NOW).reply)
    ]
    assert {"time.open", "time.change"} <= set(seen)
    assert {"diary.open", "diary.edit", "courses.open", "interviews.note", "interviews.step_open"} <= set(seen)
    assert {"interviews.brief_show", "targets.open", "targets.change", "targets.history"} <= set(seen)


def test_nothing_that_an_erased_person_wrote_is_left_in_any_table(filled: Chat) -> None:
    """Everything that is sealed, in every table there is, is tried with a copy of the key that was destroyed."""
    amina = filled.person("Amina")

    def hers(session: Session) -> set[str]:
        found: set[str] = set()
        for table in Record.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, Sealed):
                    continue
                for value in session.scalars(select(column).where(column.is_not(None))):
                    with suppress(Unreadable):
                        KEYRING.open(amina.id, amina.key, value)
                        found.add(f"{table.name}.{column.name}")
        return found

    before = filled.database.run(hers)
    assert {"entry.words", "target.words", "impact.answers", "portfolio.choices", "self_rating.answer"} <= before
    filled.say("Amina", "erase me")
    filled.press("Amina", "Go on to erasing")
    filled.press("Amina", "Erase me for good")
    assert filled.database.run(hers) == set()

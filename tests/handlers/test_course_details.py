"""More about a course: nothing is required, everything can be changed, and it stays its owner's."""

from datetime import date

import pytest

from bot.chat import Facts, FixAnswers, OpenForm, Table
from handlers import amounts
from storage.models import Course, Person, Target
from tests.conftest import KEYRING, NOW, ROSTER, Chat
from tests.handlers.test_courses import courses_of, days_of, on_a_course, reflected, titles_of


@pytest.mark.parametrize(
    ("written", "pence", "shown"),
    [
        ("£120", 12000, "£120"), ("120.50", 12050, "£120.50"), ("£1,200", 120000, "£1,200"), ("85 pounds", 8500, "£85"),
        ("about £50", 5000, "£50"), ("12.5", 1250, "£12.50"), ("£ 1,234.05", 123405, "£1,234.05"), ("free", 0, "free"),
        ("0", 0, "free"), ("£0.00", 0, "free"), ("it's free", 0, "free"), ("nothing.", 0, "free"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_they_are_written(written: str, pence: int, shown: str) -> None:
    assert amounts.read_cost(written) == pence
    assert amounts.cost_in_words(pence) == shown


@pytest.mark.parametrize("written", ["a lot", "-5", "12,34", "£1.234", "100-150", "£120 or so each", "9" * 10_000, "£"])
def test_what_is_no_amount_is_asked_about(written: str) -> None:
    assert amounts.read_cost(written) is None


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("2h", 2), ("2", 2), ("2.5 hours", 2.5), ("90 minutes", 1.5), ("1h30", 1.5), ("1 h 15 min", 1.25),
        ("1 hour and 30 minutes", 1.5), ("half a day", 3.7), ("a day", 7.4), ("2 days", 14.8), ("1½ days", 11.1),
        ("½ h", 0.5),
    ],
)  # fmt: skip
def test_lengths_are_read_as_they_are_written(written: str, hours: float) -> None:
    days = amounts.read_length(written, 7.4)
    assert days is not None
    assert round(days * 7.4, 6) == hours


@pytest.mark.parametrize("written", ["long", "0", "-1", "2 weeks", "9" * 500, "a day or two", "0 minutes"])
def test_what_is_no_length_is_asked_about(written: str) -> None:
    assert amounts.read_length(written, 7.4) is None


@pytest.mark.parametrize(
    ("days", "shown"),
    [(0.5, "half a day"), (1, "1 day"), (1.5, "1.5 days"), (2 / 7.4, "2 hours"), (1.25 / 7.4, "1.25 hours"),
     (0.75 / 7.4, "45 minutes")],
)  # fmt: skip
def test_lengths_are_worded_in_days_or_else_in_hours(days: float, shown: str) -> None:
    assert amounts.length_in_words(days, 7.4) == shown


def facts_on(chat: Chat, who: str) -> dict[str, str]:
    parts = chat.seen(who)[-1].message.parts
    return {label: words for part in parts if isinstance(part, Facts) for label, words in part.pairs}


def aim(chat: Chat, who: str, words: str, state: str = "open") -> Target:
    person = chat.person(who)

    def work(session: object) -> Target:
        target = Target(owner_id=person.id, year=date(2025, 9, 1), words=KEYRING.seal(person.id, person.key, words),
                        made_at=NOW, changed_at=NOW, state=state)  # fmt: skip
        session.add(target)  # type: ignore[attr-defined]
        return target

    return chat.database.run(work)


def test_everything_can_be_told_and_is_shown_to_its_owner(chat: Chat) -> None:
    target = aim(chat, "Amina", "Write case notes the same day")
    on_a_course(chat)
    assert facts_on(chat, "Amina") == {}
    chat.press("Amina", "More about it")
    chat.submit("Amina", kind="shadowing", need="role", target=str(target.id), provider="Bitterne CE Primary",
                booking="booked", job="off", length="3h", cost="£120.50", accredited="10 CPD points")  # fmt: skip
    assert facts_on(chat, "Amina") == {
        "Kind": "Shadowing somebody at work", "Need": "A new or changed role",
        "Target": "Write case notes the same day", "Provider": "Bitterne CE Primary", "Booking": "booked",
        "Cost": "£120.50", "Accredited": "10 CPD points",
    }  # fmt: skip
    assert "Thu 12 Mar 2026, 3 hours." in chat.last("Amina")
    (course,) = courses_of(chat, "Amina")
    assert (course.kind, course.cost, course.target_id) == ("shadowing", 12050, target.id)
    assert course.provider is not None
    assert b"Bitterne" not in course.provider
    chat.press("Amina", "More about it")
    filled = {one.name: one.value for one in chat.form("Amina").fields}
    assert filled["cost"] == "£120.50"
    assert filled["length"] == "3 hours"
    chat.submit("Amina", cost="", kind="", target="", provider="", accredited="", booking="", need="")
    assert facts_on(chat, "Amina") == {}
    assert "3 hours" in chat.last("Amina")


def test_nothing_is_required_and_an_empty_form_changes_nothing(chat: Chat) -> None:
    before = on_a_course(chat)
    chat.press("Amina", "More about it")
    chat.submit("Amina")
    after = courses_of(chat, "Amina")[0]
    assert (after.days, after.kind, after.cost, after.off_the_job) == (before.days, "", None, True)
    assert "Noted." in chat.last("Amina")


def test_a_kind_of_ones_own_is_kept_in_ones_own_words(chat: Chat) -> None:
    on_a_course(chat)
    chat.press("Amina", "More about it")
    assert isinstance(chat.submit("Amina", kind="other"), FixAnswers)
    assert "what it is" in chat.problems("Amina")["kind_words"]
    chat.submit("Amina", kind_words="Forest school <!channel>")
    assert facts_on(chat, "Amina") == {"Kind": "Forest school <!channel>"}
    course = courses_of(chat, "Amina")[0]
    assert course.kind == ""
    assert course.kind_words is not None
    assert b"Forest" not in course.kind_words
    chat.press("Amina", "More about it")
    assert {one.name: one.value for one in chat.form("Amina").fields}["kind"] == "other"
    chat.submit("Amina", kind="reading")  # chosen after all: the words above it no longer count
    assert facts_on(chat, "Amina") == {"Kind": "Reading"}


def test_mistakes_are_named_beside_their_fields_and_the_typing_is_kept(chat: Chat) -> None:
    on_a_course(chat)
    chat.press("Amina", "More about it")
    reply = chat.submit("Amina", cost="a lot", length="3 days", provider="x" * 201, accredited="NPQH")
    assert isinstance(reply, FixAnswers)
    assert "£120, 120.50 or free" in chat.problems("Amina")["cost"]
    assert "longer than its days" in chat.problems("Amina")["length"]
    assert "200 characters" in chat.problems("Amina")["provider"]
    assert {one.name: one.value for one in chat.form("Amina").fields}["accredited"] == "NPQH"
    chat.submit("Amina", cost="85", length="", provider="Solent")
    assert facts_on(chat, "Amina") == {"Provider": "Solent", "Cost": "£85", "Accredited": "NPQH"}


def test_what_is_learned_on_the_job_counts_for_itself_and_not_towards_the_days_owed(chat: Chat) -> None:
    chat.say("Amina", "I was on First aid on 12 February")
    assert days_of(chat, "Amina") == 1
    chat.say("Amina", "my courses")
    chat.press("Amina", "Open")
    chat.press("Amina", "More about it")
    chat.submit("Amina", job="on")
    assert facts_on(chat, "Amina") == {"Counts": "on the job"}
    assert days_of(chat, "Amina") == 0


def test_changing_the_name_leaves_the_length_alone(chat: Chat) -> None:
    on_a_course(chat)
    chat.press("Amina", "More about it")
    chat.submit("Amina", length="2h")
    chat.press("Amina", "Change")
    chat.submit("Amina", title="Safeguarding level 3")
    assert "Safeguarding level 3: Thu 12 Mar 2026, 2 hours." in chat.last("Amina")


def test_only_ones_own_open_targets_can_be_chosen(chat: Chat) -> None:
    bens, met = aim(chat, "Ben", "Ben's own"), aim(chat, "Amina", "Done with", state="met")
    on_a_course(chat)
    chat.press("Amina", "More about it")
    assert "target" not in {one.name for one in chat.form("Amina").fields}
    mine = aim(chat, "Amina", "Case notes")
    chat.press("Amina", "More about it")
    (asked,) = (one for one in chat.form("Amina").fields if one.name == "target")
    assert [option.label for option in asked.options] == ["Case notes"]
    for stranger in (bens, met):
        chat.submit("Amina", target=str(stranger.id))
        assert courses_of(chat, "Amina")[-1].target_id is None
        chat.press("Amina", "More about it")
    chat.submit("Amina", target=str(mine.id))
    assert courses_of(chat, "Amina")[-1].target_id == mine.id


def test_whoever_it_is_accounted_to_sees_nothing_of_cost_and_kind(chat: Chat) -> None:
    chat.say("Ben", "hello")
    reflected(chat)
    chat.press("Amina", "More about it")
    chat.submit("Amina", kind="external", cost="£999")
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    assert "Ten real cases" in chat.last("Ben")
    assert "999" not in chat.screen_of("Ben")


@pytest.mark.parametrize("who", ["Ola", "Ben", "Cora"])
def test_nobody_else_opens_or_changes_the_details(chat: Chat, who: str) -> None:
    course = on_a_course(chat)
    chat.tap(who, "courses.more", course.id)
    assert "can't find that" in chat.last(who)
    assert chat.form(who) is None


# ------------------------------------------------------------------------------------------------- kinds in a sentence


@pytest.mark.parametrize(
    ("said", "title", "kind", "days"),
    [
        ("I'm shadowing Dee at Bitterne next Thursday morning", "Shadowing Dee at Bitterne", "shadowing", 0.5),
        ("On 12 March I'm shadowing the head of year", "Shadowing the head of year", "shadowing", 1),
        ("I shadowed Dee at Bitterne on 26 February", "Shadowed Dee at Bitterne", "shadowing", 1),
        ("I'm going to the SEND conference on 12 March", "the SEND conference", "conference", 1),
        ("course: Phonics webinar, 12 March", "Phonics webinar", "distance", 1),
        ("course: Mentoring conference, 12 March", "Mentoring conference", "", 1),  # two kinds: not guessed
        ("I'm on Safeguarding level 2 next Thursday", "Safeguarding level 2", "", 1),
    ],
)
def test_a_kind_that_the_sentence_names_is_noted(chat: Chat, said: str, title: str, kind: str, days: float) -> None:
    chat.say("Amina", said)
    (course,) = courses_of(chat, "Amina")
    assert titles_of(chat, "Amina") == [title]
    assert (course.kind, course.days) == (kind, days)
    chat.say("Amina", "my courses")
    chat.press("Amina", "Open")
    assert facts_on(chat, "Amina") == ({"Kind": chat.policy.courses.activity(kind)} if kind else {})


def test_shadowing_without_a_day_is_asked_for_one(chat: Chat) -> None:
    assert isinstance(chat.say("Amina", "I'm shadowing Dee at Bitterne"), OpenForm)
    assert courses_of(chat, "Amina") == []


# ----------------------------------------------------------------------------------------------------------- numbers


def tell(chat: Chat, who: str, kind: str, *, cost: int | None = None, worth: int | None = None,
         off_the_job: bool = True) -> None:  # fmt: skip
    person = chat.person(who)
    course = Course(owner_id=person.id, title=KEYRING.seal(person.id, person.key, "Secret title"), days=0.5, kind=kind,
                    starts_on=date(2026, 2, 3), ends_on=date(2026, 2, 3), made_at=NOW, state="attended", cost=cost,
                    worth=worth, need="role", off_the_job=off_the_job)  # fmt: skip
    chat.database.run(lambda session: session.add(course))


def lines_of(chat: Chat, who: str) -> list[tuple[str, ...]]:
    return [row for part in chat.seen(who)[-1].message.parts if isinstance(part, Table) for row in part.rows]


def newcomers(chat: Chat, many: int) -> None:
    new = [Person(name=f"New {n}", email=f"new{n}@example.org", key=KEYRING.new_person_key()) for n in range(many)]
    chat.database.run(lambda session: session.add_all(new))


def overview(chat: Chat) -> list[tuple[str, ...]]:
    chat.say("Cora", "courses overview")
    return lines_of(chat, "Cora")


FIVE = ("Ola", "Amina", "Ben", "Chloe", "Dan")


def test_the_coordinator_sees_lines_costs_and_averages_of_five_people_or_more_only(chat: Chat) -> None:
    newcomers(chat, 1)  # ten people: five of them, and five others
    for who in FIVE[:4]:
        tell(chat, who, "reading", cost=1000, worth=3)
        tell(chat, who, "reading", cost=1000, worth=3)
    assert overview(chat) == []
    assert "Not enough people" in chat.last("Cora")
    tell(chat, "Dan", "reading")  # five people, of whom four gave a cost and a number
    need = "A new or changed role"
    assert overview(chat) == [("Reading", "5", "9", "4.5", "–", "–"), (need, "5", "9", "4.5", "–", "–")]
    tell(chat, "Dan", "reading", cost=2050, worth=5)
    assert overview(chat)[0] == ("Reading", "5", "10", "5", "£100.50", "3.2 of 5")
    assert "Secret title" not in chat.screen_of("Cora")
    assert "Dan" not in chat.last("Cora")


def test_one_visit_cannot_be_had_by_taking_the_lines_by_kind_from_the_lines_by_need(chat: Chat) -> None:
    """Nine activities by kind and ten by need would say what the tenth cost, and what Dan thought of it."""
    newcomers(chat, 1)
    for who in FIVE:
        tell(chat, who, "reading", cost=1000, worth=3)
    tell(chat, "Dan", "visit", cost=5, worth=1)
    together = ("5", "6", "3", "£50.05", "2.7 of 5")
    assert overview(chat) == [("Together", *together), ("A new or changed role", *together)]


def test_parts_of_four_take_the_smallest_other_with_them_and_the_rest_is_shown(chat: Chat) -> None:
    """Whoever takes all that is shown from what is together has what at least five people did."""
    newcomers(chat, 6)
    everybody = [name.split()[0] for name, _, _ in ROSTER]
    for who in everybody:
        tell(chat, who, "reading", cost=1000, worth=3)
        tell(chat, who, "reading")
    for who in everybody[:6]:
        tell(chat, who, "coaching", cost=2000)
    for who in everybody[:4]:
        tell(chat, who, "visit", cost=4444)
    assert overview(chat)[:2] == [
        ("Reading", "9", "18", "9", "£90", "3.0 of 5"),
        ("Together", "9", "28", "14", "£387.76", "3.0 of 5"),
    ]


def test_how_many_did_something_never_says_that_a_few_of_all_did_nothing(chat: Chat) -> None:
    for count, who in enumerate([name.split()[0] for name, _, _ in ROSTER], 1):
        tell(chat, who, "reading")
        lines = overview(chat)
        if count >= 5:  # nine people are on the roster, and the coordinator knows it
            assert lines[0] == ("Reading", "9" if count == 9 else "–", str(count), f"{count / 2:g}", "–", "–")


def test_what_was_free_for_five_is_free_and_what_nobody_told_is_not(chat: Chat) -> None:
    newcomers(chat, 1)
    for who in FIVE:
        tell(chat, who, "reading", cost=0)
    assert overview(chat)[0][4] == "free"


def test_days_on_the_job_of_a_few_are_left_out_as_they_are_of_the_yearly_report(chat: Chat) -> None:
    """The days off the job are in other numbers: taken from all days, they would say what these few did."""
    newcomers(chat, 1)
    for who in FIVE:
        tell(chat, who, "reading")
    tell(chat, "Dan", "reading", off_the_job=False)
    assert overview(chat)[0][1:4] == ("5", "5", "2.5")
    for who in FIVE[:4]:
        tell(chat, who, "reading", off_the_job=False)
    assert overview(chat)[0][1:4] == ("5", "10", "5")


def test_the_overview_is_the_coordinators(chat: Chat) -> None:
    chat.say("Ola", "courses overview")
    assert "isn't something you can do here" in chat.last("Ola")

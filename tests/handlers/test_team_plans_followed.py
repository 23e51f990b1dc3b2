"""How a team's plan goes: asked once a term, put off, declined, never on leave; told; gone on with the year after."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import Event, FixAnswers, OpenForm, Place, plain
from bot.console import buttons_of, direct_chat
from storage import team_plans
from storage.models import DevelopmentPlan, Owed, PlanItem, PlanItemStep, Review, Team
from tests.conftest import KEYRING, NOW, Chat, at_once
from tests.planning import YEAR, add, agree_to_it, agreed, begin, found, items, needs, plan, propose

ASKED = "How does your team's plan for 2025/26 go?"
SUMMER = datetime(2026, 6, 22, 12, 0, tzinfo=UTC)  # the Monday after 20 June, from which the policy asks


def asked(chat: Chat, who: str = "Ola") -> int:
    """How often the question is on somebody's screen."""
    return chat.screen_of(who).count(ASKED)


def sent(chat: Chat, notice: str = team_plans.FOLLOW_UP) -> list[Owed]:
    return chat.rows(select(Owed).where(Owed.notice == notice, Owed.state == "sent", Owed.changes.is_(None)))


def steps(chat: Chat) -> list[PlanItemStep]:
    return chat.rows(select(PlanItemStep).order_by(PlanItemStep.id))


def words(sealed: bytes | None) -> str:
    return KEYRING.open_for_organisation(sealed) if sealed is not None else ""


# ---------------------------------------------------------------------------------------------------------- once a term


def test_the_lead_is_asked_once_on_a_working_morning_of_the_term(chat: Chat) -> None:
    agreed(chat, "First", "Second")
    chat.wait_until(datetime(2026, 6, 22, 8, 29, tzinfo=UTC))
    assert asked(chat) == 0  # 10 March was a week after it was agreed: a plan settles first
    chat.wait_until(SUMMER)
    card = plain(chat.seen("Ola")[-1].message)
    assert card.startswith(ASKED)
    assert "1. First (not begun)" in card
    assert "once a term" in card
    chat.wait_until(datetime(2026, 8, 20, tzinfo=UTC))
    assert len(sent(chat)) == 1
    assert sent(chat)[0].sent_at == datetime(2026, 6, 22, 8, 30, tzinfo=UTC)


def test_each_item_is_marked_with_a_tap_and_what_was_dropped_needs_a_reason(chat: Chat) -> None:
    agreed(chat, "First", "Second", "Third")
    chat.wait_until(SUMMER)
    first, second, third = items(chat)
    chat.press("Ola", "Under way")  # the first of the card: in place
    assert "1. First (under way)" in chat.last("Ola")
    tap(chat, "done", second.id)
    assert "2. Second" not in chat.last("Ola")
    opened = press_form(chat, third.id)
    assert "Third" in opened.form.intro[0].plain()
    fixed = chat.submit("Ola", state="dropped", words="")
    assert isinstance(fixed, FixAnswers)
    assert "why" in fixed.problems["words"]
    chat.submit("Ola", state="dropped", words="The schools do it themselves now")
    assert [item.state for item in items(chat)] == ["under_way", "done", "dropped"]
    assert words(items(chat)[2].why) == "The schools do it themselves now"
    assert [step.state for step in steps(chat)] == ["under_way", "done", "dropped"]
    assert first.id == items(chat)[0].id
    assert asked(chat) == 1


def tap(chat: Chat, state: str, item: int) -> None:
    """The button beside that item on the card."""
    posted = chat.seen("Ola")[-1]
    button = next(one for one in buttons_of(posted.message)
                  if one.about == item and one.value.startswith(state))  # fmt: skip
    chat.run(chat.visitor("Ola").tap(button, place_of(chat, posted.id)))


def press_form(chat: Chat, item: int) -> OpenForm:
    posted = chat.seen("Ola")[-1]
    button = next(one for one in buttons_of(posted.message) if one.about == item and one.opens_form)
    opened = chat.run(chat.visitor("Ola").tap(button, place_of(chat, posted.id)))
    assert isinstance(opened, OpenForm)
    return opened


def place_of(chat: Chat, message: str) -> Place:
    return replace(direct_chat(chat.email("Ola")), message=message)


def test_it_is_put_off_for_two_weeks_and_asked_once_more(chat: Chat) -> None:
    agreed(chat)
    chat.wait_until(SUMMER)
    chat.press("Ola", "Ask me in two weeks")
    assert "I’ll ask again on Mon 6 Jul" in chat.last("Ola")
    chat.wait_until(datetime(2026, 7, 5, tzinfo=UTC))
    assert asked(chat) == 0
    chat.wait_until(datetime(2026, 7, 6, 12, tzinfo=UTC))
    assert asked(chat) == 1
    chat.wait_until(datetime(2026, 8, 25, tzinfo=UTC))
    assert len(sent(chat)) == 2


def test_it_is_declined_for_the_term(chat: Chat) -> None:
    agreed(chat)
    chat.wait_until(SUMMER)
    chat.press("Ola", "Not this term")
    assert "don’t ask again this term" in chat.last("Ola")
    chat.wait_until(datetime(2026, 8, 25, tzinfo=UTC))
    assert len(sent(chat)) == 1


def test_each_term_is_asked_about_again(chat: Chat) -> None:
    chat.now = datetime(2025, 10, 6, 9, 0, tzinfo=UTC)
    agreed(chat)
    for asked_by, count in (("2025-12-02", 1), ("2026-03-11", 2), ("2026-06-23", 3)):
        chat.wait_until(datetime.fromisoformat(asked_by).replace(tzinfo=UTC))
        assert len(sent(chat)) == count
        chat.press("Ola", "Not this term")


def test_nobody_is_asked_on_leave_and_the_question_comes_on_the_first_morning_back(chat: Chat) -> None:
    agreed(chat)
    chat.say("Ola", "I'm away 15 June to 3 July")
    chat.wait_until(datetime(2026, 7, 5, tzinfo=UTC))
    assert len(sent(chat)) == 0
    chat.wait_until(datetime(2026, 7, 6, 12, tzinfo=UTC))
    assert [one.sent_at for one in sent(chat)] == [datetime(2026, 7, 6, 8, 30, tzinfo=UTC)]


def test_leave_that_is_told_once_the_question_is_owed_counts_too(chat: Chat) -> None:
    agreed(chat)
    chat.wait_until(datetime(2026, 6, 20, 12, tzinfo=UTC))
    chat.say("Ola", "pause until 29 June")
    chat.wait_until(datetime(2026, 6, 28, tzinfo=UTC))
    assert len(sent(chat)) == 0
    chat.wait_until(datetime(2026, 6, 30, 12, tzinfo=UTC))
    assert len(sent(chat)) == 1


def test_nothing_is_asked_when_nothing_is_open_or_it_is_being_revised(chat: Chat) -> None:
    agreed(chat)
    chat.say("Ola", "team plan")
    chat.choose("Ola", "1.")
    chat.press("Ola", "Done")
    chat.wait_until(datetime(2026, 8, 1, tzinfo=UTC))
    assert sent(chat) == []


def test_a_new_lead_is_asked_and_the_one_before_is_not(chat: Chat) -> None:
    agreed(chat)
    for who in ("Amina",):
        chat.say(who, "hello")
    amina = chat.person("Amina").id
    chat.database.run(lambda session: session.execute(
        update(Team).where(Team.name == "Children's Services").values(lead_id=amina)))  # fmt: skip
    chat.wait_until(SUMMER)
    assert (asked(chat, "Amina"), asked(chat, "Ola")) == (1, 0)


# ------------------------------------------------------------------------------------------------ whoever leads an item


def test_whoever_leads_an_item_notes_how_it_stands_and_the_channel_hears_nothing(chat: Chat) -> None:
    begin(chat)
    add(chat, "Hers", leads=str(chat.person("Amina").id))
    add(chat, "Not hers")
    propose(chat)
    agree_to_it(chat)
    before = [plain(one.message) for one in chat.seen("Farid", in_channel="team")]
    chat.say("Amina", "our plan")
    assert "You lead one of these. How does it stand?" in chat.last("Amina")
    chat.press("Amina", "Under way")
    assert [item.state for item in items(chat)] == ["under_way", "open"]
    chat.tap("Amina", "team_plans.noted", items(chat)[1].id, "done:")
    chat.tap("Ben", "team_plans.noted", items(chat)[0].id, "done:")
    assert [item.state for item in items(chat)] == ["under_way", "open"]
    assert [plain(one.message) for one in chat.seen("Farid", in_channel="team")] == before
    chat.say("Amina", "our plan")
    chat.press("Amina", "Dropped, or say more")
    chat.submit("Amina", state="under_way", words="Half of us have been there")
    assert "Half of us have been there" in chat.last("Amina")
    assert "Mon 2 Mar 2026: under way (Amina Khan)" in chat.last("Amina")


def test_tapping_done_twice_at_once_is_one_step(chat: Chat) -> None:
    agreed(chat)
    ola = chat.visitor("Ola").account
    events = [Event(key, ola, direct_chat(ola.user), "tap", "team_plans.noted", items(chat)[0].id, "done:")
              for key in "abcd"]  # fmt: skip
    at_once(*(lambda one=one: chat.dispatcher.handle(one, NOW) for one in events))
    assert [step.state for step in steps(chat)] == ["done"]


def test_the_team_is_told_once_and_only_what_is_new(chat: Chat) -> None:
    agreed(chat, "First", "Second.")
    chat.say("Ola", "team plan")
    assert "[Tell the team]" not in chat.last("Ola")
    chat.choose("Ola", "1.")
    chat.press("Ola", "Under way")
    chat.press("Ola", "Done")
    chat.press("Ola", "Back to the plan")
    assert "2 changes were noted that the team was not told of" in chat.last("Ola")
    about = plan(chat).id
    chat.press("Ola", "Tell the team")
    chat.tap("Ola", "team_plans.tell", about)
    told = [plain(one.message) for one in chat.seen("Farid", in_channel="team")[1:]]
    assert told == ["How our plan goes:\nFirst: done"]
    chat.wait(minutes=1)
    chat.say("Ola", "team plan")
    chat.choose("Ola", "2.")
    chat.press("Ola", "Dropped, or say more")
    chat.submit("Ola", state="dropped", words="No time")
    chat.press("Ola", "Back to the plan")
    chat.press("Ola", "Tell the team")
    told = [plain(one.message) for one in chat.seen("Farid", in_channel="team")[1:]]
    assert told[1:] == ["How our plan goes:\nSecond: dropped\n> No time"]


def test_one_card_says_that_the_team_is_told_and_no_other_is_the_same(chat: Chat) -> None:
    agreed(chat)
    chat.wait_until(SUMMER)
    chat.press("Ola", "Under way")
    chat.press("Ola", "Open the plan")  # which stands in an earlier card as well, since it was agreed
    earlier = chat.seen("Ola")[:-1]
    chat.press("Ola", "Tell the team")
    assert "Your team is told in the thread of the plan." in chat.last("Ola")
    assert chat.screen_of("Ola").count("Development plan of") == 1
    assert any(plain(one.message).startswith("Your team's plan is in another message of mine") for one in earlier)
    assert "[Tell the team]" not in chat.screen_of("Ola")


def test_the_card_that_was_tapped_is_the_one_that_stays(chat: Chat) -> None:
    agreed(chat)
    chat.say("Ola", "team plan")
    first = chat.seen("Ola")[-1]
    chat.tap("Ola", "team_plans.noted", items(chat)[0].id, "under_way:")
    chat.say("Ola", "team plan")
    second = chat.seen("Ola")[-1]
    tell = next(button for button in buttons_of(first.message) if button.label == "Tell the team")
    chat.run(chat.visitor("Ola").tap(tell, replace(direct_chat(chat.email("Ola")), message=first.id)))
    assert "Your team is told" in plain(first.message)
    assert plain(second.message).startswith("Your team's plan is in another message")
    changes = len(chat.rows(select(Owed.id).where(Owed.notice == team_plans.LEAD_BEFORE, Owed.state == "sent")))
    chat.tap("Ola", "team_plans.noted", items(chat)[0].id, "done:")
    chat.run(chat.visitor("Ola").tap(tell, replace(direct_chat(chat.email("Ola")), message=first.id)))
    assert len(chat.rows(select(Owed.id).where(Owed.notice == team_plans.LEAD_BEFORE, Owed.state == "sent"))) == changes


def test_the_question_that_was_tapped_says_it_and_stays_the_question(chat: Chat) -> None:
    agreed(chat, "First", "Second")
    chat.wait_until(SUMMER)
    chat.press("Ola", "Under way")
    chat.press("Ola", "Tell the team")
    assert plain(chat.seen("Ola")[-1].message).startswith("Your team is told in the thread of the plan.\n" + ASKED)
    assert chat.screen_of("Ola").count("Your team is told") == 1
    assert chat.screen_of("Ola").count("Development plan of") == 1
    assert "[Tell the team]" not in chat.screen_of("Ola")
    chat.press("Ola", "Not this term")
    assert "don’t ask again this term" in chat.last("Ola")


def test_how_it_goes_is_not_noted_before_the_plan_is_agreed(chat: Chat) -> None:
    begin(chat)
    add(chat, "First")
    chat.tap("Ola", "team_plans.noted", items(chat)[0].id, "done:")
    assert "once the plan is agreed" in chat.last("Ola")
    assert items(chat)[0].state == "open"


# --------------------------------------------------------------------------------------------------- a plan is expected


def hello(chat: Chat) -> None:
    chat.say("Ola", "hello")


def test_a_month_after_a_review_its_lead_is_asked_once_for_a_plan(chat: Chat) -> None:
    hello(chat)
    found(chat, "We found it", closed=NOW)
    chat.wait_until(NOW + timedelta(days=29))
    assert sent(chat, team_plans.EXPECTED) == []
    chat.wait_until(NOW + timedelta(days=31))
    assert "What do you make of your review, “Spring review”?" in chat.last("Ola")
    chat.press("Ola", "Ask me in two weeks")
    chat.wait_until(NOW + timedelta(days=50))
    assert len(sent(chat, team_plans.EXPECTED)) == 2
    chat.press("Ola", "No plan this year")
    chat.wait_until(NOW + timedelta(days=150))
    assert len(sent(chat, team_plans.EXPECTED)) == 2


def test_who_begins_a_plan_in_time_is_not_asked_for_one(chat: Chat) -> None:
    hello(chat)
    found(chat, "We found it", closed=NOW)
    chat.wait(days=10)
    begin(chat)
    chat.wait(days=60)
    assert sent(chat, team_plans.EXPECTED) == []


def test_a_review_in_between_and_an_old_one_are_not_asked_about(chat: Chat) -> None:
    hello(chat)
    found(chat, "Old", closed=NOW - timedelta(days=120))
    number = found(chat, "In between", closed=NOW)
    chat.database.run(lambda session: session.execute(
        update(Review).where(Review.id == number).values(yearly=False)))  # fmt: skip
    chat.wait(days=60)
    assert sent(chat, team_plans.EXPECTED) == []


def test_declining_after_putting_it_off_holds(chat: Chat) -> None:
    hello(chat)
    found(chat, "We found it", closed=NOW)
    chat.wait_until(NOW + timedelta(days=31))
    review = chat.rows(select(Review.id))[0]
    chat.press("Ola", "Ask me in two weeks")
    chat.tap("Ola", "team_plans.not_expected", review)
    chat.wait(days=60)
    assert len(sent(chat, team_plans.EXPECTED)) == 1


# ------------------------------------------------------------------------------------------------------- the year after


def test_open_items_go_on_in_the_next_years_plan_and_the_old_one_ends_with_its_agreement(chat: Chat) -> None:
    begin(chat)
    add(chat, "Going on", who_for="all", cost="£5", leads=str(chat.person("Amina").id), theme="digital")
    add(chat, "Done with")
    add(chat, "Left open")
    propose(chat)
    agree_to_it(chat)
    chat.tap("Ola", "team_plans.noted", items(chat)[0].id, "under_way:")
    chat.tap("Ola", "team_plans.noted", items(chat)[1].id, "done:")
    chat.say("Ola", "team plan")
    assert "Begin the plan of" not in chat.last("Ola")
    chat.wait_until(datetime(2026, 6, 8, 12, tzinfo=UTC))
    chat.say("Ola", "team plan")
    chat.press("Ola", "Begin the plan of 2026/27")
    assert "Going on (under way)" in chat.last("Ola")
    assert "Done with" not in chat.last("Ola")
    opened = chat.press("Ola", "Choose what goes in")
    assert isinstance(opened, OpenForm)
    assert [field.label for field in opened.form.fields] == ["Going on from last year"]
    chat.submit("Ola", last=opened.form.fields[0].options[0].value)
    following = date(2026, 9, 1)
    (item,) = items(chat, following)
    old = items(chat, YEAR)[0]
    assert (item.from_id, item.state, item.cost, item.theme, item.leads_id) == (
        old.id, "under_way", 500, "digital", chat.person("Amina").id
    )  # fmt: skip
    assert "from the team, going on from last year" in chat.last("Ola")
    chat.say("Amina", "team plan")
    assert "2025/26" in chat.last("Amina")  # next year's is a draft still
    chat.press("Ola", "Show what the team will see")
    chat.press("Ola", "Propose it in #team")
    agree_to_it(chat)
    assert (plan(chat, YEAR).state, plan(chat, following).state) == ("ended", "agreed")
    assert "has ended" in chat.screen_of("Farid", in_channel="team").split("---")[0]
    chat.say("Amina", "team plan")
    assert "2026/27" in chat.last("Amina")
    chat.press("Amina", "Plan of 2025/26")
    assert "Done with" in chat.last("Amina")


def test_a_plan_ends_with_its_year(chat: Chat) -> None:
    agreed(chat, "First")
    chat.wait_until(datetime(2026, 9, 2, tzinfo=UTC))
    assert plan(chat).state == "ended"
    chat.say("Ola", "team plan")
    assert "has no development plan for 2026/27 yet" in chat.last("Ola")
    chat.press("Ola", "Plan of 2025/26")
    assert "First" in chat.last("Ola")
    assert "[Under way]" not in chat.last("Ola")
    chat.tap("Ola", "team_plans.noted", items(chat)[0].id, "done:")
    assert "has ended" in chat.last("Ola")
    chat.say("Ola", "team plan")
    chat.press("Ola", "Begin a draft")
    assert "First (not begun)" in chat.last("Ola")
    assert needs(chat, date(2026, 9, 1)) == []


def test_what_somebody_leads_can_be_asked_for(chat: Chat) -> None:
    """The query for home: open items of agreed plans, what is due first first."""
    begin(chat)
    amina = chat.person("Amina").id
    add(chat, "Later", leads=str(amina), due="30 June")
    add(chat, "Sooner", leads=str(amina), due="30 April")
    add(chat, "No day", leads=str(amina))
    propose(chat)

    def led(session: Session) -> list[str]:
        return [words(item.need) for item in team_plans.led_by(session, amina)]

    assert chat.database.run(led) == []
    agree_to_it(chat)
    assert chat.database.run(led) == ["Sooner", "Later", "No day"]
    assert len(chat.rows(select(PlanItem))) == 3
    assert len(chat.rows(select(DevelopmentPlan))) == 1


def test_a_plan_that_was_never_agreed_ends_with_its_year_and_what_is_in_it_goes_on(chat: Chat) -> None:
    begin(chat)
    add(chat, "Never agreed")
    propose(chat)
    chat.wait_until(datetime(2026, 9, 2, tzinfo=UTC))
    assert plan(chat).state == "ended"
    assert "has ended" in chat.screen_of("Farid", in_channel="team")
    begin(chat)
    assert "Never agreed (not begun)" in chat.last("Ola", in_channel="team")


def test_a_draft_that_was_forgotten_is_lost_to_nobody_but_the_team(chat: Chat) -> None:
    begin(chat)
    add(chat, "Only thought of")
    chat.wait_until(datetime(2026, 9, 2, tzinfo=UTC))
    begin(chat)
    assert "Only thought of (not begun)" in chat.last("Ola", in_channel="team")
    chat.say("Amina", "team plan")
    assert "2025/26" not in chat.last("Amina")


def test_the_next_reviews_card_opens_the_plan(chat: Chat) -> None:
    chat.say("Ola", "review", in_channel="team")
    chat.submit("Ola", names="named")
    assert "[What came of our plan]" not in chat.last("Farid", in_channel="team")
    chat.press("Ola", "Cancel it")
    chat.press("Ola", "Cancel it and destroy")
    agreed(chat, "Run restorative meetings")
    chat.say("Ola", "review", in_channel="team")
    chat.submit("Ola", names="named")
    chat.press("Amina", "What came of our plan", in_channel="team")
    assert "Run restorative meetings (not begun" in chat.last("Amina", in_channel="team")
    chat.press("Farid", "What came of our plan", in_channel="team")
    assert "made by the people of that team" in chat.last("Farid", in_channel="team")


def test_a_plan_begun_towards_the_end_of_the_year_is_for_the_next(chat: Chat) -> None:
    """A review in May leads to a plan for the year from September, not for the three months that are left."""
    chat.wait_until(datetime(2026, 6, 8, 12, tzinfo=UTC))
    chat.say("Ola", "team plan", in_channel="team")
    assert "has no development plan for 2026/27 yet" in chat.last("Ola", in_channel="team")
    chat.press("Ola", "Begin a draft", in_channel="team")
    add(chat, "Something")
    propose(chat)
    chat.say("Amina", "team plan")
    assert "2026/27" in chat.last("Amina")
    agree_to_it(chat)
    assert plan(chat, date(2026, 9, 1)).state == "agreed"
    chat.wait_until(datetime(2026, 9, 3, 12, tzinfo=UTC))
    assert plan(chat, date(2026, 9, 1)).state == "agreed"
    assert sent(chat) == []

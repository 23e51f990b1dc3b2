"""Standards: people count what they learn as evidence, and look at themselves against their post, for themselves."""

from pathlib import Path

import pytest
from sqlalchemy import select

import bot
from bot.chat import Chart, Form, Message, OpenForm, Replace, Say, Table, joined
from bot.console import in_words
from bot.slack.render import forms as slack_forms
from bot.slack.render import messages as slack
from bot.slack.render.limits import Limit
from bot.teams.render import cards as teams
from bot.teams.render import forms as teams_forms
from handlers.standards import fitting
from handlers.standards.fitting import Statement
from storage import self_reviews
from storage.models import Entry, Evidence, Person, SelfRating, SelfReview, StandardItem
from storage.roster import import_roster, read_roster
from storage.standard_files import import_standard, read_standard
from tests.conftest import KEYRING, Chat
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

BUNDLED = Path(bot.__file__).parent / "standards"
POSTS = "name,email,post\nAmina Khan,amina@example.org,Officer\nBen Carter,ben@example.org,Officer\n"


def bring_in(chat: Chat, written: str, *posts: str) -> None:
    file = read_standard(written, is_csv=written.startswith("standard,"))
    chat.database.run(lambda session: import_standard(session, file, chat.now, posts=posts or ("Officer",)))


def hold_posts(chat: Chat) -> None:
    roster = read_roster(POSTS)
    chat.database.run(lambda session: import_roster(session, roster, KEYRING, chat.now, chat.policy))


@pytest.fixture
def officers(chat: Chat) -> Chat:
    """Amina and Ben hold a post with the Welsh standard; nobody else holds one."""
    bring_in(chat, (BUNDLED / "welsh-standard.yaml").read_text("utf-8"))
    hold_posts(chat)
    return chat


def small_standard(version: str, **words: str) -> str:
    rows = ["standard,title,version,code,under,words", f"small,Small,{version},A,,Listening", ",,,B,,Planning"]
    rows += [f",,,{code},{code[0]},{said}" for code, said in words.items()]
    return "\n".join(rows)


def item(chat: Chat, code: str, version: str = "") -> int:
    found = chat.rows(select(StandardItem).where(StandardItem.code == code).order_by(StandardItem.id.desc()))
    return found[-1 if version == "first" else 0].id  # type: ignore[no-any-return]


def counted(chat: Chat, who: str = "Amina") -> set[str]:
    owner = chat.person(who).id
    query = select(StandardItem.code).join(Evidence, Evidence.item_id == StandardItem.id)
    return set(chat.rows(query.where(Evidence.owner_id == owner)))


def offered(form: Form) -> dict[str, str]:
    """The statements to tick, each with its value, by code."""
    return {
        option.label.split()[0]: option.value
        for field in form.fields
        if field.kind == "choices"
        for option in field.options
    }


def ticked(form: Form) -> set[str]:
    values = {value for field in form.fields if field.kind == "choices" for value in field.value.split("\n")}
    return {code for code, value in offered(form).items() if value in values}


# ------------------------------------------------------------------------------------------------------------ the words


@pytest.mark.parametrize(
    ("one", "other"),
    [("listening", "listens"), ("planned", "planning"), ("communicates", "communication"), ("learners", "learner"),
     ("Families", "family"), ("Béla", "bela"), ("explaining", "explains"), ("trusted", "trusting")],
)  # fmt: skip
def test_words_that_differ_only_in_how_they_are_used_are_one(one: str, other: str) -> None:
    assert fitting.stems(one) == fitting.stems(other) != frozenset()


STATEMENTS = [
    Statement(1, "A1", "Listens before giving advice"),
    Statement(2, "A2", "Knows the law and the budget", "Funding, guidance and national priorities"),
    Statement(3, "A3", "Gives feedback that helps others to grow"),
    Statement(4, "B1", "Listens to families, and works with them"),
    Statement(5, "B2", "Knows and helps others"),
]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("Today I learned to listen to a family before saying anything", [4, 1]),
        ("We looked at funding", [2]),
        ("I gave feedback and it helped", [3, 5]),
        ("The weather was fine", []),
        ("Today I learned something about work", []),
        ("", []),
        ("dysgais wrando", []),
    ],
)
def test_suggestions_share_words_with_what_was_kept_the_rarer_the_better(said: str, ids: list[int]) -> None:
    assert fitting.suggested(STATEMENTS, said) == ids


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("a2", [2]),
        ("B1", [4]),
        ("listening", [1, 4]),
        ("budg", [2]),
        ("helps others", [3, 5]),
        ("family", [4]),
        ("guidance", [2]),
        ("sailing", []),
        ("?!", []),
        ("x" * 5_000, []),
    ],
)
def test_part_of_a_statement_or_its_code_finds_it(typed: str, ids: list[int]) -> None:
    assert sorted(fitting.found(STATEMENTS, typed)) == ids


# ------------------------------------------------------------------------------------------------------------- showing


def test_my_standard_shows_areas_evidence_and_whose_it_is(officers: Chat) -> None:
    officers.say("Amina", "my standard")
    shown = officers.last("Amina")
    assert "The Standard, version 1 (our wording), for your post: Officer." in shown
    assert "Personal qualities and values: 20 statements, 0 with evidence" in shown
    assert "Only you can see this" in shown
    assert "the wording is ours" in shown
    officers.choose("Amina", "Personal qualities")
    assert "Q1: Puts the interests of children and young people first" in officers.last("Amina")
    assert "(1 of 2)" in officers.last("Amina")
    officers.press("Amina", "Next page")
    assert "Q20: Looks after own well-being" in officers.last("Amina")
    officers.choose("Amina", "Q16 Brings")
    assert "Nothing counts as evidence yet" in officers.last("Amina")


def test_without_a_standard_it_is_said_who_can_set_one(officers: Chat) -> None:
    for words in ("my standard", "self-review", "evidence for listening"):
        officers.say("Chloe", words)
        assert "No standard is set for your post yet" in officers.last("Chloe")
    officers.say("Chloe", "diary: I listened")
    assert "Evidence for" not in officers.last("Chloe")
    [entry] = officers.rows(select(Entry))
    officers.tap("Chloe", "standards.tag", entry.id, "entry")
    assert "No standard is set for your post yet" in officers.last("Chloe")


# ------------------------------------------------------------------------------------------------------------ evidence


def test_an_entry_is_counted_by_ticking_what_fits_its_words(officers: Chat) -> None:
    officers.say("Amina", "diary: today I learned to listen before I give advice")
    officers.press("Amina", "Evidence for")
    form = officers.form("Amina")
    assert "Q6" in offered(form)
    assert len(offered(form)) <= 5
    assert ticked(form) == set()
    reply = officers.submit("Amina", which=offered(form)["Q6"])
    assert isinstance(reply, Replace)
    assert "Evidence for Q6." in officers.last("Amina")
    assert counted(officers) == {"Q6"}
    officers.say("Amina", "evidence for listens before")
    assert "1 record as evidence" in officers.last("Amina")
    assert "A diary entry, “today I learned to listen before I give advice”" in officers.last("Amina")
    officers.press("Amina", "Open")
    assert "From your diary" in officers.last("Amina")


def test_a_course_counts_by_its_title_and_what_was_written_about_it(officers: Chat) -> None:
    officers.say("Amina", "I was on Coaching skills last Thursday")
    officers.press("Amina", "Write")
    officers.submit("Amina", what="We practised listening", so_what="I give advice too soon", what_next="Wait")
    officers.press("Amina", "Evidence for")
    officers.submit("Amina", which=offered(officers.form("Amina"))["Q6"])
    assert "Evidence for Q6." in officers.last("Amina")
    officers.say("Amina", "evidence for Q6")
    assert "What came of Coaching skills" in officers.last("Amina")


def test_learning_time_counts_too_and_what_the_bot_says_about_it_suggests_nothing(officers: Chat) -> None:
    officers.say("Amina", "log 2h shadowing at Bitterne")
    officers.press("Amina", "Evidence for")
    assert offered(officers.form("Amina")) == {}  # though a statement is about managing time
    officers.submit("Amina", typed="manages time")
    officers.submit("Amina", which1=offered(officers.form("Amina"))["P4"])
    assert "Evidence for P4." in officers.last("Amina")
    officers.press("Amina", "Remove")
    assert officers.rows(select(Evidence)) == []


def test_part_of_a_statement_is_typed_and_nothing_is_guessed(officers: Chat) -> None:
    officers.say("Amina", "diary: a long day, and rain")
    officers.press("Amina", "Evidence for")
    assert "Nothing in it sounds like" in repr(officers.form("Amina"))
    reply = officers.submit("Amina", typed="calm")
    assert isinstance(reply, OpenForm)
    assert counted(officers) == set()
    form = officers.form("Amina")
    assert list(offered(form)) == ["Q10"]
    officers.submit("Amina", typed1="sailing", which1=offered(form)["Q10"])
    again = officers.form("Amina")
    assert "No statement says “sailing”" in repr(again)
    assert ticked(again) == {"Q10"}  # what was ticked stays
    officers.submit("Amina", area2=again.fields[-1].options[0].value)
    third = officers.form("Amina")
    assert list(offered(third)) == ["K1", "K2", "K3", "Q10"]
    assert ticked(third) == {"Q10"}
    officers.submit("Amina", which3=joined([offered(third)["K1"], offered(third)["Q10"]]))
    assert counted(officers) == {"K1", "Q10"}
    assert "Evidence for K1 and Q10." in officers.last("Amina")


def test_evidence_is_taken_back_by_unticking_or_from_the_statement(officers: Chat) -> None:
    officers.say("Amina", "diary: I listened before I gave advice, and stayed calm")
    officers.press("Amina", "Evidence for")
    form = officers.form("Amina")
    officers.submit("Amina", which=joined([offered(form)["Q6"], offered(form)["Q10"]]))
    officers.press("Amina", "Evidence for")
    assert ticked(officers.form("Amina")) == {"Q6", "Q10"}
    officers.submit("Amina", which=offered(officers.form("Amina"))["Q10"])
    assert counted(officers) == {"Q10"}
    officers.say("Amina", "evidence for Q10")
    officers.press("Amina", "Take out")
    assert "Nothing counts as evidence yet" in officers.last("Amina")
    assert counted(officers) == set()
    assert "Evidence for Q10" not in officers.screen_of("Amina")  # the entry's card says so too


def test_counting_the_same_twice_counts_once(officers: Chat) -> None:
    officers.say("Amina", "diary: I listened before I gave advice")
    for _ in range(2):
        officers.press("Amina", "Evidence for")
        officers.submit("Amina", which=offered(officers.form("Amina"))["Q6"])
    assert len(officers.rows(select(Evidence))) == 1


def test_an_entry_that_goes_takes_its_evidence_along(officers: Chat) -> None:
    officers.say("Amina", "diary: I listened before I gave advice")
    officers.press("Amina", "Evidence for")
    officers.submit("Amina", which=offered(officers.form("Amina"))["Q6"])
    officers.press("Amina", "Remove")
    assert officers.rows(select(Evidence)) == []


def test_what_a_form_names_that_is_no_statement_of_ones_own_is_left_out(officers: Chat) -> None:
    bring_in(officers, small_standard("1", A1="Listens", B1="Plans"), "Clerk")
    officers.say("Amina", "diary: I listened before I gave advice")
    officers.press("Amina", "Evidence for")
    officers.submit("Amina", which=joined(["x", "999999", str(item(officers, "A1")), "-1"]))
    assert officers.rows(select(Evidence)) == []


# -------------------------------------------------------------------------------------------------------- self-review


def answer(chat: Chat, who: str = "Amina", **levels: str) -> object:
    """Fill in the open page by code; `rest` is for all others."""
    form = chat.form(who)
    answers = {one.name: levels.get(one.label.split()[0], levels.get("rest", "")) for one in form.fields}
    return chat.submit(who, **answers)


def test_a_self_review_goes_area_by_area_waits_and_is_taken_up_again(officers: Chat) -> None:
    officers.say("Amina", "self-review")
    assert "Knowledge and skills: 0 of 3" in officers.last("Amina")
    officers.press("Amina", "Begin: Knowledge")
    answer(officers, K1="strength", K2="growing")
    assert "Knowledge and skills: 2 of 3" in officers.last("Amina")
    officers.press("Amina", "Not now")
    assert "what you have said stays" in officers.last("Amina")
    officers.wait(days=8)
    asked = [one for one in officers.seen("Amina") if one.message.summary == "Your self-review"]
    assert asked == []  # nobody is asked who did not ask for it
    officers.say("Amina", "self review")
    officers.press("Amina", "Go on: Knowledge")
    assert [one.value for one in officers.form("Amina").fields] == ["strength", "growing", ""]
    answer(officers, K1="strength", K2="need", K3="growing")
    officers.press("Amina", "Go on: Personal")
    assert len(officers.form("Amina").fields) == 20
    answer(officers, rest="strength", Q10="need", Q6="growing")
    officers.press("Amina", "Go on: Professional")
    answer(officers, rest="growing")
    shown = officers.last("Amina")
    assert "How you see yourself against The Standard" in shown
    assert "Knowledge and skills | 1 | 1 | 1" in shown
    assert "Personal qualities and values | 18 | 1 | 1" in shown
    assert "2 needs" in shown
    assert "K2 Knows what helps learners to thrive, and how to tell whether they do (no evidence yet)" in shown
    [review] = officers.rows(select(SelfReview))
    assert review.finished_at == officers.now


def test_a_need_becomes_a_target(officers: Chat) -> None:
    officers.say("Amina", "self-review")
    officers.press("Amina", "Begin")
    answer(officers, K1="strength", K2="need")
    officers.press("Amina", "Finish")
    officers.press("Amina", "Make it a target")
    words = "Knows what helps learners to thrive, and how to tell whether they do (K2)"
    assert officers.form("Amina").fields[0].value == words
    officers.submit("Amina")
    assert words in officers.last("Amina")
    officers.say("Amina", "my plan")
    assert words in officers.last("Amina")


def test_it_can_be_finished_with_what_there_is_and_an_answer_can_be_left_out_again(officers: Chat) -> None:
    officers.say("Amina", "self-review")
    officers.press("Amina", "Begin")
    answer(officers, K1="strength", K2="need")
    officers.press("Amina", "Go on: Knowledge")
    answer(officers, K1="strength")
    assert len(officers.rows(select(SelfRating))) == 1
    officers.press("Amina", "Finish with what there is")
    assert "Not said: 29 statements." in officers.last("Amina")


def test_last_time_stands_beside_it(officers: Chat) -> None:
    for level in ("need", "strength"):
        officers.say("Amina", "self-review")
        if level == "strength":
            officers.press("Amina", "Look again")
        officers.press("Amina", "Begin")
        answer(officers, rest=level)
        officers.press("Amina", "Finish")
        officers.wait(days=2)
    message = officers.seen("Amina")[-1].message
    charts = [part for part in message.parts if isinstance(part, Chart)]
    assert [chart.title for chart in charts] == ["How you see yourself", "Last time, Mon 2 Mar 2026"]
    assert charts[0].series[0] == ("Strength", (3.0, 0.0, 0.0))
    assert charts[1].series[2] == ("Need", (3.0, 0.0, 0.0))
    [table] = [part for part in message.parts if isinstance(part, Table)]
    assert table.rows[0] == ("Knowledge and skills", "3 (0)", "0 (0)", "0 (3)")


def test_a_reminder_is_asked_for_and_comes_once(officers: Chat) -> None:
    officers.say("Amina", "self-review")
    officers.press("Amina", "Not now")
    officers.press("Amina", "Ask me in a week")
    assert "I'll ask you once, on Mon 9 Mar." in officers.last("Amina")
    officers.wait(days=30)
    assert officers.screen_of("Amina").count("You asked me to remind you of this.") == 1


@pytest.mark.parametrize("instead", ["finished", "away"])
def test_no_reminder_comes_when_it_is_done_or_its_owner_is_away(officers: Chat, instead: str) -> None:
    officers.say("Amina", "self-review")
    officers.press("Amina", "Begin")
    answer(officers, K1="need")
    officers.press("Amina", "Not now")
    officers.press("Amina", "Ask me in a week")
    if instead == "finished":
        officers.say("Amina", "self-review")
        officers.press("Amina", "Finish")
    else:
        officers.say("Amina", "I'm away from 9 to 10 March")
    officers.wait(days=10)
    assert "You asked me to remind you" not in officers.screen_of("Amina")


def test_why_somebody_sees_it_so_is_kept_with_the_statement(officers: Chat) -> None:
    officers.say("Amina", "evidence for calm")
    officers.press("Amina", "How I see it")
    officers.submit("Amina", level="superb", words="Mornings are hard")
    assert officers.problems("Amina") == {"level": "Choose one of the three first."}
    officers.submit("Amina", level="growing")  # what was typed is still there
    assert "You see yourself here: growing." in officers.last("Amina")
    assert "> Mornings are hard" in officers.last("Amina")
    officers.say("Amina", "self-review")
    assert "Personal qualities and values: 1 of 20" in officers.last("Amina")
    officers.press("Amina", "Personal")
    answer(officers, Q10="strength")
    officers.say("Amina", "evidence for calm")
    assert "> Mornings are hard" in officers.last("Amina")  # an answer to the page leaves the words
    officers.say("Amina", "self-review")
    officers.press("Amina", "Personal")
    answer(officers)
    officers.say("Amina", "evidence for calm")
    assert "You see yourself here: a strength." in officers.last("Amina")


# ----------------------------------------------------------------------------------------------------------- versions


def test_a_new_version_shows_what_changed_and_keeps_evidence_where_it_was(chat: Chat) -> None:
    bring_in(chat, small_standard("1", A1="Listens", A2="Hears", B1="Plans"))
    hold_posts(chat)
    chat.say("Amina", "diary: I was listening, hearing and planning")
    chat.press("Amina", "Evidence for")
    form = chat.form("Amina")
    chat.submit("Amina", which=joined(offered(form).values()))
    chat.say("Amina", "self-review")
    chat.press("Amina", "Begin")
    answer(chat, A1="strength", A2="need")
    bring_in(chat, small_standard("2", A1="Listens well", B1="Plans", B2="Reviews"))
    chat.say("Amina", "my standard")
    shown = chat.last("Amina")
    assert "Since version 1:" in shown
    assert "New: B2\nReworded: A1\nGone: A2" in shown
    chat.say("Amina", "evidence for A1")
    assert "Reworded in version 2." in chat.last("Amina")
    assert "(counted for version 1)" in chat.last("Amina")
    assert {one.item_id for one in chat.rows(select(Evidence))} == {
        item(chat, "A1", "first"), item(chat, "A2"), item(chat, "B1", "first"),
    }  # fmt: skip
    chat.say("Amina", "self-review")  # what was said goes along where the words are the same
    assert "Listening: 0 of 1\nPlanning: 0 of 2" in chat.last("Amina")
    chat.press("Amina", "Begin")
    answer(chat, A1="growing")
    chat.press("Amina", "Finish")
    assert "Listening | 0 (1) | 1 (0) | 0 (1)" in chat.last("Amina")


def test_answers_of_an_unfinished_self_review_go_along_into_a_new_version(chat: Chat) -> None:
    bring_in(chat, small_standard("1", A1="Listens", B1="Plans"))
    hold_posts(chat)
    chat.say("Amina", "self-review")
    chat.press("Amina", "Begin")
    answer(chat, A1="strength")
    bring_in(chat, small_standard("2", A1="Listens", B1="Plans well"))
    chat.say("Amina", "self-review")
    assert "Listening: 1 of 1\nPlanning: 0 of 1" in chat.last("Amina")


# --------------------------------------------------------------------------------------------------------------- home


def test_home_can_ask_how_far_somebody_is(officers: Chat) -> None:
    def standing(who: str) -> self_reviews.Standing | None:
        person = officers.person(who)
        return officers.database.run(lambda session: self_reviews.standing(session, session.get_one(Person, person.id)))

    assert standing("Chloe") is None
    officers.say("Amina", "diary: I listened before I gave advice")
    officers.press("Amina", "Evidence for")
    officers.submit("Amina", which=offered(officers.form("Amina"))["Q6"])
    officers.say("Amina", "self-review")
    officers.press("Amina", "Begin")
    answer(officers, K1="need")
    assert standing("Amina") == self_reviews.Standing("The Standard", 30, 1, 1, True, None)
    officers.press("Amina", "Finish")
    assert standing("Amina") == self_reviews.Standing("The Standard", 30, 1, 1, False, officers.now)
    shown = officers.open_home("Amina")
    assert "Standard: 1 of 30 statements with evidence; self-review of Mon 2 Mar 2026" in shown
    assert "Standard" not in officers.open_home("Ben")  # nothing is counted out to whoever has not begun
    assert standing("Ben") == self_reviews.Standing("The Standard", 30, 0, 0, False, None)


# ------------------------------------------------------------------------------------------------------------ privacy


def test_nobody_else_sees_or_changes_any_of_it(officers: Chat) -> None:
    officers.say("Amina", "diary: kanarienvogel listens before giving advice")
    officers.press("Amina", "Evidence for")
    officers.submit("Amina", which=offered(officers.form("Amina"))["Q6"])
    officers.say("Amina", "evidence for Q6")
    officers.press("Amina", "How I see it")
    officers.submit("Amina", level="need", words="kanarienvogel")
    [review], [evidence] = officers.rows(select(SelfReview)), officers.rows(select(Evidence))
    hold = "name,email,post\nOla Lead,ola@example.org,Officer\nCora Nator,cora@example.org,Officer\n"
    roster = read_roster(hold)
    officers.database.run(lambda session: import_roster(session, roster, KEYRING, officers.now, officers.policy))
    for who in ("Ben", "Ola", "Cora"):  # the partner, the manager, the coordinator
        for action, about, value in (
            ("standards.tag", evidence.about, "entry"),
            ("standards.tagged", evidence.about, f"entry:{evidence.item_id}:0"),
            ("standards.untag", evidence.id, ""),
            ("standards.again", review.id, ""),
            ("standards.rate", review.id, ""),
            ("standards.rated", review.id, ""),
            ("standards.finish", review.id, ""),
            ("standards.later", review.id, ""),
            ("standards.remind", review.id, ""),
        ):
            reply = officers.tap(who, action, about, value)
            assert isinstance(reply, Say)
            assert "I can't find that any more" in in_words(reply.message) or "isn't something" in in_words(
                reply.message
            )
        officers.tap(who, "standards.statement", evidence.item_id)
        officers.say(who, "my standard")
        officers.say(who, "evidence for Q6")
        assert "kanarienvogel" not in officers.screen_of(who)
        assert "1 record" not in officers.screen_of(who)
        assert "1 with evidence" not in officers.screen_of(who)
    assert counted(officers) == {"Q6"}
    assert officers.rows(select(SelfReview).where(SelfReview.finished_at.is_not(None))) == []


# ------------------------------------------------------------------------------------------------------------- limits


def large(areas: int, per_area: int, length: int) -> str:
    rows = ["standard,title,version,code,under,words,gloss", *[
        f"{'large' if not one else ''},{'Large' if not one else ''},{'1' if not one else ''},A{one},,"
        f"{f'Area {one} '.ljust(120, 'x')},{'g' * 1_000}" for one in range(areas)
    ]]  # fmt: skip
    rows += [f",,,A{one}.{n},A{one},{f'Statement {n} '.ljust(length, 'y')},{'g' * 1_000}"
             for one in range(areas) for n in range(per_area)]  # fmt: skip
    return "\n".join(rows)


@pytest.mark.parametrize(("areas", "per_area", "length"), [(3, 10, 60), (1, 100, 600), (20, 5, 600), (8, 25, 600)])
def test_every_card_and_form_of_a_large_standard_is_within_each_platforms_limits(
    chat: Chat, areas: int, per_area: int, length: int
) -> None:
    bring_in(chat, large(areas, per_area, length))
    hold_posts(chat)
    messages: list[Message] = []

    def shown() -> None:
        messages.append(chat.seen("Amina")[-1].message)

    def formed() -> None:
        form = chat.form("Amina")
        slack_would_take({"blocks": slack_forms.view(form)["blocks"]}, Limit.VIEW_BLOCKS)
        teams_would_take(teams_forms.form_card(form))

    for time in range(2):
        chat.say("Amina", "self-review")
        shown()
        if time:
            chat.press("Amina", "Look again")
        while "Finish with" in chat.last("Amina") or "Begin" in chat.last("Amina"):
            shown()
            chat.press("Amina", "Go on" if "[Go on" in chat.last("Amina") else "Begin")
            formed()
            answer(chat, rest="need")
        chat.wait(days=1)
    shown()
    assert "How you see yourself" in chat.last("Amina")
    chat.say("Amina", "my standard")
    shown()
    chat.choose("Amina", "Area 0")
    shown()
    chat.choose("Amina", "A0.1")
    shown()
    chat.say("Amina", "diary: statement")
    chat.press("Amina", "Evidence for")
    formed()
    form = chat.form("Amina")
    chat.submit("Amina", **{form.fields[-1].name: form.fields[-1].options[0].value})
    formed()
    ticked_all = joined(offered(chat.form("Amina")).values())
    chat.submit("Amina", which1=ticked_all)
    shown()
    chat.say("Amina", "evidence for statement")
    shown()
    for message in messages:
        whole = slack.message(message)
        slack_would_take(whole)
        assert "left out here" not in repr(whole), message.summary
        slack_would_take(slack.message(message, simple=True))
        teams_would_take(teams.card(message, direct=True))

"""Making sense of a review together: marking what matters, writing down what is found, and never one person's doing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.chat import Event, FixAnswers, OpenForm, Quote, Say, Select, joined, plain
from bot.console import Posted, direct_chat
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from bot.teams.render.limits import LIMITS
from handlers.findings import form
from storage import people
from storage.models import (
    Finding,
    FindingSource,
    Look,
    Owed,
    PointMark,
    RefusedAttempt,
    Review,
    ReviewGuest,
    ReviewPoint,
)
from tests.conftest import KEYRING, Chat, at_once
from tests.handlers.test_outcomes import erase
from tests.handlers.test_reviews import TEAM, answer, close_early, every_value, in_the_channel, start


def closed(chat: Chat, names: str = "anonymous", people: tuple[str, ...] = TEAM) -> int:
    """A closed review: everybody wrote something on the first question and rated it."""
    start(chat, names=names)
    for number, who in enumerate(people):
        answer(chat, who, number % 5 + 1, f"words number {number}")
    close_early(chat)
    return chat.rows(select(Review.id))[-1]


def begun(chat: Chat, names: str = "anonymous") -> int:
    about = closed(chat, names)
    chat.press("Ola", "Make sense of it together")
    return about


def review(chat: Chat) -> Review:
    return chat.rows(select(Review))[0]


def card(chat: Chat, title: str) -> Posted:
    """The latest card in the channel whose summary begins so."""
    return [one for one in chat.seen("Farid", in_channel="team") if one.message.summary.startswith(title)][-1]


def points(chat: Chat) -> dict[str, str]:
    """The numbers of the points, as text, by their words."""
    return {opened(chat, point): str(point.id) for point in chat.rows(select(ReviewPoint))}


def opened(chat: Chat, point: ReviewPoint) -> str:
    if point.person_id is None:
        return KEYRING.open_for_organisation(point.words)
    author = next(one for one in map(chat.person, TEAM) if one.id == point.person_id)
    return KEYRING.open(author.id, author.key, point.words)


def mark(chat: Chat, who: str, *numbers: int) -> Any:
    ids = points(chat)
    chat.press(who, "Mark what matters", in_channel="team")
    return chat.submit(who, points=joined(ids[f"words number {number}"] for number in numbers))


def everybody_marks(chat: Chat, people: tuple[str, ...] = TEAM) -> None:
    for number, who in enumerate(people):
        mark(chat, who, 0, (number % 2) + 1)


def write(chat: Chat, words: str, *numbers: int, ratings: str = "") -> Any:
    ids = points(chat)
    chosen = [ids[f"words number {number}"] for number in numbers] + ([f"ratings:{ratings}"] if ratings else [])
    chat.press("Ola", "Write a finding")
    return chat.submit("Ola", points=joined(chosen), words=words)


# ------------------------------------------------------------------------------------------------------------- marking


def test_the_lead_begins_and_the_team_sees_every_point_in_the_thread(chat: Chat) -> None:
    begun(chat)
    shown = card(chat, "Mark what matters")
    assert shown.thread == card(chat, "Closed").id
    quotes = [part for part in shown.message.parts if isinstance(part, Quote)]
    assert {quote.words for quote in quotes} == {f"words number {number}" for number in range(6)}
    assert {quote.by for quote in quotes} == {f"1.{number}" for number in range(1, 7)}
    assert "Nobody sees who marked what" in plain(shown.message)
    assert "[End the marking]" in chat.last("Ola")
    assert review(chat).sense == "marking"


def test_somebody_marks_three_changes_them_and_takes_them_back(chat: Chat) -> None:
    begun(chat)
    assert isinstance(mark(chat, "Amina", 0, 1, 2), Say)
    assert "your marks are kept" in chat.last("Amina", in_channel="team")
    chat.press("Amina", "Change my marks", in_channel="team")
    ids = points(chat)
    assert set(chat.form("Amina").fields[0].value.split("\n")) == {ids[f"words number {number}"] for number in range(3)}
    chat.submit("Amina", points=ids["words number 5"])
    assert [str(row.point_id) for row in chat.rows(select(PointMark))] == [ids["words number 5"]]
    chat.press("Amina", "Change my marks", in_channel="team")
    chat.submit("Amina", points="")
    assert "taken back" in chat.last("Amina", in_channel="team")
    assert chat.rows(select(PointMark)) == []


def test_more_than_three_is_said_kindly_and_what_was_chosen_stays(chat: Chat) -> None:
    begun(chat)
    reply = mark(chat, "Amina", 0, 1, 2, 3)
    assert isinstance(reply, FixAnswers)
    assert "Three say most" in chat.problems("Amina")["points"]
    assert len(chat.form("Amina").fields[0].value.split("\n")) == 4
    assert chat.rows(select(PointMark)) == []
    ids = points(chat)
    chat.submit("Amina", points=joined(ids[f"words number {number}"] for number in (0, 1, 2)))
    assert len(chat.rows(select(PointMark))) == 3


def test_marks_that_are_no_points_of_this_review_count_for_nothing(chat: Chat) -> None:
    begun(chat)
    chat.press("Amina", "Mark what matters", in_channel="team")
    chat.submit("Amina", points=joined(["17", "ratings:purpose", "not a number"]))
    assert chat.rows(select(PointMark)) == []


def test_nothing_of_the_marking_shows_before_it_is_over_but_steps_of_five(chat: Chat) -> None:
    begun(chat)
    before = card(chat, "Mark what matters").message
    everybody_marks(chat, TEAM[:4])
    chat.wait(minutes=1)
    assert card(chat, "Mark what matters").message == before
    mark(chat, "Dan", 3)
    chat.wait(minutes=1)
    assert "At least 5 have marked." in plain(card(chat, "Mark what matters").message)
    five = card(chat, "Mark what matters").message
    mark(chat, "Eve", 3)
    chat.wait(minutes=1)
    assert card(chat, "Mark what matters").message == five
    assert "Amina" not in in_the_channel(chat) + chat.screen_of("Ola")


def test_when_it_ends_the_card_shows_the_points_by_marks_and_who_marked_is_forgotten(chat: Chat) -> None:
    begun(chat)
    everybody_marks(chat)
    chat.press("Ola", "End the marking")
    assert review(chat).sense == "finding"
    assert chat.rows(select(PointMark)) == []
    shown = card(chat, "What mattered").message
    quotes = [(part.words, part.by.split(" · ")[0]) for part in shown.parts if isinstance(part, Quote)]
    assert quotes[0] == ("words number 0", "6 marks")
    assert set(quotes[1:]) == {("words number 1", "3 marks"), ("words number 2", "3 marks")}
    assert "3 more points that nobody marked." in plain(shown)
    assert "[Write a finding]" in chat.last("Ola")
    chat.tap("Amina", "findings.mark", review(chat).id)
    assert "The marking was ended" in chat.last("Amina")


@pytest.mark.parametrize("names", ["anonymous", "named"])
def test_fewer_than_five_who_mark_leave_no_trace_of_what_they_marked(chat: Chat, names: str) -> None:
    begun(chat, names)
    everybody_marks(chat, TEAM[:4])
    chat.press("Ola", "End the marking")
    assert "No marks are shown" in plain(card(chat, "What mattered").message)
    assert {point.marks for point in chat.rows(select(ReviewPoint))} == {0}
    assert chat.rows(select(PointMark)) == []


def test_marking_can_be_left_out(chat: Chat) -> None:
    begun(chat)
    everybody_marks(chat)
    chat.press("Ola", "Leave the marking out")
    assert review(chat).sense == "finding"
    assert {point.marks for point in chat.rows(select(ReviewPoint))} == {0}
    assert chat.rows(select(PointMark)) == []


def test_marking_again_begins_anew_so_that_no_difference_shows_one_persons_marks(chat: Chat) -> None:
    begun(chat)
    everybody_marks(chat)
    chat.press("Ola", "End the marking")
    chat.press("Ola", "Mark again")
    assert review(chat).sense == "marking"
    assert {point.marks for point in chat.rows(select(ReviewPoint))} == {0}
    mark(chat, "Amina", 5)  # the only one who marks again: were the earlier marks still there, hers would stand out
    chat.press("Ola", "End the marking")
    assert {point.marks for point in chat.rows(select(ReviewPoint))} == {0}
    assert "mark ·" not in plain(card(chat, "What mattered").message)


def test_where_marks_could_never_be_shown_there_is_no_marking(chat: Chat) -> None:
    start(chat, "Farid", "named")
    answer(chat, "Grace", 3, "We could share more.")
    close_early(chat, "Farid")
    chat.press("Farid", "Make sense of it together")
    assert review(chat).sense == "finding"
    assert "Mark what matters" not in in_the_channel(chat)
    assert "[Mark again]" not in chat.last("Farid")


def test_where_nothing_may_be_shown_there_is_nothing_to_make_sense_of(chat: Chat) -> None:
    closed(chat, people=TEAM[:4])
    chat.press("Ola", "Make sense of it together")
    assert "Nothing of this review may be shown" in chat.last("Ola")
    assert review(chat).sense == ""


def test_people_who_mark_while_it_is_ended_are_counted_or_told(chat: Chat) -> None:
    about = begun(chat)
    ids = points(chat)
    for who in TEAM:
        chat.say(who, "hello")

    def submits(who: str) -> Any:
        event = Event(f"race {who}", chat.visitor(who).account, direct_chat(chat.email(who)), "submit",
                      "findings.marked", about, answers={"points": ids["words number 0"]})  # fmt: skip
        return lambda: "kept" in str(chat.dispatcher.handle(event, chat.now).reply)

    def ends() -> Any:
        event = Event("race end", chat.visitor("Ola").account, direct_chat(chat.email("Ola")), "tap", "findings.end",
                      about)  # fmt: skip
        return chat.dispatcher.handle(event, chat.now)

    taken = at_once(*map(submits, TEAM[:5]), ends, submits("Eve"))
    counted = sum(one is True for one in taken)
    marks = {point.id: point.marks for point in chat.rows(select(ReviewPoint))}
    assert marks[int(ids["words number 0"])] == (counted if counted >= 5 else 0)
    assert chat.rows(select(PointMark)) == []


def test_somebody_who_is_erased_while_it_goes_on_takes_their_marks_along(chat: Chat) -> None:
    begun(chat)
    everybody_marks(chat)
    erase(chat, "Eve")
    chat.press("Ola", "End the marking")
    assert max(point.marks for point in chat.rows(select(ReviewPoint))) == 5


def test_nobody_is_ever_asked_privately_to_mark(chat: Chat) -> None:
    for who in TEAM:
        chat.say(who, "hello")
    begun(chat)
    chat.wait(days=60)
    assert not any("mark" in chat.screen_of(who).lower() for who in TEAM[1:])
    assert chat.screen_of("Ola").count("End the marking") == 1  # what she asked for herself


# ------------------------------------------------------------------------------------------------------------ findings


def finding(chat: Chat) -> int:
    """Straight to the findings."""
    about = begun(chat)
    chat.press("Ola", "Leave the marking out")
    return about


def test_points_become_a_finding_that_says_what_it_rests_on(chat: Chat) -> None:
    finding(chat)
    write(chat, "We plan alone, each of us.", 0, 3, ratings="purpose")
    shown = card(chat, "Findings of")
    assert shown.thread == card(chat, "Closed").id
    numbers = {one.words: one.by for one in card(chat, "What mattered").message.parts if isinstance(one, Quote)}
    first = next(part for part in shown.message.parts if isinstance(part, Quote))
    assert first.words == "We plan alone, each of us."
    rests = sorted([numbers["words number 0"], numbers["words number 3"]])
    assert first.by == f"Finding 1, from {rests[0]}, {rests[1]} and the ratings of 1"
    left = plain(shown.message).split("Not in a finding yet")[1]
    assert {int(found) for found in re.findall(r"words number (\d)", left)} == {1, 2, 4, 5}
    assert "Kept, and in the thread." in chat.last("Ola")


def test_a_finding_needs_words_and_something_it_rests_on(chat: Chat) -> None:
    finding(chat)
    assert isinstance(write(chat, " ", ratings=""), FixAnswers)
    assert set(chat.problems("Ola")) == {"points", "words"}
    chat.submit("Ola", points=points(chat)["words number 1"], words="w" * 1001)
    assert "1,000" in chat.problems("Ola")["words"]
    chat.submit("Ola", words="We plan alone.")
    assert len(chat.rows(select(Finding))) == 1
    assert len(chat.rows(select(FindingSource))) == 1


def test_everybody_of_the_team_can_see_what_a_finding_rests_on_and_nobody_else(chat: Chat) -> None:
    about = finding(chat)
    write(chat, "We plan alone.", 0, 3, ratings="purpose")
    number = chat.rows(select(Finding.id))[0]
    chat.tap("Amina", "findings.rests_on", about, str(number))
    shown = chat.last("Amina")
    assert "words number 0" in shown
    assert "words number 3" in shown
    assert "words number 1" not in shown
    assert "on average" in shown
    chat.tap("Farid", "findings.rests_on", about, str(number))
    assert "made sense of by that team" in chat.last("Farid")
    assert "words number" not in chat.last("Farid")


def test_the_whole_of_long_words_can_be_read_page_by_page(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, "", f"{number} begins " + "x" * 2900)
    close_early(chat)
    chat.press("Ola", "Make sense of it together")
    chat.press("Ola", "Leave the marking out")
    chat.press("Ola", "Write a finding")
    chat.submit("Ola", points=joined(option.value for option in chat.form("Ola").fields[0].options), words="Long.")
    number = chat.rows(select(Finding.id))[0]
    chat.tap("Amina", "findings.rests_on", review(chat).id, str(number))
    pages = [chat.last("Amina")]
    while "[Read on]" in pages[-1]:
        chat.press("Amina", "Read on")
        pages.append(chat.last("Amina"))
    assert sorted(re.findall(r"(\d) begins x{2900}\n", "\n".join(pages))) == ["0", "1", "2", "3", "4", "5"]


def open_first(chat: Chat) -> None:
    chat.tap("Ola", "findings.open", review(chat).id, str(chat.rows(select(Finding.id))[0]))


def test_a_finding_is_reworded_and_rests_on_other_points(chat: Chat) -> None:
    finding(chat)
    write(chat, "We plan alone.", 0, 3)
    open_first(chat)
    chat.press("Ola", "Change it")
    ids = points(chat)
    filled = {field.name: field.value for field in chat.form("Ola").fields}
    assert filled["words"] == "We plan alone."
    assert set(filled["points"].split("\n")) == {ids["words number 0"], ids["words number 3"]}
    chat.submit("Ola", words="We plan alone, and late.", points=joined([ids["words number 3"], ids["words number 4"]]))
    shown = plain(card(chat, "Findings of").message)
    assert "We plan alone, and late." in shown
    assert "words number 0" in shown.split("Not in a finding yet")[1]
    assert {str(source.point_id) for source in chat.rows(select(FindingSource))} == {
        ids["words number 3"], ids["words number 4"],
    }  # fmt: skip


def test_a_finding_is_taken_apart_only_when_that_is_meant(chat: Chat) -> None:
    finding(chat)
    write(chat, "We plan alone.", 0)
    open_first(chat)
    chat.press("Ola", "Take it apart")
    assert "We plan alone." in chat.last("Ola")
    chat.press("Ola", "Keep it")
    assert len(chat.rows(select(Finding))) == 1
    chat.press("Ola", "Take it apart")
    chat.press("Ola", "Take it apart")
    assert chat.rows(select(Finding)) == []
    assert chat.rows(select(FindingSource)) == []
    assert "words number 0" in plain(card(chat, "Findings of").message)
    chat.tap("Ola", "findings.keep", 1)
    assert "can't find that" in chat.last("Ola")


def test_that_is_all_ends_it_and_it_can_be_taken_up_again(chat: Chat) -> None:
    finding(chat)
    write(chat, "We plan alone.", 0)
    chat.press("Ola", "That's all")
    assert review(chat).sense == "done"
    assert "What we found in Team review 2026" in plain(card(chat, "Findings of").message)
    assert "Not in a finding" in plain(card(chat, "Findings of").message)
    chat.press("Amina", "Our development plan", in_channel="team")
    assert "plan" in chat.last("Amina", in_channel="team").lower()
    chat.tap("Ola", "findings.write", review(chat).id)
    assert "Findings are written after the marking" in chat.last("Ola")
    chat.tap("Ola", "findings.back", review(chat).id)
    assert review(chat).sense == "finding"
    assert "[Write a finding]" in chat.last("Ola")


def test_the_thread_has_three_cards_more_and_no_others(chat: Chat) -> None:
    begun(chat)
    everybody_marks(chat)
    chat.press("Ola", "End the marking")
    before = len(chat.seen("Farid", in_channel="team"))
    write(chat, "We plan alone.", 0)
    write(chat, "We are late.", 1)
    chat.press("Ola", "That's all")
    assert len(chat.seen("Farid", in_channel="team")) == before + 1


def test_words_that_look_like_markup_stay_words(chat: Chat) -> None:
    finding(chat)
    hostile = "<!channel> <@U1> [HR](https://evil) {{DATE()}} {title} **bold**"
    write(chat, hostile, 0)
    quotes = [part.words for part in card(chat, "Findings of").message.parts if isinstance(part, Quote)]
    assert hostile in quotes


def test_a_finding_written_too_late_is_handed_back(chat: Chat) -> None:
    finding(chat)
    chat.press("Ola", "Write a finding")
    chat.database.run(lambda session: session.execute(update(Review).values(sense="done")))
    chat.submit("Ola", points=points(chat)["words number 1"], words="We plan alone, each of us.")
    assert "We plan alone, each of us." in chat.last("Ola")
    assert "written after the marking" in chat.last("Ola")
    assert chat.rows(select(func.count()).select_from(Finding)) == [0]


# ----------------------------------------------------------------------------------------------- who may, and who sees


LEADS = ("begin", "end", "leave_out", "again", "write", "written", "open", "finish", "back")
OF_A_FINDING = ("change", "changed", "apart", "taken_apart", "keep")


@pytest.mark.parametrize("who", ["Amina", "Farid", "Cora"])
def test_only_who_runs_the_review_leads_it_and_others_are_told_kindly(chat: Chat, who: str) -> None:
    """A member, another team's lead, and a coordinator who did not start it."""
    about = finding(chat)
    write(chat, "We plan alone.", 0)
    number = chat.rows(select(Finding.id))[0]
    before = (review(chat).sense, chat.rows(select(Finding.words)))
    for action, subject in [*((one, about) for one in LEADS), *((one, number) for one in OF_A_FINDING)]:
        chat.tap(who, f"findings.{action}", subject, str(number))
        assert "up to the lead of the team" in chat.last(who)
        assert "words number" not in chat.last(who)
    assert (review(chat).sense, chat.rows(select(Finding.words))) == before
    assert len(chat.rows(select(RefusedAttempt))) == len(LEADS + OF_A_FINDING)


def test_an_outsider_in_the_channel_marks_nothing_and_a_guest_does(chat: Chat) -> None:
    about = begun(chat)
    chat.press("Farid", "Mark what matters", in_channel="team")
    assert chat.form("Farid") is None
    assert "made sense of by that team" in chat.last("Farid", in_channel="team")

    def invited(session: Any) -> None:
        session.add(ReviewGuest(review_id=about, person_id=people.by_email(session, "farid@example.org").id))

    chat.database.run(invited)
    mark(chat, "Farid", 0)
    assert len(chat.rows(select(PointMark))) == 1


def test_the_coordinator_who_started_it_may_lead_it(chat: Chat) -> None:
    about = closed(chat)
    cora = chat.person("Cora").id
    chat.database.run(lambda session: session.execute(update(Review).values(opened_by_id=cora)))
    chat.tap("Cora", "findings.begin", about)
    assert "[End the marking]" in chat.last("Cora")
    chat.tap("Ola", "findings.begin", about)
    chat.press("Cora", "End the marking")
    assert "[Write a finding]" in chat.last("Ola")  # whoever else runs it sees where it stands


def test_a_finding_of_another_review_cannot_be_reached_through_this_one(chat: Chat) -> None:
    finding(chat)
    write(chat, "We plan alone.", 0)
    number = chat.rows(select(Finding.id))[0]
    start(chat, "Farid", "named")
    answer(chat, "Grace", 3, "We could share more.")
    close_early(chat, "Farid")
    other = chat.rows(select(Review.id).order_by(Review.id))[-1]
    chat.tap("Farid", "findings.begin", other)
    for action in ("findings.open", "findings.rests_on"):
        chat.tap("Farid", action, other, str(number))
        assert "We plan alone" not in chat.last("Farid")


def test_an_erased_author_takes_their_point_out_of_findings_too(chat: Chat) -> None:
    begun(chat, "named")
    chat.press("Ola", "Leave the marking out")
    write(chat, "We plan alone.", 1)
    assert "words number 1" in in_the_channel(chat)
    erase(chat, "Amina")
    assert "words number 1" not in in_the_channel(chat)
    assert "Amina" not in in_the_channel(chat)
    assert "We plan alone." in in_the_channel(chat)
    chat.tap("Ben", "findings.rests_on", review(chat).id, str(chat.rows(select(Finding.id))[0]))
    assert "Nothing of it is left" in chat.last("Ben")


def test_marking_and_grouping_are_nobodys_reading_and_opening_sources_is(chat: Chat) -> None:
    begun(chat, "named")
    mark(chat, "Ben", 1)
    chat.press("Ola", "Leave the marking out")
    write(chat, "We plan alone.", 1)
    chat.say("Amina", "who has read")
    assert "Ben" not in chat.last("Amina")
    chat.tap("Ben", "findings.rests_on", review(chat).id, str(chat.rows(select(Finding.id))[0]))
    chat.say("Amina", "who has read")
    assert "Ben" in chat.last("Amina")
    assert [look.owner_id for look in chat.rows(select(Look))] == [chat.person("Amina").id]  # hers alone, and once
    chat.tap("Ben", "reviews.read", review(chat).id, "purpose")
    assert len(chat.rows(select(Look))) == 1 + 5  # now everybody's but his own, once each


def test_no_row_and_no_message_says_who_marked_or_wrote_what_when_it_is_over(chat: Chat) -> None:
    begun(chat)
    everybody_marks(chat)
    chat.press("Ola", "End the marking")
    write(chat, "We plan alone.", 0)
    ids = {int(value) for value in points(chat).values()}
    for (table, column), values in every_value(chat.database).items():
        found = [value for value in values if isinstance(value, int) and value in ids]
        assert not found or (table, column) in {("review_point", "id"), ("finding_source", "point_id")}
        assert not any(str(one) in value for one in ids for value in values if isinstance(value, str)), (table, column)
    waiting = [KEYRING.open_for_organisation(row.body) for row in chat.rows(select(Owed)) if row.body]
    assert not any("words number" in body for body in waiting)


# ------------------------------------------------------------------------------------------------------ when it is long


def many_points(chat: Chat, number: int) -> int:
    """A review with `number` points on its first question and as many on its second."""
    about = closed(chat)

    def work(session: Any) -> None:
        for question in ("purpose", "work"):
            for one in range(number):
                words = KEYRING.seal_for_organisation(f"{question} point {one}, " + "w" * 100)
                session.add(ReviewPoint(id=10**12 + len(question) * 10**6 + one, review_id=about, question=question,
                                        words=words))  # fmt: skip

    chat.database.run(work)
    chat.press("Ola", "Make sense of it together")
    return about


def test_more_points_than_one_list_holds_are_chosen_question_by_question(chat: Chat) -> None:
    about = many_points(chat, 100)
    reply = chat.tap("Amina", "findings.mark", about)
    assert isinstance(reply, Say)
    choice = next(part for part in reply.message.parts if isinstance(part, Select))
    assert [option.label.split(" of ")[0] for option in choice.options] == ["1–90", "91–106", "1–90", "91–100"]
    opened_form = chat.choose("Amina", choice.options[0].label)
    assert isinstance(opened_form, OpenForm)
    options = opened_form.form.fields[0].options
    assert len(options) == form.MOST_IN_A_LIST
    chat.submit("Amina", points=joined(option.value for option in options[:2]))
    chat.tap("Amina", "findings.mark", about, choice.options[2].value)
    other = chat.form("Amina").fields[0].options
    assert "You have marked 2 elsewhere." in str([part.plain() for part in chat.form("Amina").intro])
    chat.submit("Amina", points=joined(option.value for option in other[:2]))
    assert "That is 4" in chat.problems("Amina")["points"]
    chat.submit("Amina", points=other[0].value)
    assert len(chat.rows(select(PointMark))) == 3


def test_a_finding_can_rest_on_points_of_several_lists(chat: Chat) -> None:
    many_points(chat, 100)
    chat.press("Ola", "Leave the marking out")
    reply = chat.press("Ola", "Write a finding")
    assert isinstance(reply, Say)
    choice = next(part for part in reply.message.parts if isinstance(part, Select))
    chat.choose("Ola", choice.options[0].label)
    first = chat.form("Ola").fields[0].options[1].value
    chat.submit("Ola", points=first, words="We plan alone.")
    number = chat.rows(select(Finding.id))[0]
    chat.tap("Ola", "findings.change", number, choice.options[2].value)
    second = chat.form("Ola").fields[0].options[-1].value
    chat.submit("Ola", points=second)
    assert {str(source.point_id) for source in chat.rows(select(FindingSource))} == {first, second}
    chat.tap("Ola", "findings.change", number, "no such part")
    assert "can't find that" in chat.last("Ola")


def test_the_cards_of_a_long_review_fit_every_platform(chat: Chat) -> None:
    many_points(chat, 300)
    chat.press("Ola", "Leave the marking out")
    for one in range(12):
        chat.tap("Ola", "findings.write", review(chat).id, "work.0")
        some = chat.form("Ola").fields[0].options[one * 5 : one * 5 + 30]
        chat.submit("Ola", points=joined(option.value for option in some), words=f"{one} " + "f" * 990)
    for title in ("What mattered", "Findings of"):
        message = card(chat, title).message
        assert slack.TOO_LONG.plain() not in str(slack.message(message)), title
        assert teams.size(teams.card(message, direct=False)) <= LIMITS["card bytes"], title
    desk = chat.seen("Ola")[-1].message
    assert slack.TOO_LONG.plain() not in str(slack.message(desk))


def test_later_cards_stay_in_the_thread_whenever_they_come(chat: Chat) -> None:
    finding(chat)
    chat.now += timedelta(days=30)
    chat.press("Ola", "That's all")
    assert card(chat, "Findings of").thread == card(chat, "Closed").id
    assert "No findings were written down." in plain(card(chat, "Findings of").message)

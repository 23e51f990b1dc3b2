"""The paper on a team's review and plan: a draft for whoever asked, of what the channel has seen, and no more."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from docx import Document
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import erasure
from storage.models import Look, Person, Portfolio, PortfolioFile, Review, Team
from storage.portfolio import making
from tests.conftest import KEYRING, NOW, Chat
from tests.documents.test_tables_and_charts import in_pdf
from tests.papers.conftest import SAID, Office, found_in, planned, review_of
from tests.portfolio.test_files import Page


def words_of(written: bytes) -> str:
    """Everything that can be read on a page."""
    return " ".join("".join(Page(written.decode()).words).split())


def states(chat: Chat) -> list[str]:
    return [one.state for one in chat.rows(select(Portfolio).order_by(Portfolio.id))]


def test_a_lead_gets_the_review_and_plan_as_word_and_pdf_in_one_go(office: Office) -> None:
    office.a_year()
    office.chat.say("Ola", "export review")
    shown = office.chat.last("Ola")
    assert "Review and plan of Children's Services (Spring)" in shown
    assert "As: Word and PDF." in shown
    assert "It is a draft: read it, change it in Word, and send it yourself." in shown
    office.chat.press("Ola", "Make it")
    assert states(office.chat) == ["ordered"]
    assert office.work() == 1
    response = office.post(office.address("Ola"))
    with zipfile.ZipFile(io.BytesIO(response.content)) as files:
        assert sorted(files.namelist()) == [
            "Team-review-Spring-Children-s-Services-20-February-2026.docx",
            "Team-review-Spring-Children-s-Services-20-February-2026.pdf",
        ]
    office.chat.wait(seconds=1)
    assert "is with you. I keep no copy of the file." in office.chat.last("Ola")
    assert office.chat.rows(select(PortfolioFile)) == []


def test_it_says_what_was_asked_answered_found_and_planned(office: Office) -> None:
    office.a_year()
    read = words_of(office.in_kinds("html")["html"])
    for words in (
        "Team review: Spring",
        "Open from 6 February 2026 to 20 February 2026",
        "Anonymous: what was said is shown where at least 5 people answered",
        "At least 5 of 6 people answered",  # six did: an anonymous review counts in steps
        "1. Why are we here?",
        "1 is “not clear”, 5 is “clear to all”",
        "February 2026",
        "February 2025",
        "Schools do not know what we are for",
        "the ratings of “2. What do we do?”",
        "marked by 3 people",
        "The learning year 2025/26",
        "Spreadsheets for everybody who reports",
        "under way · by 29 May 2026 · led by Ola Lead · £125.50",
        "Individual learning plans: a theme that at least 5 people released",
        "A finding of the review: Schools do not know what we are for",
        "The strategic plan: Better starts for young children (a research project)",
        "Coaching or mentoring · with the county",
        "No time this year.",
        "2 March 2026: under way. We talked to Bitterne.",
        "Agreed: Ben Carter.",
        "An objection of Dan Evans",
        "It is too much for one year.",
    ):
        assert words in read, words


def test_where_the_policy_shows_a_theme_from_seven_people_on_the_paper_says_seven(office: Office) -> None:
    office.a_year()
    policy = office.chat.policy
    seven = policy.model_copy(update={"reviews": policy.reviews.model_copy(update={"shown_from": 7})})
    office.under(seven)
    read = words_of(office.in_kinds("html")["html"])
    assert "Individual learning plans: a theme that at least 7 people released" in read
    assert "at least 5 people released" not in read


def test_every_kind_of_file_says_the_same(office: Office) -> None:
    office.a_year()
    made = office.in_kinds("html", "word", "pdf", "csv")
    document = Document(io.BytesIO(made["word"]))
    in_word = "\n".join(
        [*(one.text for one in document.paragraphs),
         *(cell.text for table in document.tables for row in table.rows for cell in row.cells)]
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(made["csv"])) as files:
        tables = {name: files.read(name).decode("utf-8-sig") for name in files.namelist()}
    cells = [cell for table in tables.values() for row in csv.reader(io.StringIO(table)) for cell in row]
    read = {"word": in_word, "pdf": in_pdf(made["pdf"]), "csv": "\n".join(cells)}
    for words in (
        "Team review: Spring", "Why are we here?", "Schools do not know what we are for", "They ask us.",
        "Our purpose is clear to us, less so to schools.", "second line", "Spreadsheets for everybody who reports",
        "It is too much for one year.", "Schools say so.", "29 May 2026", "£125.50", "Agreed: Ben Carter",
    ):  # fmt: skip
        for kind, told in read.items():
            assert " ".join(words.split()) in " ".join(told.split()), (kind, words)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    plan = list(csv.reader(io.StringIO(tables["plan.csv"])))
    assert plan[0][:3] == ["Need", "Where it came from", "Who for"]
    assert [row[-1] for row in plan[1:]] == ["under way", "to do", "dropped", "done"]


def test_ratings_and_words_of_fewer_than_five_are_in_no_file(office: Office) -> None:
    def work(session: Session) -> None:
        review_of(session, rated=4, wrote=4)

    office.do(work)
    read = words_of(office.in_kinds("html")["html"])
    assert "No question was rated by enough people to be shown." in read
    assert "Too few people wrote something for it to be shown." in read
    assert not any(" ".join(words.split()) in read for words in SAID[:4])


def test_of_an_anonymous_review_that_fewer_than_five_answered_nothing_is_said(office: Office) -> None:
    office.do(lambda session: review_of(session, answers=4) and None)
    read = words_of(office.in_kinds("html")["html"])
    assert "Fewer than 5 of 6 people answered" in read
    assert not any(" ".join(words.split()) in read for words in SAID[:4])


def test_named_words_carry_their_names_for_the_team_and_leave_a_look_for_each_author(office: Office) -> None:
    office.a_year(anonymous=False)
    read = words_of(office.in_kinds("html", who="Amina")["html"])
    assert "Ben Carter" in read
    assert "“They ask us.”, Amina Khan (to" in read
    looked = office.chat.rows(select(Look).where(Look.kind == "review"))
    amina, ben = office.chat.person("Amina").id, office.chat.person("Ben").id
    assert {one.reader_id for one in looked} == {amina}
    assert ben in {one.owner_id for one in looked}
    assert amina not in {one.owner_id for one in looked}


def test_named_words_can_be_left_out_before_it_goes_further(office: Office) -> None:
    office.a_year(anonymous=False)
    chat = office.chat
    chat.say("Ola", "export review")
    assert "It says who wrote what" in chat.last("Ola")
    chat.press("Ola", "Choose")
    chat.submit("Ola", sections="ratings\nplan", formats="html")
    assert "It says who wrote what" not in chat.last("Ola")
    chat.press("Ola", "Make it")
    office.work()
    read = words_of(office.post(office.address("Ola")).content)
    for words in ("What people wrote", "We know what we are here for.", "too much for one year"):
        assert words not in read
    assert chat.rows(select(Look).where(Look.kind == "review")) == []


def test_where_words_are_left_out_findings_quote_none_either(office: Office) -> None:
    office.a_year(anonymous=False)
    office.chat.say("Ola", "export review")
    office.chat.press("Ola", "Choose")
    office.chat.submit("Ola", sections="findings", formats="html")
    office.chat.press("Ola", "Make it")
    office.work()
    read = words_of(office.post(office.address("Ola")).content)
    assert "Schools do not know what we are for" in read
    assert "something that somebody wrote" in read
    assert "They ask us." not in read
    assert "Amina" not in read


def test_objections_to_a_plan_stay_in_the_channel_even_where_the_review_was_anonymous(office: Office) -> None:
    office.a_year()
    read = words_of(office.in_kinds("html", who="Cora")["html"])
    assert "We know what we are here for." in read
    assert "Objections were noted. They stand in the team’s channel." in read
    assert "too much for one year" not in read


def test_the_leads_card_of_a_closed_review_offers_to_write_it_up(office: Office) -> None:
    office.do(lambda session: review_of(session, state="open", closed=NOW + timedelta(days=3)) and None)
    (review,) = office.chat.rows(select(Review))
    office.chat.tap("Ola", "reviews.closed", review.id)
    assert "Write it up" in office.chat.screen_of("Ola")
    office.chat.press("Ola", "Write it up")
    assert "Review and plan of Children's Services (Spring)" in office.chat.last("Ola")


def test_a_coordinator_who_was_not_promised_named_words_gets_none(office: Office) -> None:
    """The card of a named review says that the people of the channel see who wrote what: she is not one of them."""
    office.a_year(anonymous=False)
    read = words_of(office.in_kinds("html", who="Cora")["html"])
    assert "Named words were written for the people of the team’s channel" in read
    assert "How many gave each rating" in read  # six rated the first question
    assert "Too few people gave a rating for it to be shown." in read  # four the second
    assert "Schools do not know what we are for" in read
    assert "They ask us." not in read
    assert "Amina" not in read
    assert "Objections were noted." in read
    assert "too much for one year" not in read
    assert office.chat.rows(select(Look).where(Look.kind != "portfolio")) == []


def test_a_coordinator_who_started_the_review_in_the_channel_sees_what_it_does(office: Office) -> None:
    people = ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve")
    office.do(lambda session: review_of(session, anonymous=False, people=people, by="Cora Nator") and None)
    assert "We know what we are here for." in words_of(office.in_kinds("html", who="Cora")["html"])


def test_a_plan_that_is_still_its_leads_draft_is_shown_to_nobody_else(office: Office) -> None:
    office.a_year(state="draft")
    assert "a draft of the lead’s" in words_of(office.in_kinds("html", who="Ola")["html"])
    for who in ("Amina", "Cora"):
        read = words_of(office.in_kinds("html", who=who)["html"])
        assert "There is no plan yet that the team has seen." in read
        assert "Spreadsheets" not in read


def test_what_is_not_there_yet_is_said_kindly(office: Office) -> None:
    office.do(lambda session: review_of(session, answers=0) and None)
    read = words_of(office.in_kinds("html")["html"])
    for words in (
        "Fewer than 5 of 6 people answered",
        "The team has put nothing into words yet.",
        "There is no plan yet",
    ):
        assert words in read
    office.chat.say("Grace", "export review")
    assert "There is no closed review yet" in office.chat.last("Grace")


def test_the_plan_of_the_year_goes_with_a_review_that_none_rests_on(office: Office) -> None:
    def work(session: Session) -> None:
        review_of(session)
        planned(session, None)

    office.do(work)
    assert "Say more plainly what we are for" in words_of(office.in_kinds("html")["html"])


@pytest.mark.parametrize(
    "typed", ["export review", "Export our team's review", "export plan", "export the review and plan."]
)
def test_several_ways_to_ask_for_it(office: Office, typed: str) -> None:
    office.a_year()
    office.chat.say("Amina", typed)
    assert "Review and plan of Children's Services (Spring)" in office.chat.last("Amina")


def test_another_of_ones_reviews_can_be_chosen(office: Office) -> None:
    office.a_year()
    office.chat.say("Ola", "export review")
    office.chat.choose("Ola", "Children's Services: Last spring")
    assert "Review and plan of Children's Services (Last spring)" in office.chat.last("Ola")


def test_asked_for_in_the_channel_it_is_put_where_only_one_sees_it(office: Office) -> None:
    office.a_year()
    office.chat.say("Amina", "export review", in_channel="cs")
    assert "into our direct chat" in office.chat.screen_of("Amina", in_channel="cs")
    assert "Review and plan" not in office.chat.screen_of("Ben", in_channel="cs")
    assert "Review and plan of Children's Services (Spring)" in office.chat.last("Amina")
    office.chat.press("Amina", "Make it")
    office.work()
    assert "is ready." in office.chat.last("Amina")


def test_people_of_other_teams_get_nothing_by_any_way(office: Office) -> None:
    number = office.a_year()
    chat = office.chat
    for who in ("Grace", "Farid"):
        chat.tap(who, "papers.export_review", number)
        assert "I can't find that any more" in chat.last(who)
        chat.tap(who, "papers.export_review", None, str(number))
        assert "That isn't something you can do here" in chat.last(who)
    chat.say("Ola", "export review")
    (paper,) = chat.rows(select(Portfolio))
    for who in ("Amina", "Cora", "Grace"):
        for action in (
            "papers.make",
            "papers.again",
            "papers.stop",
            "papers.choose",
            "portfolio.make",
            "portfolio.again",
        ):
            chat.tap(who, action, paper.id)
            assert "I can't find that any more" in chat.last(who)
    assert states(chat) == ["draft"]


def test_a_paper_is_no_portfolio_and_a_portfolio_no_paper(office: Office) -> None:
    office.a_year()
    office.live("Ola")
    chat = office.chat
    chat.say("Ola", "export review")
    chat.say("Ola", "export")
    paper, portfolio = chat.rows(select(Portfolio).order_by(Portfolio.id))
    for action in ("portfolio.make", "portfolio.stop", "portfolio.choose", "portfolio.again", "portfolio.take"):
        chat.tap("Ola", action, paper.id)
        assert "I can't find that any more" in chat.last("Ola")
    chat.tap("Ola", "papers.make", portfolio.id)
    assert "I can't find that any more" in chat.last("Ola")


def test_a_review_that_is_open_or_cancelled_is_no_paper(office: Office) -> None:
    number = office.a_year()
    office.do(lambda session: session.execute(update(Review).values(state="open")) and None)
    office.chat.say("Ola", "export review")
    assert "There is no closed review yet" in office.chat.last("Ola")
    office.chat.tap("Ola", "papers.export_review", number)
    assert "I can't find that any more" in office.chat.last("Ola")


def test_whoever_left_the_team_meanwhile_gets_nothing_made_and_nothing_handed_over(office: Office) -> None:
    office.a_year()
    chat = office.chat

    def leave(session: Session) -> None:
        other = session.scalars(select(Team.id).where(Team.name == "Inclusion")).one()
        session.execute(update(Person).where(Person.name.startswith("Amina")).values(team_id=other))

    def come_back(session: Session) -> None:
        team = session.scalars(select(Team.id).where(Team.name != "Inclusion")).one()
        session.execute(update(Person).where(Person.name.startswith("Amina")).values(team_id=team))

    chat.say("Amina", "export review")
    chat.press("Amina", "Make it")
    office.do(leave)
    office.work()
    assert states(chat) == ["gone"]
    assert "That paper is gone" in chat.last("Amina")
    office.do(come_back)
    chat.say("Amina", "export review")
    chat.press("Amina", "Make it")
    office.work()
    address = office.address("Amina")
    office.do(leave)
    assert office.get(address).status_code == 404
    assert office.post(address).status_code == 404
    assert chat.rows(select(PortfolioFile)) == []


def test_an_older_version_beside_this_one_never_takes_a_paper_for_a_portfolio(office: Office) -> None:
    """It claims what is wanted, in the making or being taken in: a paper is in none of these at any time."""
    office.a_year()
    known_to_it = {"wanted", "making", "taking"}
    chat = office.chat
    chat.say("Ola", "export review")
    seen = states(chat)
    chat.press("Ola", "Make it")
    seen += states(chat)
    chat.database.run(lambda session: making.claim(session, KEYRING, chat.now, "killed") and None)
    seen += states(chat)
    chat.now += making.LEASE * 2
    office.work()
    seen += states(chat)
    assert seen == ["draft", "ordered", "writing", "ready"]
    assert known_to_it.isdisjoint(seen)


def test_one_at_a_time_and_a_second_closes_the_first(office: Office) -> None:
    office.a_year()
    chat = office.chat
    chat.say("Ola", "export review")
    chat.press("Ola", "Make it")
    office.work()
    first = office.address("Ola")
    chat.say("Ola", "export review")
    chat.press("Ola", "Make it")
    assert "is being written: 0 per cent" in chat.last("Ola")
    office.work()
    assert office.post(first).status_code == 404
    assert office.post(office.address("Ola")).status_code == 200


def test_a_portfolio_that_waits_is_not_closed_by_a_paper(office: Office) -> None:
    office.a_year()
    office.live("Ola")
    portfolio = office.made("Ola")
    paper_was = office.paper("Ola")
    assert paper_was
    assert office.post(portfolio).status_code == 200


def test_what_breaks_is_told_and_can_be_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise ValueError("nothing of this may be logged")

    office.a_year()
    monkeypatch.setattr("bot.documents.word_file.write", broken)
    office.chat.say("Ola", "export review")
    office.chat.press("Ola", "Make it")
    office.work()
    assert "That was on my side" in office.chat.last("Ola")
    monkeypatch.undo()
    office.chat.press("Ola", "Try again")
    office.chat.press("Ola", "Make it")
    office.work()
    assert "is ready." in office.chat.last("Ola")


def test_it_can_be_fetched_for_a_day(office: Office) -> None:
    office.a_year()
    office.chat.say("Ola", "export review")
    office.chat.press("Ola", "Make it")
    office.work()
    address = office.address("Ola")
    assert "Fetch it" in office.get(address).text
    office.chat.now += timedelta(hours=24)
    assert office.post(address).status_code == 404
    office.work()
    assert "there is no file any more" in office.chat.screen_of("Ola")
    assert office.chat.rows(select(PortfolioFile)) == []


def test_where_files_can_be_put_into_the_chat_it_goes_there_to_nobody_else(chat: Chat) -> None:
    office = Office(chat, takes_files=True)
    office.a_year()
    chat.say("Ola", "export review")
    chat.press("Ola", "Make it")
    office.work()
    (given,) = chat.screen.files
    assert "ola@example.org" in given.conversation
    assert chat.rows(select(PortfolioFile)) == []
    assert "is with you." in chat.last("Ola")
    office.close()


@pytest.mark.parametrize("left", ["sections", "formats"])
def test_choosing_nothing_is_asked_about_again(office: Office, left: str) -> None:
    office.a_year()
    office.chat.say("Ola", "export review")
    office.chat.press("Ola", "Choose")
    office.chat.submit("Ola", **{"sections": "ratings", "formats": "pdf", left: ""})
    assert "Choose at least one" in office.chat.problems("Ola")[left]


def test_pressing_twice_makes_it_once(office: Office) -> None:
    office.a_year()
    office.chat.say("Ola", "export review")
    (paper,) = office.chat.rows(select(Portfolio))
    office.chat.tap("Ola", "papers.make", paper.id)
    office.chat.tap("Ola", "papers.make", paper.id)
    assert "on its way already" in office.chat.last("Ola")
    assert office.work() == 1


def test_the_points_of_somebody_who_was_erased_are_not_quoted(office: Office) -> None:
    def work(session: Session) -> None:
        review = review_of(session, anonymous=False, people=("Ola", "Amina", "Ben", "Chloe", "Dan"), answers=5)
        found_in(session, review, "We differ", "Amina's own words", "Amina")
        erasure.erase(session, session.scalars(select(Person).where(Person.name == "Amina Khan")).one(), NOW)

    office.do(work)
    read = words_of(office.in_kinds("html")["html"])
    assert "We differ" in read
    assert "Amina's own words" not in read
    assert "the ratings of “2. What do we do?”" in read

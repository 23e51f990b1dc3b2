"""What people see in their windows, in a real browser, of the real bot: the main paths from beginning to end."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.wording import day
from tests.browser.conftest import Demo
from tests.clients.browser import BOT, CHANNEL, PERSONAL, Window

pytestmark = [pytest.mark.browser, pytest.mark.clients]

TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3
HOLIDAYS = [*((12, one) for one in range(20, 32)), *((1, one) for one in range(1, 6))]
WRITTEN = "What you learned *"  # a star marks what is needed


def shown(window: Window) -> str:
    """Everything in the open conversation."""
    return "\n".join(window.read())


def coming(weekday: int) -> date:
    """Such a day, a week ahead at least and no bank holiday. Said in full it means the same whatever day it is."""
    today = datetime.now(UTC).date()
    days = (today + timedelta(days=8 + ahead) for ahead in range(60))
    return next(one for one in days if one.weekday() == weekday and (one.month, one.day) not in HOLIDAYS)


def in_full(one: date) -> str:
    return f"{one.day} {one:%B}"


def test_two_people_book_move_and_cancel_an_interview_and_both_see_every_step(demo: Demo, screenshots: Path) -> None:
    amina, ben = demo.sit_down("Amina"), demo.sit_down("Ben")

    tuesday, thursday = coming(TUESDAY), coming(THURSDAY)
    amina.say(f"book Ben on {in_full(tuesday)} at half two").wait_for("I’ve asked Ben to confirm it.")
    ben.wait_for(f"Amina Khan suggests {day(tuesday)}, 14:30")  # nobody typed anything in his window
    amina.screenshot(screenshots / "interview-1-amina-asked.png")
    ben.screenshot(screenshots / "interview-1-ben-is-asked.png")

    cards = len(ben.messages())
    ben.press("Confirm").wait_for(f"Booked: {day(tuesday)}").wait_gone("Amina Khan suggests")
    assert len(ben.messages()) == cards  # the card changed in place
    amina.wait_for("Ben said yes.").wait_for(f"Booked: {day(tuesday)}").wait_gone("I’ve asked Ben")
    amina.screenshot(screenshots / "interview-2-amina-booked.png")
    ben.screenshot(screenshots / "interview-2-ben-booked.png")

    amina.say(f"move my interview to {in_full(thursday)} at 10am").wait_for("You suggested moving")
    ben.wait_for("suggests moving").press("Confirm").wait_for(f"Booked: {day(thursday)}").wait_gone("suggests moving")
    amina.wait_for(f"Booked: {day(thursday)}").wait_gone("You suggested moving").wait_gone(f"Booked: {day(tuesday)}")

    amina.press("Cancel it").wait_for("Cancel this interview?")
    amina.screenshot(screenshots / "interview-3-amina-cancels.png")
    amina.press("Never mind").wait_gone("Cancel this interview?").wait_for(f"Booked: {day(thursday)}")
    amina.press("Cancel it").fill("Why, if you like to say", "I am **away** <b>then</b>")
    amina.press("Cancel it").wait_for(f"Cancelled: {day(thursday)}").wait_gone(f"Booked: {day(thursday)}")
    ben.wait_for("Amina cancelled it.").wait_for("I am **away** <b>then</b>").wait_gone(f"Booked: {day(thursday)}")
    ben.screenshot(screenshots / "interview-3-ben-sees-it.png")


def test_a_form_in_the_card_keeps_what_was_typed_until_it_is_right(demo: Demo, screenshots: Path) -> None:
    amina = demo.sit_down("Amina")
    amina.say("diary: today I *learned* to ask").wait_for("Kept in your diary.")

    amina.press("Edit").wait_for("Edit diary entry")
    assert amina.answers() == {"What you learned": "today I *learned* to ask"}
    amina.fill(WRITTEN, "").press("Save").wait_for("This one is needed.")  # the page itself asks for words
    amina.fill(WRITTEN, "   ").press("Save").wait_for("Write a few words")  # spaces are for the bot to notice
    amina.screenshot(screenshots / "diary-1-mistake.png")
    amina.fill(WRITTEN, "To ask first").press("Save").wait_for("From your diary").wait_gone("Edit diary entry")
    assert "To ask first" in amina.messages()[-1].text

    first = coming(WEDNESDAY)
    before, after = first - timedelta(days=1), first + timedelta(days=1)
    amina.say("course").wait_for("Add a course")
    amina.fill("What is it called? *", "Coaching **skills**").fill("First day *", first.isoformat())
    amina.fill("Last day (optional)", before.isoformat()).press("Save").wait_for("That is before the first day.")
    assert amina.answers()["What is it called?"] == "Coaching **skills**"
    assert amina.answers()["First day"].endswith(f"{first.day} {first:%B} {first.year}")
    amina.screenshot(screenshots / "course-1-mistake.png")
    amina.fill("Last day (optional)", after.isoformat()).press("Save").wait_for("I've noted that.").wait_gone(
        "Add a course"
    )
    assert "Coaching **skills**" in amina.messages()[-1].text
    amina.screenshot(screenshots / "course-2-noted.png")

    amina.say("the weather is lovely").wait_for("put it to one side").press("Keep it in my diary")
    amina.wait_gone("put it to one side").say("help").wait_for("in your own words")
    amina.screenshot(screenshots / "help.png")


def test_a_team_review_is_started_answered_and_closed_in_its_channel(demo: Demo, screenshots: Path) -> None:
    ola = demo.sit_down("Ola", width=1280)  # narrower, and the list of conversations is folded away
    # In Teams the button in the channel opens a dialog. Here there are none: it leads to her own chat.
    ola.choose(CHANNEL).say("review", mention=BOT).wait_for("There is a short form for that.")
    ola.press("Start a team review")
    ola.choose(PERSONAL).wait_for("There is a short form for that.").press("Start a team review")
    ola.wait_for("Closing day").press("Start the review").wait_for("This one is needed.")
    ola.fill("Named or anonymous *", "Named: the team sees who wrote what").fill("Title *", "Spring review")
    ola.screenshot(screenshots / "review-1-ola-starts.png")
    ola.press("Start the review").wait_for("Keep it open longer")
    ola.choose(CHANNEL).wait_for("0 of 5 have answered.")
    ola.screenshot(screenshots / "review-2-channel.png")

    # So does the button of the card; from her home screen she is there already.
    amina = demo.sit_down("Amina")
    amina.say("home").wait_for("Spring review").press("Answer").wait_for("Why are we here?")
    amina.press("Send my answers").wait_for("Answer at least one question")
    amina.fill("Why are we here?", "So that *every* child is safe").fill("Why are we here? From 1 to 5", "4")
    amina.fill("What do we do? From 1 to 5", "2")
    amina.screenshot(screenshots / "review-3-amina-answers.png")
    amina.press("Send my answers").wait_for("Change my answers").wait_gone("Why are we here?")
    ola.wait_for("1 of 5 have answered.")

    ola.choose(PERSONAL).press("Close it now").wait_for("Nobody can answer or change anything after that.")
    ola.press("Close it and show what came of it").wait_for("is closed.")
    ola.choose(CHANNEL).wait_for("What came of Spring review").wait_for("So that *every* child is safe")
    ola.wait_for("closed. 1 person answered.").wait_gone("1 of 5 have answered.")
    ola.evaluate("document.querySelector('.fui-Card svg').closest('.fui-Card').scrollIntoView()")  # the native chart
    ola.screenshot(screenshots / "review-4-summary.png")
    assert "4.0" in shown(ola)
    assert "— Amina Khan" in shown(ola)

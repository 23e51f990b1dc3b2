"""Who moved or cancelled an interview and why, on both cards; and nothing of a cancelled one reminds anybody."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Interview, Owed
from tests.conftest import Chat


def only(chat: Chat) -> Interview:
    (interview,) = chat.rows(select(Interview))
    return interview


def booked(chat: Chat) -> Interview:
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    return only(chat)


# --------------------------------------------------------------------------------------------------- moved, and by whom


def moved(chat: Chat, reason: str = "Inspectors in all week") -> None:
    booked(chat)
    chat.press("Amina", "Move it")
    chat.press("Amina", "Type another")
    chat.submit("Amina", when="Friday at 10", reason=reason)


def test_a_move_says_who_suggests_it_and_why_on_both_cards(chat: Chat) -> None:
    moved(chat)
    for who in ("Amina", "Ben"):
        assert "Inspectors in all week" in chat.last(who)
    chat.press("Ben", "Confirm")
    assert "Moved, as Amina suggested." in chat.last("Ben")
    assert "Moved, as you suggested." in chat.last("Amina")
    for who in ("Amina", "Ben"):
        assert "Inspectors in all week" in chat.last(who)


def test_why_a_move_was_suggested_is_not_taken_for_why_it_was_cancelled(chat: Chat) -> None:
    moved(chat)
    chat.press("Ben", "Confirm")
    chat.say("Amina", "cancel my interview")
    chat.submit("Amina")
    assert "Amina cancelled it" in chat.last("Ben")
    assert "Inspectors" not in chat.screen_of("Ben") + chat.screen_of("Amina")


def test_a_move_that_was_turned_down_takes_its_reason_with_it(chat: Chat) -> None:
    moved(chat)
    chat.press("Ben", "Keep Thu 5 Mar")
    assert "Inspectors" not in chat.screen_of("Amina") + chat.screen_of("Ben")
    chat.say("Ben", "move my interview to Tuesday 10 March at 2pm")
    assert "Inspectors" not in chat.screen_of("Amina") + chat.screen_of("Ben")


def test_a_time_that_could_not_be_read_leaves_the_reason_in_the_form(chat: Chat) -> None:
    booked(chat)
    chat.press("Amina", "Move it")
    chat.press("Amina", "Type another")
    chat.submit("Amina", when="whenever", reason="Inspectors in all week")
    assert "can’t find a time" in chat.problems("Amina")["when"]
    assert chat.form("Amina").fields[1].value == "Inspectors in all week"
    assert only(chat).reason is None


def test_a_time_that_is_chosen_from_several_keeps_the_reason(chat: Chat) -> None:
    booked(chat)
    chat.press("Amina", "Move it")
    chat.press("Amina", "Type another")
    chat.submit("Amina", when="Thursday or Friday at 2", reason="Inspectors in all week")
    chat.press("Amina", "Fri 6 Mar, 14:00")
    assert "Inspectors in all week" in chat.last("Ben")


def test_cancelling_says_who_and_why_on_both_cards(chat: Chat) -> None:
    booked(chat)
    chat.press("Ben", "Cancel it")
    chat.submit("Ben", reason="My son is ill")
    assert "You cancelled it" in chat.last("Ben")
    assert "Ben cancelled it" in chat.last("Amina")
    for who in ("Amina", "Ben"):
        assert "My son is ill" in chat.last(who)


# ------------------------------------------------------------------------------------------- nothing survives a cancel

# what each notice is about: a notice of an interview says nothing of a cancelled one but that it is cancelled
OF_OTHER_THINGS = {
    "interviews.asked", "interviews.answered", "interviews.thanked", "interviews.partner_left",  # a partnership
    "interviews.nudge", "interviews.offer", "interviews.closing", "interviews.late", "interviews.late_partner",
    "interviews.looked",  # words that were set aside
    "interviews.step_due", "interviews.step_card",  # a next step
}  # fmt: skip


def test_no_notice_of_a_cancelled_interview_reminds_anybody_of_it(chat: Chat) -> None:
    interview = booked(chat)
    chat.press("Amina", "Choose what Ben sees")
    chat.submit("Amina", words="Coaching, please")
    chat.press("Amina", "Release it")
    chat.say("Amina", "cancel my interview")
    chat.submit("Amina")
    about_it = {name for name in chat.registry.notices if name.startswith("interviews.")} - OF_OTHER_THINGS
    assert (
        chat.rows(select(Owed).where(Owed.notice.in_(about_it), Owed.about == interview.id, Owed.state == "due")) == []
    )
    two = [chat.person(who).id for who in ("Amina", "Ben")]

    def owed_all_the_same(session: Session) -> None:
        """As though each had been owed by a process that did not know of the cancellation."""
        for person_id in two:
            for name in sorted(about_it):
                key = f"{name}/late/{person_id}"
                outbox.owe(session, name, about=interview.id, to=person_id, at=chat.now, key=key)

    before = {who: len(chat.seen(who)) for who in ("Amina", "Ben")}
    chat.database.run(owed_all_the_same)
    chat.wait_until(interview.ends_at + timedelta(days=7))
    for who, seen in before.items():
        came = [str(one.message) for one in chat.seen(who)[seen:] if one.message.notice not in OF_OTHER_THINGS]
        assert [one for one in came if not ("ancelled" in one or "isn’t here any more" in one)] == []
        assert not any(
            words in chat.screen_of(who) for words in ("Tomorrow", "In 15 minutes", "Did you meet", "Coaching")
        )


def test_every_notice_about_an_interview_is_known_to_be_one(chat: Chat) -> None:
    missing = OF_OTHER_THINGS - set(chat.registry.notices)
    assert missing == set()

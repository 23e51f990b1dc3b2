"""What the cards of making sense say: the marking and the findings in the review's thread, and the lead's own card."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Button, Buttons, Facts, Message, Option, Part, Quote, Select, Table, small, text
from bot.errors import Refusal
from handlers.findings import form
from handlers.findings.reading import Found, Numbered, Sense, numbered
from handlers.outcomes import Result
from handlers.quoting import fitted, paged
from storage.models import Review

FOR_FINDINGS = 5_000  # bytes of a card that its findings may take; what is in none yet takes the rest
FOR_THE_REST = 2_000
MOST_ROWS = 20  # of a table: each takes room besides its words


class NothingToMark(Refusal):
    """Nothing of this review may be shown, so there is nothing to mark or to group. Talk it through together."""


class MarkingIsOver(Refusal):
    """The marking was ended, so that is not counted. The card in the thread says what mattered most."""


class NotWritingNow(Refusal):
    """Findings are written after the marking and until they are done. Your card of the review says where it stands."""


class NothingLeft(Refusal):
    """That finding was taken apart in the meantime."""


# ------------------------------------------------------------------------------------------------------------- marking


def marking(sense: Sense, step: int, counted_from: int) -> Message:
    """The card in the thread: points to mark, and once the marking is over, what mattered most.

    `step` is how many have marked at least, 0 for too few to be said.
    """
    review = sense.review
    if review.sense != "marking":
        return _marked(sense, counted_from)
    shown = fitted([(result.asked, [one.quote for one in numbered(result)]) for result in _told(sense)])
    parts: list[Part] = [
        text("**What matters most in {title}?**", title=review.title),
        text("Each of you marks up to three points, privately, and can change it until the marking is ended."),
        *shown.parts,
        Buttons((Button("Mark what matters", "findings.mark", review.id, style="primary", opens_form=True),)),
        small("Nobody sees who marked what. How many marked a point is shown afterwards, if {number} people or more "
              "have marked something.", number=counted_from),
    ]  # fmt: skip
    if step:
        parts.append(small("At least {number} have marked.", number=step))
    return Message(f"Mark what matters in {review.title}", tuple(parts), notice="findings.marking", about=review.id)


def _marked(sense: Sense, counted_from: int) -> Message:
    review = sense.review
    ranked = sorted((one for one in sense.points if one.point.marks), key=lambda one: -one.point.marks)
    if ranked:
        quotes = [_with_marks(one) for one in ranked]
        shown = fitted([("What mattered most", quotes)])
        left = len(sense.points) - len(ranked)
        parts: list[Part] = [text("**What mattered most in {title}**", title=review.title), *shown.parts[1:]]
        if left:
            parts.append(small("{points} that nobody marked.", points=wording.count(left, "more point")))
    else:
        shown = fitted([(result.asked, [one.quote for one in numbered(result)]) for result in _told(sense)])
        parts = [
            text("**What was said in {title}**", title=review.title),
            text("No marks are shown: they count from {number} people on.", number=counted_from),
            *shown.parts,
        ]
    return Message(f"What mattered in {review.title}", tuple(parts), notice="findings.marking", about=review.id)


def _with_marks(one: Numbered) -> Quote:
    marks = wording.count(one.point.marks, "mark")
    return Quote(one.quote.words, f"{marks} · {one.quote.by}")


def choose_a_part(review: Review, parts: Sequence[form.Part], action: str, about: int) -> Message:
    """There is more than one list holds: which part to choose from."""
    options = tuple(Option(wording.shortened(part.label, 75), part.key) for part in parts)
    return Message(
        "There is more than fits one list.",
        (
            text("There is more in {title} than fits one list. Choose a question, and come back for another: what you "
                 "chose elsewhere stays.", title=review.title),
            Select("Choose a question", action, options, about),
        ),
    )  # fmt: skip


def too_many(number: int) -> str:
    """Beside the list, when more than three are marked."""
    return f"That is {number}. Three say most: please keep the three that matter most to you."


def thanks_for_marking(review: Review, number: int) -> Message:
    """After marking. It says nothing of what was marked: this message is kept with the person's name."""
    said = text("Your marks are taken back." if not number else "Thank you, your marks are kept.")
    again = Button("Change my marks", "findings.mark", review.id, opens_form=True)
    return Message("Thank you.", (said, Buttons((again,))))


# ------------------------------------------------------------------------------------------------------------ findings


def findings(sense: Sense) -> Message:
    """The card in the thread: what the team found, and what is in no finding yet."""
    review, done = sense.review, sense.review.sense == "done"
    title = "**What we found in {title}**" if done else "**Findings of {title}**"
    parts: list[Part] = [text(title, title=review.title)]
    if not sense.found:
        parts.append(text("No findings were written down." if done else "None yet."))
    quotes = [Quote(one.words, _rests_on(one)) for one in sense.found]
    if quotes:
        parts += fitted([("", quotes)], FOR_FINDINGS).parts[1:]
        options = tuple(Option(wording.shortened(f"{one.number}. {_line(one.words)}", 75), str(one.id))
                        for one in sense.found)  # fmt: skip
        parts.append(Select("Show what it rests on", "findings.rests_on", options, review.id))
    parts += _unused(sense, "Not in a finding" if done else "Not in a finding yet")
    if done:
        parts.append(Buttons((Button("Our development plan", "team_plans.open", sense.team.id, style="primary"),)))
    return Message(f"Findings of {review.title}", tuple(parts), notice="findings.list", about=review.id)


def _unused(sense: Sense, heading: str) -> list[Part]:
    """Every point that no finding rests on, in a line each: as many as there is room for."""
    unused = [one for _, points in sense.unused for one in points]
    rows: list[tuple[str, str]] = []
    room = FOR_THE_REST
    for one in unused[:MOST_ROWS]:
        line = wording.shortened(_line(one.point.words), 140)
        room -= len(line.encode())
        if room < 0:
            break
        rows.append((one.number, line))
    parts: list[Part] = [Table(("Point", heading), tuple(rows))] if rows else []
    if len(rows) < len(unused):
        parts.append(small("and {more} more", more=len(unused) - len(rows)))
    return parts


def rests_on(sense: Sense, found: Found, page: int) -> Message:
    """One page of what a finding rests on, whole."""
    quotes, page, pages = paged([one.quote for one in found.points], page)
    parts: list[Part] = [text("**What this rests on**"), Quote(found.words)]
    if page == 1 and found.ratings:
        parts.append(Facts(tuple((result.asked, _rated(result.average, result.spread)) for result in found.ratings)))
    parts += quotes
    if not quotes and not found.ratings:
        parts.append(text("Nothing of it is left: whoever wrote it was erased."))
    if pages > 1:
        parts.append(small("Page {page} of {pages}", page=page, pages=pages))
    if page < pages:
        more = Button("Read on", "findings.rests_on", sense.review.id, f"{found.id}:{page + 1}")
        parts.append(Buttons((more,)))
    return Message("What this finding rests on", tuple(parts))


def _rated(average: float, spread: Sequence[int]) -> str:
    return f"{average:.1f} on average; 1 to 5 were given {wording.listed([str(count) for count in spread])} times"


def _rests_on(found: Found) -> str:
    rests = [one.number for one in found.points]
    shown = rests if len(rests) <= 8 else [*rests[:7], f"{len(rests) - 7} more"]
    shown += [f"the ratings of {result.number}" for result in found.ratings]
    return f"Finding {found.number}, from {wording.listed(shown)}" if shown else f"Finding {found.number}"


def _line(words: str) -> str:
    return " ".join(words.split())


def _told(sense: Sense) -> list[Result]:
    return [result for result in sense.results if result.points]


# ------------------------------------------------------------------------------------------------------ the lead's card


def desk(sense: Sense, *, can_mark_again: bool, counted_from: int, note: str = "") -> Message:
    """What whoever runs the review can do next."""
    review = sense.review
    parts: list[Part] = [text("{note}", note=note)] if note else []
    parts.append(text("**Making sense of {title}**, {team}", title=review.title, team=sense.team.name))
    if not review.sense:
        parts.append(Buttons((Button("Begin", "findings.begin", review.id, style="primary"),)))
    elif review.sense == "marking":
        parts += [
            text("The card is in the review's thread: everybody marks up to three points. End it when all had time."),
            Buttons((
                Button("End the marking", "findings.end", review.id, style="primary"),
                Button("Leave the marking out", "findings.leave_out", review.id),
            )),
            small("I tell nobody who has marked, not you either. Fewer than {number}, and no marks are shown.",
                  number=counted_from),
        ]  # fmt: skip
    elif review.sense == "finding":
        again = (Button("Mark again", "findings.again", review.id),) if can_mark_again else ()
        parts += [
            text("Now say what it comes to: choose points and ratings that belong together, and write what you find."),
            Buttons((
                Button("Write a finding", "findings.write", review.id, style="primary", opens_form=True),
                *again,
                Button("That's all", "findings.finish", review.id),
            )),
        ]  # fmt: skip
        if sense.found:
            options = tuple(Option(wording.shortened(f"{one.number}. {_line(one.words)}", 75), str(one.id))
                            for one in sense.found)  # fmt: skip
            parts.append(Select("Change a finding, or take it apart", "findings.open", options, review.id))
        if again:
            parts.append(small("Marking again begins anew, without the marks there were."))
    else:
        found = wording.count(len(sense.found), "finding")
        parts += [
            text("Done: {found}, in the review's thread.", found=found),
            Buttons(
                (
                    Button("Our development plan", "team_plans.open", sense.team.id, style="primary"),
                    Button("Write it up", "papers.export_review", review.id),
                    Button("Go back to the findings", "findings.back", review.id),
                )
            ),
        ]
    return Message(f"Making sense of {review.title}", tuple(parts), notice="findings.desk", about=review.id)


def one_finding(found: Found) -> Message:
    """A finding, with what can be done to it."""
    return Message(
        "A finding",
        (
            Quote(found.words, _rests_on(found)),
            Buttons((
                Button("Change it", "findings.change", found.id, style="primary", opens_form=True),
                Button("Take it apart", "findings.apart", found.id),
            )),
        ),
    )  # fmt: skip


def really_apart(found: Found) -> Message:
    """Asked before a finding goes."""
    return Message(
        "Take this finding apart?",
        (
            text("Take this apart? Its words go. What it rests on stays, and is in no finding any more."),
            Quote(found.words),
            Buttons((
                Button("Take it apart", "findings.taken_apart", found.id, style="danger"),
                Button("Keep it", "findings.keep", found.id),
            )),
        ),
    )  # fmt: skip

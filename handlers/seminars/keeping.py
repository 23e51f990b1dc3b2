"""What a form says of a seminar, kept; and what is known of one, for a form to hold."""

from handlers.seminars.cards import host_of, title_of
from handlers.seminars.form import Said
from handlers.turn import Turn
from storage.models import Seminar


def keep(turn: Turn, seminar: Seminar, said: Said) -> None:
    """What the form says of it, but for when."""
    seal = turn.keyring.seal_for_organisation
    seminar.title, seminar.where, seminar.places = seal(said.title), seal(said.where), said.places
    seminar.about = seal(said.about) if said.about else None


def filled(turn: Turn, seminar: Seminar) -> dict[str, str]:
    """What is known of it, as the form takes it."""
    known = {
        "title": title_of(turn, seminar),
        "about": turn.opened(seminar.about),
        "where": turn.opened(seminar.where),
        "places": "" if seminar.places is None else str(seminar.places),
        "off": "yes" if seminar.off_the_job else "no",
    }
    host = host_of(turn, seminar)
    if host is not None and host.id != turn.person.id:
        known["host"] = host.name
    if seminar.starts_at is not None and seminar.ends_at is not None:
        starts, ends = seminar.starts_at.astimezone(turn.zone), seminar.ends_at.astimezone(turn.zone)
        known |= {"day": starts.date().isoformat(), "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}
    return known

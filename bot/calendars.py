"""The calendar systems that the settings configure; no other is imported."""

from bot.config import Settings
from scheduling.calendars.contract import CalendarSystem


def calendar_systems(settings: Settings) -> dict[str, CalendarSystem]:
    """Each configured system by its name, nothing asked of it yet."""
    systems: dict[str, CalendarSystem] = {}
    if (outlook := settings.outlook) is not None:
        from scheduling.calendars.outlook import OutlookCalendar

        systems["outlook"] = OutlookCalendar(
            outlook.tenant_id, outlook.client_id, outlook.client_secret, outlook.outside,
            authority=outlook.authority, api_url=outlook.api_url,
        )  # fmt: skip
    if (google := settings.google) is not None:
        from scheduling.calendars.google import GoogleCalendar

        systems["google"] = GoogleCalendar(google.key_file, google.outside, google.api_url)
    return systems

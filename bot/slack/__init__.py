"""Slack: the same conversations as messages, modals and a home tab. Nothing else imports Slack's own libraries."""

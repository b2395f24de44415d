"""The trail: every change with who, when and what, written in the same transaction, append-only."""

from portal.audit.actions import Event, actor_label, known_event, record, set_actor_label

__all__ = ["Event", "actor_label", "known_event", "record", "set_actor_label"]

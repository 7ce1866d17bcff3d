"""Automatic news: what declared feeds, systems and one mailbox say becomes announcements."""

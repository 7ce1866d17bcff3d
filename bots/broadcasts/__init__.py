"""Truyền thông: announcements that reach everybody they are for, and know who has read them."""

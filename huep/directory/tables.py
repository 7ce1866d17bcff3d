"""The tables below the directory, in the schema `register`.

Written by the provisioner's database role only. Everybody else reads the views of the schema `directory`
(`huep.migrations`), which leave birth dates and e-mail out.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    func,
)

REGISTER = MetaData(schema="register")

units = Table(
    "units",
    REGISTER,
    Column("unit_code", String, primary_key=True),
)

unit_periods = Table(
    "unit_periods",
    REGISTER,
    Column("unit_code", ForeignKey(units.c.unit_code), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("parent_code", ForeignKey(units.c.unit_code)),
    Column("name", String, nullable=False),
    Column("short_name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column(
        "successors",
        String,
        nullable=False,
        server_default="",
        comment="codes of the units that take over when it is dissolved, by spaces",
    ),
    CheckConstraint("valid_to is null or valid_to > valid_from", name="unit_period_is_forward"),
    Index("unit_periods_by_parent", "parent_code"),
)

people = Table(
    "people",
    REGISTER,
    Column("person_key", Uuid, primary_key=True),
    Column("officer_code", String, nullable=False, unique=True),
    Column("full_name", String, nullable=False),
    Column("folded_name", String, nullable=False, index=True),
    Column("birth_date", Date),
    Column("email", String),
    Column("retires_on", Date),
    Column("leaves_on", Date, comment="last day of service (ngày làm việc cuối cùng); null while in service"),
)

posts = Table(
    "posts",
    REGISTER,
    Column("post_id", Integer, primary_key=True, autoincrement=True),
    Column("person_key", ForeignKey(people.c.person_key), nullable=False, index=True),
    Column("unit_code", ForeignKey(units.c.unit_code), nullable=False),
    Column("position_code", String, nullable=False, index=True),
    Column("position", String, nullable=False),
    Column("standing", String, nullable=False),
    Column("rank", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    CheckConstraint("valid_to is null or valid_to > valid_from", name="post_is_forward"),
    Index("posts_by_unit", "unit_code", "standing"),
)

absences = Table(
    "absences",
    REGISTER,
    Column("person_key", ForeignKey(people.c.person_key), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("kind", String, nullable=False),
)

accounts = Table(
    "accounts",
    REGISTER,
    Column("person_key", ForeignKey(people.c.person_key), primary_key=True),
    Column("user_id", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("locked", Boolean, nullable=False, default=False),
    Column("lock_owner", String, comment="who locked: 'hr', or a person's user ID for a security lock"),
    Column("lock_reason", String, comment="left, absent, dismissed, undone, or a security lock's own words"),
    Column("locked_at", DateTime(timezone=True)),
    Column("hr_lock_reason", String, comment="why HR had locked it, below a security lock; else null"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

roles = Table(
    "roles",
    REGISTER,
    Column("person_key", ForeignKey(people.c.person_key), primary_key=True),
    Column("role", String, primary_key=True),
)

guests = Table(
    "guests",
    REGISTER,
    Column("person_key", ForeignKey(people.c.person_key), primary_key=True),
    Column("sponsor_key", ForeignKey(people.c.person_key), nullable=False, index=True),
    Column("organisation", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False, comment="the last day on which the guest may use the account"),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", String, nullable=False),
    Column(
        "ended_at",
        DateTime(timezone=True),
        comment="when the sponsorship was ended before its day; null while it runs",
    ),
    Column("ended_by", String),
    CheckConstraint("ends_on >= starts_on", name="guest_is_forward"),
)

unit_rooms = Table(
    "unit_rooms",
    REGISTER,
    Column("unit_code", ForeignKey(units.c.unit_code), primary_key=True),
    Column("purpose", String, primary_key=True, comment="space, announcements or discussion"),
    Column("room_id", String, nullable=False, unique=True),
    Column(
        "moderators",
        String,
        nullable=False,
        server_default="",
        comment="localparts that last got a moderator's power, by spaces",
    ),
    Column("room_name", String, nullable=False, server_default="", comment="the name that the room last got"),
    Column("closed_on", Date, comment="the day on which it was closed, with a pointer to its successor"),
    Column("topic", String, nullable=False, server_default="", comment="the topic that the room last got"),
    Column("parent_id", String, comment="the space that shows it"),
    Column("join_rule", String, comment="the join rule that it last got"),
    Column(
        "replaced_by",
        String,
        nullable=False,
        server_default="",
        comment="IDs of the rooms that it was closed for, the tombstone's first, by spaces",
    ),
)

memberships = Table(
    "memberships",
    REGISTER,
    Column("room_id", String, primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("wanted", Boolean, nullable=False, comment="whether the register puts this person in this room"),
    Column("done", Boolean, nullable=False, default=False, comment="whether Synapse was brought to what is wanted"),
    Column("urgent", Boolean, nullable=False, default=False, comment="carried out before the rest"),
    Column("due_on", Date, comment="a leaving waits until this day: the grace after a move"),
    Index("memberships_open", "done", "urgent"),
)

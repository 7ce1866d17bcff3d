"""The names under which secrets lie in the state folder, where more than one part of HueP asks for them."""

ADMIN_TOKEN = "synapse-admin-token"  # noqa: S105 - a name
"""Access token of the service account."""
SERVICE_TOKEN = "module-service-token"  # noqa: S105 - a name
"""Opens the endpoints of our modules."""
REGISTRATION = "synapse-registration"
"""Synapse's registration secret, for accounts that are not people."""
REPLICATION = "synapse-replication"
"""What Synapse's processes show to each other."""
REDIS = "redis"
"""The password of the Redis between them."""
REDIS_INCLUDE = "redis.conf"
"""The same as Redis reads it."""
BOTS_STORE_KEY = "bots-store-key"
"""Seals what the bots' encrypted devices keep in the database."""
BOTS_MAIL = "bots-mail"
"""Seals what bots were told and have to say, while it waits in the database."""
HR_WEBHOOK = "hr-webhook"
"""Signs what the HR system tells the provisioner's webhook."""
SCIM_TOKEN = "scim-token"  # noqa: S105 - a name
"""What the HR system carries when it writes to the SCIM service."""
OIDC_CLIENT_SECRET = "oidc-client-secret"  # noqa: S105 - a name
"""What Synapse shows to the province's single sign-on; given by its operator."""
TURN_SECRET = "turn-secret"  # noqa: S105 - a name
"""What the province's TURN server and Synapse share; given by its operator."""
SOURCE_PASSWORD = "hr-source-password"  # noqa: S105 - a name
"""Of the database user that reads the register's views; the operator gives it."""
SOURCE_TOKEN = "hr-source-token"  # noqa: S105 - a name
"""Opens the register's REST interface; the operator gives it."""


def news_secret(source: str) -> str:
    """What a declared source of news is opened or signed with: a webhook's secret, a mailbox's password."""
    return f"news-{source}"


def bot_password(localpart: str) -> str:
    """The password of a bot."""
    return f"bot-{localpart}-password"


def bot_recovery_key(localpart: str) -> str:
    """What opens the secret storage of a bot's account, where its identity lies."""
    return f"bot-{localpart}-recovery-key"


def service_password(localpart: str) -> str:
    """The password of the service account."""
    return f"{localpart}-password"


def demo_password(localpart: str) -> str:
    """The password of a person of the demo, which `huep chat` finds by itself."""
    return f"demo-{localpart}-password"

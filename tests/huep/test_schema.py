"""The migrations and the tables that the code names say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hr_provisioner.tables import HR
from huep.database import Role
from huep.directory.tables import REGISTER
from tests.conftest import Databases


def test_migrated_database_is_what_the_code_names(databases: Databases) -> None:
    engine = databases.engine(Role.OWNER)
    try:
        with engine.connect() as connection:
            for metadata in (REGISTER, HR):
                context = MigrationContext.configure(
                    connection,
                    opts={
                        "include_schemas": True,
                        "compare_type": True,
                        "include_name": lambda name, kind, parents, schema=metadata.schema: (
                            name == schema if kind == "schema" else parents.get("schema_name", schema) == schema
                        ),
                    },
                )
                differences = [change for change in compare_metadata(context, metadata) if "comment" not in str(change)]
                assert differences == []
    finally:
        engine.dispose()

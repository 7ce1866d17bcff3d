"""Pure: which part of a filter PostgreSQL answers by its indexes, so that 60,000 people are not read for one."""

from uuid import UUID

from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator
from sqlalchemy import ColumnElement, false

from hr_provisioner.scim.store import name_key
from hr_provisioner.tables import scim_resources
from huep.names import normalise

SCANNED_AT_MOST = 2_000
"""A filter that no index narrows is answered by reading resources one by one; beyond so many it is refused."""


def narrowed(node: FilterNode) -> list[ColumnElement[bool]]:
    """Conditions that every match fulfils, from the `eq` comparisons that stand alone or are joined by `and`.

    On id, userName, externalId, employeeNumber and the unit code; empty where the filter has none of them.
    """
    if isinstance(node, LogicalExpr) and node.op is LogicalOperator.and_:
        return [condition for term in node.terms for condition in narrowed(term)]
    if isinstance(node, Comparison) and node.op is CompareOperator.eq and isinstance(node.value, str):
        condition = _equals(node.attr_path.attr.lower(), node.value)
        return [] if condition is None or node.attr_path.sub_attr is not None else [condition]
    return []


def _equals(attribute: str, value: str) -> ColumnElement[bool] | None:
    column = scim_resources.c
    match attribute:
        case "id":
            try:
                return column.resource_id == UUID(value)
            except ValueError:
                return false()
        case "username":
            return column.name == name_key(value)
        case "externalid":
            return column.external_id == value
        case "employeenumber" | "code":
            return column.code == normalise(value).upper()
        case _:
            return None

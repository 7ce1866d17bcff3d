"""Who is who, who leads what, who may see what. Read by all, written by `hr_provisioner`."""

from huep.directory.audience import Audience
from huep.directory.reader import Directory

__all__ = ["Audience", "Directory"]

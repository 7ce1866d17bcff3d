"""Ground floor of HueP: settings, state folder, database, directory, audit and the process stack.

Nothing here imports `hr_provisioner`, `synapse_modules` or `bots`.
"""

__version__ = "0.1.0"

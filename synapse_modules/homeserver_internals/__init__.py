"""The few things that Synapse's public ModuleApi does not offer, and nothing else.

Everything that reaches past `ModuleApi` stands in this folder, so that a Synapse upgrade breaks one place, and breaks
it at the start with a sentence that names what moved.
"""

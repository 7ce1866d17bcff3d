"""Calls as rooms know them (MatrixRTC: MSC3401, MSC4143)."""

CALL_MEMBERS = (
    "org.matrix.msc3401.call.member",
    "m.call.member",
    "org.matrix.msc4143.rtc.member",
    "m.rtc.member",
)
"""State by which a device takes part in a call; empty when it has left."""

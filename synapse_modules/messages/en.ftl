## huep explain
explain-find = Find them in the directory
explain-invite = Invite them, or begin a conversation
explain-message = Write to them
explain-shared-rooms = Rooms that both are in: { $count }; there they can write to each other all the same.

reason-self = Because it is the same person.
reason-service = Because one of them is a service account or a bot: open to everybody.
reason-asker-not-in-register = Because the register does not know the account that asks.
reason-asker-left = Because the account that asks is locked.
reason-not-in-register = Because the register does not know the other: nobody finds or invites them. From outside come guests alone, whom a leader sponsors.
reason-left = Because the other's account is locked.
reason-leads = Because the one who asks is head or deputy of a unit in which the other works.
reason-asker-internal = Because the unit of the one who asks keeps to itself.
reason-closed-unit = Because the other's unit is hidden from outside.
reason-same-unit = Because both work in the same unit.
reason-red-list-reached = Because the other is on the red list, and the post of the one who asks may reach them.
reason-red-list = Because the other is on the red list, and the post of the one who asks may not reach them.
reason-open = Because no rule stands between them.
reason-guest-of-unit = Because one of them is a guest, and the other is of the unit that sponsors the guest.
reason-guest-led = Because the other is a guest of a unit below the asker's: found, but invited and written to by that unit alone.
reason-guest-asks = Because the asker is a guest, and reaches the people of the sponsoring unit alone.
reason-guest = Because the other is another unit's guest, whom the sponsoring unit alone reaches.

you = You
edited = edited
picture = picture
file = file
took-back = has taken a message back
room-replaced = has moved the conversation to a new room
membership-invite = was invited
membership-join = has joined
membership-leave = has left
membership-ban = was banned
membership-knock = asks to join
poll = poll
poll-how = /vote NUMBER to choose
voted = has voted
poll-ended = has closed the poll
unreadable = the key to read this has not come yet
not-encrypted = not encrypted
not-verified = device not verified

room-open = Room { $room }, end-to-end encrypted
room-open-unencrypted = Room { $room }, NOT encrypted
invited = { $who } invites you to a room: see /rooms
how-to-leave = Type and press Enter; /help lists the commands, /quit leaves
help = /rooms  your rooms
    /join NUMBER  enter a room of that list
    /vote NUMBER  choose in the latest poll
    /react 👍  react to the latest message
    /quit  leave
no-such-room = There is no room of that number: /rooms lists them
no-poll = There is no poll with a choice of that number
nothing-to-react-to = There is no message to react to yet
picture-unreadable = this picture cannot be shown
not-sent = Not sent: the server does not answer. Try again in a few seconds
refused = The server refused: { $reason }
device-not-verified = This device is not verified, since the account has set up encryption elsewhere, so the assistant will not answer. Run again with --new-identity to replace the encryption identity.

wrong-password = Wrong account or password.
account-locked = The account is locked: please ask your unit's personnel officer.
session-ended = This login is no longer valid: run huep chat again to log in.
device-in-use = Another huep chat is using this device: close that one first.
unreachable = Nothing answers at { $url }: is HueP running? See huep status.

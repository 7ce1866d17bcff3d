not-understood = I did not understand that. Try "{ $first }" or "{ $second }".
not-understood-one = I did not understand that. Try "{ $first }".
nothing-open = Nothing is waiting for your answer. Type "help" to see what you can ask.
welcome = You are welcome. Write to me whenever you need something.
only-words = I can read written messages only. Please type your question.
no-edits = I do not read edits. Please send it again as a new message.
not-in-register = I cannot find you in today's staff directory. Please ask your unit's personnel officer.
something-failed = The system is busy, so I cannot answer yet. Please try again in a few minutes.
not-encrypted = I answer in end-to-end encrypted rooms only. Start a new direct chat with me and send your question there.
in-private = I answer this in a direct chat only. Please write to me there.
cannot-read = I have not received the key for your last message. Please send it again; if that does not help, sign out of the app and in again.

dialog-footer = Type "cancel" to stop, "change" to correct what you answered before.
dialog-no-answer = I did not understand this answer.
dialog-unread = I am not sure what "{ $words }" is.
dialog-moved = The choices have changed since I asked, so I have not taken this answer. Please look again:
dialog-which = Please choose a number:
dialog-which-of-many = Please choose a number, or say more, for there are { $left } others:
dialog-more = Send more, or type "done" when that is all.
dialog-correct = What would you like to change?
dialog-leave = You are in the middle of "{ $title }". Shall I drop it for what you just typed? Answer "yes" or "no".
dialog-leave-or-take = What you just typed is a question of its own too. Shall I drop "{ $title }" for it? Answer "yes", or "no" and I take it as your answer.
dialog-stopped = I have stopped, and changed nothing.
dialog-timed-out = I waited for your answer and stopped "{ $title }" when none came. Please type it again when you need it.

confirm = Answer "yes" or react with ✅ to this message and I will do it, "change" to correct it, "no" to stop.
confirm-in-words = Answer "yes" and I will do it, "change" to correct it, "no" to stop.
confirm-not-by-sign = For this you have to type "yes"; reactions are not encrypted, so I cannot take one.
confirm-changed = Something has changed since I asked; please look at it again:
confirm-too-early = You answered before this question reached you, so I ask again to be sure:
confirm-other = You replied to an older message; the question that waits for you is:

section-help = Help
help-help = this list again
help-help-with = one question explained, with an example
example-help-with = help who am i
step-help-with-command = question
help-closing = With or without Vietnamese accents, as you like.
help-phrases = You can type: { $phrases }
help-example = For example: { $example }
help-confirms = I will read it back, and do it only once you agree.

role-province_leader = Province leaders
role-unit_head = Heads of units
role-acting_head = Whoever stands in
role-deputy = Deputies
role-hr_officer = HR officers
role-operator = Operators
role-communicator = Communicators
role-staff = Staff

page-introduction =
    # What bots can be asked

    `huep bots commands` writes this page from the code; `tests/bots/test_commands_page.py` keeps it true.

    What somebody may ask follows from the directory at the time of asking; HR officers, operators and communicators are those who were granted that role with `huep hr roles`. For whoever may not use a command it does not exist: the same answer and the same suggestions as for anything unknown, and not in the help. `{ $access_test }` tries every role with every command. While a head is away (long leave, study, suspension) leadership rests, and whoever stands in has it.
page-type = Type
page-does = What for
page-example = Example
page-confirmed = Asks before it acts
page-test = Test
notice-room = HueP system notices
notice-topic = Here the HueP assistant tells you about your devices. This room is not encrypted, and nobody can answer in it.
notice-verify =
    The device you are using is not verified, so the HueP assistant neither reads nor answers what you send from it. Please verify it; once is enough:
    1. Open Element on this device and go to Settings > Encryption (older versions: Security & Privacy).
    2. Choose "Verify this device".
    3. Choose "Use another device" and compare the symbols on both, or choose "Use recovery key" and enter the key that you kept.
    4. Send your question to the HueP assistant again.
    If you have no other device and cannot find your recovery key, please ask your unit's personnel officer.

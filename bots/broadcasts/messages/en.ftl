greeting = I carry the announcements of the city and its units to everybody. You can ask:

## Announcements, as everybody sees them

announcement-head-information = 📢 Announcement { $number } · { $unit }
announcement-head-important = 📢 Important announcement { $number } · { $unit }
announcement-head-urgent = 🚨 Urgent announcement { $number } · { $unit }
announcement-number-later = …
announcement-to = To: { $names }
announcement-to-some = To: { $count } people in this room
announcement-signed = — { $name }, { $position }
announcement-from-source = — Automatic news from { $source }
announcement-edited = (edited at { $moment })
announcement-asks = ⏰ Please acknowledge before { $deadline }: react with ✅ to this message, or write “got it { $number }” to me.
announcement-asks-now = ⏰ Please acknowledge at once: react with ✅ to this message, or write “got it { $number }” to me.
announcement-again = 🔔 Once more announcement { $number }: { $names } have not acknowledged it. Please react with ✅ to it or to this message, or write “got it { $number }” to me.
and-more = { $names } and { $count } others
moment = { $time } on { $day }
announcement-reminder = 🔔 You have not acknowledged announcement { $number } of { $unit } yet: “{ $beginning }”. Deadline: { $deadline }. Please react with ✅ to this message, or reply “got it { $number }”.

## Writing

section-speaking = Announcing
help-announce = writes an announcement to units, shown to you as everybody will see it
example-announce = announce important to Sở Nội vụ by friday: Meeting at 2 pm
ask-announce-level = How urgent is it?
ask-announce-deadline = Until when is it to be acknowledged? For example: 5pm friday.
ask-announce-wanted = To whom? For example: tất cả chủ tịch xã, phường trừ A Lưới. Or type a number to pick:
ask-announce-content = What does it say? Type, forward a message, send pictures or files; type “done” when that was all.
step-announce-level = level
step-announce-deadline = deadline
step-announce-wanted = audience
step-announce-content = content
help-send-again = changes an announcement that was sent back, and submits it again
example-send-again = submit 17 again
ask-send-again-broadcast = Which announcement?
ask-send-again-level = At which level?
ask-send-again-deadline = By when is it to be acknowledged? For example: 17h on Friday.
ask-send-again-wanted = To whom? For example: tất cả chủ tịch xã, phường trừ A Lưới. Or type a number to pick:
ask-send-again-content = What shall it say? Send pictures and files again if there are any; type “done” when that is all.
step-send-again-broadcast = number
step-send-again-level = level
step-send-again-deadline = deadline
step-send-again-wanted = recipients
step-send-again-content = content

content-so-far = { $files ->
    [0] I have the content.
    [one] I have the content, with one file.
   *[other] I have the content, with { $files } files.
}
content-too-long = This is too long; please shorten it, or send the long part as a file.
content-too-many-files = An announcement has { $most } files at most.
deadline-too-soon = This deadline is too near or over; please choose a later one.
deadline-too-far = A deadline lies within the next { $days } days.
would-reach = To: { $words }. This announcement reaches { $people } people in { $units } units, through { $rooms } announcement rooms.
would-be-read-by-others = { $count } others in these rooms can read it too.
would-write-to-some = { $count } people without an announcement room will get it by direct message.
would-not-reach-all = { $count } people have no announcement room; I can write to { $most } of them directly.
would-wait-for-morning = It is night now, so the announcement goes out at { $moment }.
would-ask = Because { $because }, { $name } ({ $unit }) has to approve it first.
would-send-again = This is announcement { $number }, which was sent back. Type “change” to change level, deadline, recipients, or content and files.
announced = Done. The announcement is on its way; its number and progress are in the message just above.
announced-for-approval = Done. I have put it before { $name }; I will tell you the answer.

## Approving

section-approving = Approving announcements
help-awaiting = lists the announcements that wait for your approval
help-approve = approves and sends an announcement
example-approve = approve 17
ask-approve-broadcast = Which announcement do you approve?
step-approve-broadcast = number
help-return = sends an announcement back to its author, with a reason
example-return = return 17: the time is missing
ask-return-broadcast = Which announcement do you send back?
ask-return-reason = Why do you send it back?
step-return-broadcast = number
step-return-reason = reason

asked-to-approve = { $name }, { $position }, asks you to approve announcement { $number }. To: { $words }; { $people } people in { $units } units, through { $rooms } rooms. Type “approve { $number }”, or “return { $number }: reason”.
awaiting-none = No announcement waits for your approval.
awaiting-some = Waiting for your approval:
would-approve = I will send announcement { $number } of { $name }.
approve-too-late = The deadline of announcement { $number } is over. Type “return { $number }: reason”, so that its author sets a new one.
approved = Done. Announcement { $number } is on its way.
approved-told = ✅ Announcement { $number } was approved and is on its way.
would-return = I will send announcement { $number } back to { $name }, because: { $reason }
returned = Done. I have sent announcement { $number } back to { $name }.
returned-told = ↩️ Announcement { $number } was sent back: { $reason } Type “submit { $number } again” to look at it, change it and submit it.

## Changing

section-changing = Changing announcements
help-edit = changes words and files of an announcement, wherever it was sent
example-edit = edit 17
ask-edit-broadcast = Which announcement do you edit?
ask-edit-content = What shall it say? Type it, or send pictures and files to add; type “done” when that was all.
ask-edit-files = Shall the files sent before be kept or dropped?
step-edit-broadcast = number
step-edit-content = new content
step-edit-files = files sent before
help-withdraw = takes an announcement back wherever it was sent
example-withdraw = withdraw 17
ask-withdraw-broadcast = Which announcement do you take back?
step-withdraw-broadcast = number

edit-not-alone = You cannot change announcement { $number } alone, for somebody else approved it, or it is beyond your right today. Ask who approved it, or withdraw it and write a new one.
beyond-reach = Announcement { $number } was sent more than 30 days ago, so I can no longer change it or take it back; please put it right with a new one.
would-edit = I will change announcement { $number } into this wherever it was sent; who has acknowledged it need not do so again.
would-edit-returned = I will change announcement { $number } into this; it is not sent yet.
edited = Done. Announcement { $number } is being changed wherever it was sent.
edited-returned = Done. Type “submit { $number } again” to put it forward once more.
would-withdraw = I will take back announcement { $number } (“{ $beginning }”) wherever it was sent; this cannot be undone.
withdrawn = Done. Announcement { $number } is being taken back wherever it was sent.

## Following

section-following = Following announcements
help-progress = how far an announcement has come and how many have acknowledged it, unit by unit
example-progress = progress 17
ask-progress-broadcast = The progress of which announcement?
ask-progress-unit = In which unit?
step-progress-broadcast = number
step-progress-unit = unit
help-missing = who has not acknowledged an announcement
example-missing = who is missing 17
ask-missing-broadcast = Of which announcement?
ask-missing-unit = In which unit?
step-missing-broadcast = number
step-missing-unit = unit
help-remind = reminds those who have not acknowledged, and nobody else
example-remind = remind 17
ask-remind-broadcast = Of which announcement?
step-remind-broadcast = number

help-chart = a chart of who has acknowledged, unit by unit
example-chart = chart 17
ask-chart-broadcast = A chart of which announcement?
step-chart-broadcast = number
help-export = the whole record as a workbook, to be kept
example-export = export 17
ask-export-broadcast = Which announcement do you export?
step-export-broadcast = number
chart-file = announcement-{ $number }.png
export-file = announcement-{ $number }.xlsx
would-export = I will send you a workbook with the names, positions and acknowledgements of all whom announcement { $number } is for; this is written into the audit log.
exported = Done. This is the record of announcement { $number }.

progress-on-its-way = Announcement { $number } is on its way: it has reached { $reached }/{ $rooms } rooms.
progress-arrived = Announcement { $number } has reached { $reached }/{ $rooms } rooms.
progress-direct = Direct messages: { $reached }/{ $people } people.
progress-lost = ⚠️ { $count } messages could not be sent; operators see them with “huep bots outbox list”.
progress-how-to-ask = Type “progress { $number }” to see it by unit, “who is missing { $number }” to see names.
progress-asks-nothing = This announcement asks for no acknowledgement.
progress-seen = Seen by at least { $count } (by read receipts; who has switched them off cannot be counted).
progress-more-units = … and { $count } other units.
acknowledged = { $acknowledged }/{ $owed } have acknowledged it ({ $percent }%){ $late ->
    [0] .
   *[other] , { $late } of them late.
}
heading-with-deadline = { $named } (until { $deadline })
missing-nobody = Nobody is missing.
missing-count = { $count } have not acknowledged it:
missing-away = { $name } (away)
missing-more = … and { $count } others.
nobody-of-that-unit = This announcement is for nobody in that unit.
would-remind = I will remind { $count } people who have not acknowledged announcement { $number }.
reminded = Done. I remind { $count } people who have not acknowledged announcement { $number }.
closed-told = 🏁 The time to acknowledge announcement { $number } is over.
newcomers-left = ⚠️ { $count } newcomers whom announcement { $number } concerns got no direct message, for an announcement may cost { $most } of them. They still see it when they type “my news”.
list-told = After reminders, direct messages and word to their leaders, of the urgent announcement { $number }:
leader-told = ❗ Urgent announcement { $number } of { $unit }: { $count } of your people have not acknowledged it, please reach them at once.
digest-told = For information, since the last working day ({ $count }):

## Templates and lists

section-keeping = Templates, lists
help-templates = your templates; when you write, type “template” and its name as the content
help-keep-template = keeps a content as a template
example-keep-template = keep template meeting: Meeting at 2 pm in the hall
ask-keep-template-name = What shall the template be called?
ask-keep-template-content = What does it say? Type “done” when that was all.
step-keep-template-name = name
step-keep-template-content = content
help-drop-template = deletes a template of yours
example-drop-template = delete template meeting
ask-drop-template-name = Which template?
step-drop-template-name = name
help-lists = the lists of people that are kept
help-keep-list = keeps people under a name, to announce something to all of them
example-keep-list = keep list Task force 06: Nguyễn Thị An, Hồ Văn Bình
ask-keep-list-name = What shall the list be called?
ask-keep-list-wanted = Who is on it?
step-keep-list-name = name
step-keep-list-wanted = people
help-drop-list = deletes a list that you kept
example-drop-list = delete list Task force 06
ask-drop-list-name = Which list?
step-drop-list-name = name

templates-none = You have no templates. Type for example “keep template meeting: Meeting at 2 pm”.
templates-some = Your templates:
would-keep-template = I will keep the template “{ $name }”: { $beginning }
would-drop-template = I will delete the template “{ $name }”.
template-kept = Done. When you write an announcement, type “template { $name }” as its content.
template-dropped = Done. I have deleted the template “{ $name }”.
nothing-of-that-name = You have nothing called “{ $name }”.
name-does-not-fit = This name is too long; please choose a shorter one.
lists-none = There are no lists.
lists-some = The lists that are kept:
lists-line = • { $name } ({ $count } people)
lists-line-of = • { $name } of { $owner } ({ $count } people)
would-keep-list = I will keep the list “{ $name }” of { $count } people; everybody who writes announcements can use it.
would-drop-list = I will delete the list “{ $name }”.
list-kept = Done. When you write an announcement, type “danh sách { $name }” as its audience.
list-dropped = Done. I have deleted the list “{ $name }”.

## The person's side

section-reading = Your announcements
help-my-news = what you still have to acknowledge, and what you were told lately
help-unread = what you have neither opened nor acknowledged
help-search = searches what was announced to you
example-search = search meeting
ask-search-words = Which words do you look for?
step-search-words = words
help-digest = what is for information, together in the morning of each working day
example-digest = daily digest on
ask-digest-switch = On or off?
step-digest-switch = on or off

noted = ✅ I have noted that you know { $count ->
    [1] announcement { $numbers }.
   *[other] the announcements { $numbers }.
}
noted-not-owed = No announcement { $number } waits for you to acknowledge it.
noted-nothing-owed = No announcement waits for you to acknowledge it.
noted-which = Several announcements wait for you; type for example “got it { $first }”, or “got it all”:
my-owed = { $count } announcements wait for you to acknowledge them:
my-owed-none = No announcement waits for you to acknowledge it.
my-owed-line = • { $named } (until { $deadline })
my-how = Type “got it { $first }” when you have read it, or react with ✅ to it.
my-heard = Lately:
unread-some = Unread, the latest first (by the read receipts of your app and what you acknowledged):
unread-none = You have read everything that was announced to you.
found = I have found { $count } announcements:
found-nothing = I have found no announcement to you that says “{ $words }”.
would-digest = Each morning of a working day I will send you what is for information in one message.
would-not-digest = I will send you no digest any more.
digest-on = Done. From tomorrow on you get the digest.
digest-off = Done. You get no digest any more.
## rights.py: who may say how much to whom
rights-not-a-speaker = This takes the role of a leader or a communicator.
rights-reaches-nobody = Nobody there has an account yet, so the announcement cannot be sent.
rights-nobody-to-approve = No leader is there today who could approve this announcement.
rights-not-your-own = Somebody else has to approve what you wrote.
rights-not-responsible = Today another leader answers for this announcement.
rights-because-beyond = it goes beyond the units that you direct
rights-because-size = it reaches many people
rights-because-deputy = you are a deputy
rights-because-communicator = you are a communicator

## The ledger: workbook and picture

record-sheet-units = Summary
record-sheet-people = People
record-sheet-entries = Log
record-title = Announcement { $number } of { $unit }
record-audience = To: { $words }
record-sent = Sent at
record-deadline = To be acknowledged by
record-unit = Unit
record-owed = To acknowledge
record-acknowledged = Acknowledged
record-percent = Share
record-late = Late
record-missing = Missing
record-seen = Seen (at least)
record-name = Name
record-account = Account
record-position = Position at the time
record-unit-then = Unit at the time
record-owed-since = Owed since
record-acknowledged-at = Acknowledged at
record-means = How
record-means-reaction = reaction
record-means-word = words
record-is-late = late
record-released-at = Released at
record-released = Reason
record-released-left = left the service
record-released-successor = moved on, the successor acknowledges
record-joined = Note
record-joined-later = came after it was sent
record-succeeds = succeeds { $name }
record-seen-at = Seen at
record-entry = Entry
record-at = Moment
record-actor = Who
record-act = What
record-act-drafted = drafted
record-act-rewritten = text changed
record-act-frozen = list settled
record-act-state = state changed
record-act-acknowledged = acknowledged
record-act-joined = people added
record-act-released = people released
record-details = Details
record-previous-hash = Hash of the entry before
record-hash = Hash
record-head = Hash of the chain's end
record-unwritten = Acknowledgements not in the chain yet
chart-title = Announcement { $number }
chart-counted = { $acknowledged } of { $owed } people have acknowledged ({ $percent }%)
chart-own = The unit's own
chart-done = in time
chart-late = late
chart-open = missing
chart-of = { $acknowledged }/{ $owed }
chart-others = { $count } other units
would-ask-beyond = It reaches people outside the units that you lead, so { $name } ({ $unit }) has to approve it first.
would-ask-size = It reaches many people, so { $name } ({ $unit }) has to approve it first.
would-ask-deputy = You are a deputy, so { $name } ({ $unit }) has to approve it first.
would-ask-communicator = You write for others, so { $name } ({ $unit }) has to approve it first.

## Automatic news

news-held-back = ⚠️ { $source } sends too much news within the hour: the rest goes out over the next hours. See `huep bots news`.
news-unread = ⚠️ I cannot read the news of { $source }: { $reason } See `huep bots news`.
deadline-moment = { $time } on { $weekday }, { $day }
deadline-past = That is over already. Please choose a moment to come, for example: before 17h on Friday.
weekday-0 = Monday
weekday-1 = Tuesday
weekday-2 = Wednesday
weekday-3 = Thursday
weekday-4 = Friday
weekday-5 = Saturday
weekday-6 = Sunday

## huep bots announcements

proof-number = Number
proof-state = State
proof-state-is = { $state ->
    [awaiting] awaits approval
    [returned] sent back
    [sent] running
    [closed] closed
   *[withdrawn] withdrawn
}
proof-level = Level
proof-level-is = { $level ->
    [information] for information
    [important] important
   *[urgent] urgent
}
proof-at = Sent
proof-author = Author
proof-people = People
proof-none = There is no announcement yet.
proof-audit = Reading the audit log …
proof-so-far = { $count } announcements checked …
proof-holds = Announcement { $number } holds. Its chain has { $entries } entries; { $witnesses ->
    [0] the audit log remembers no head of it.
   *[other] the audit log remembers { $witnesses } heads of it, and agrees.
}
proof-young = { $count } young acknowledgements are not in the chain yet.
proof-what-now = The database was changed from outside. Leave the machine as it is, run `huep audit verify --head` with the head kept elsewhere, compare with workbooks that were exported and with a backup.
proof-export = Making the record of announcement { $number } …
proof-exported = The record of announcement { $number } ({ $people } people) is in { $file }. It holds names: give it to nobody who need not have it.

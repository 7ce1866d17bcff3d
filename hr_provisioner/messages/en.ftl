## Reading a register
read-totals = Read { $rows } rows: { $people } people, { $units } units, { $faults } faults held back.
quarantine-title = Rows held back
quarantine-file = File
quarantine-row = Row
quarantine-column = Column
quarantine-value = Value
quarantine-officer = Officer code
quarantine-reason = Reason
more = … and { $count } more
more-in-json = … and { $count } more (all of them with --json)

## Why a row is held back: single cells
date-impossible = No such day: write it as 31/12/1980 or 1980-12-31, with a year from { $earliest } to { $latest }.
code-malformed = A code has unaccented letters, digits, and . - _ / in between, nothing else.
email-malformed = This is no e-mail address.
word-unknown = This value is not known; use one of those laid down for the column.
row-too-long = The row has more cells than the heading (too many: { $surplus }); its cells may have slipped a column.
unit-code-missing = The unit code is missing.
end-before-start = The end lies before the beginning.

## Why a row is held back: units
unit-name-missing = The name of the unit is missing.
unit-level-wrong = The level must be a number from 0 (the city) to { $deepest }.
unit-parent-wrong = Only the unit of level 0 has no unit above it, and every other must have one.
unit-code-taken = This unit code is taken by "{ $name }" in row { $row }.
unit-parent-unknown = No unit above has this code.
unit-in-circle = The units above run in a circle: this unit stands below itself.
unit-not-below = The level must be greater than level { $level } of { $parent }, the unit above.
unit-parent-held = { $parent }, the unit above, is held back because its row is faulty.

## Why a row is held back: people
officer-code-missing = The officer code is missing.
name-missing = The name is missing.
born-after-post = The birth date lies after the beginning of the post.
last-day-before-post = The last day of service lies before the beginning of the post.
status-start-missing = The first day of this status is missing.
last-day-missing = Who has left must have a last day of service.
post-start-missing = The first day of the post is missing.
post-missing = The person has no post.
unit-held = This unit is held back because its row is faulty.
unit-unknown = No unit has this code.
position-missing = The position is missing.
officer-code-taken = This code belongs to "{ $name }", in row { $row }.
officer-code-taken-born = This code belongs to "{ $name }", born { $born }, in row { $row }.
service-differs = The status differs from row { $row } of the same person.

## A register that cannot be read
source-unreadable = The register { $name } cannot be read: { $reason }.
source-empty = The register { $name } is empty: it needs a row of headings and data below it.
source-column-missing = The register { $name } lacks the column { $columns }; `huep hr inspect` shows how each heading is understood.
source-column-repeated = The register { $name } has the column "{ $column }" twice; remove or rename one.
unreadable-missing = there is no such file or folder
unreadable-kind = expected an .xlsx workbook, or a folder with { $posts } and { $units } in it
unreadable-system = the system says "{ $error }"
unreadable-encoding = byte { $position } is not { $encoding }; save it as CSV UTF-8
unreadable-csv = row { $row } is not CSV ({ $error })
unreadable-workbook = it is not an XLSX workbook, or is damaged
unreadable-no-sheet = it has no sheet "{ $wanted }", only { $found }
unreadable-sheet = the sheet is damaged

## A plan
plan-empty = Nothing to do: the directory agrees with the register.
plan-id = Plan { $sha256 } for { $day }
plan-title = Plan
plan-by-unit = By unit
plan-concerned = Whom it concerns
plan-deed = Deed
plan-count = Number
plan-unit = Unit
plan-subject = Whom
plan-details = Details
action-lock_account = Lock an account
action-unlock_account = Unlock an account
action-create_account = Create an account
action-rename_account = Change the display name
action-move_person = Change posts
action-update_person = Update facts
action-open_unit = Add a unit
action-change_unit = Change a unit
action-close_unit = Dissolve a unit
since = from { $day }
last-day = last day of service { $day }
fact-full_name = name
fact-birth_date = birth date
fact-email = e-mail
fact-retires_on = retirement
fact-leaves_on = last day of service
fact-absence = long leave
post-lost = leaves { $position } ({ $unit })
post-gained = takes { $position } ({ $unit })
post-changed = corrects { $position } ({ $unit })
left-frozen = { $count } people frozen because a row of theirs is held back
left-absent = { $count } people not in the register, left as they are (absence from one file locks nobody)
left-without_post = { $count } people without a post whom the register does not call leavers, left as they are
left-awaiting = { $count } people whose first day has not come, without an account yet
remark-quarantined = Rows held back: { $count } (usually at most { $usual })
remark-absent = People missing from the register: { $count } (usually at most { $usual })

## Carrying it out
confirm = Carry out this plan?
not-confirmed = Nothing was done.
already-running = Another `huep hr apply` is running: wait until it ends.
interrupted = The run of { $at } by { $actor } was cut off after { $done } deeds; the plan below holds the rest.
stage-lock = Lock accounts
stage-units = Units
stage-unlock = Unlock accounts
stage-create = Create accounts
stage-directory = Directory
stage-rename = Change display names
stage-close_units = Dissolve units
done = { $done } deeds done, { $failed } failed.
rate = { $rate }/s
joins = Into the rooms
joins-urgent = { $count } urgent memberships changed; the others: `huep hr joins`.
joins-elsewhere = Another process is bringing people into their rooms (see `huep status`).
joins-done = Everybody is in the rooms of their unit ({ $count } changes).
joins-progress = { $done }/{ $total } memberships, { $left } left, { NUMBER($rate, minimumFractionDigits: 1, maximumFractionDigits: 1) }/s, { $units } units with new rooms, { $changed } whose rooms changed

## Demo registers
demo-writing = Writing the demo register…
demo-written = { $people } people, { $units } units, in { $folder }:

# Reasons of locks; units withdrawn
action-withdraw_unit = Withdraw a unit
lock-dismissed = dismissed
lock-absent = missing from the register for too long
lock-on_leave = long leave
lock-undone = the run was taken back
lock-security = a security lock that the homeserver lost
left-protected = { $count } people with a protected account, left as they are
left-twins = { $count } pairs of codes that may be one person, for an officer to decide (huep hr twins)
left-moved_on = { $count } deeds not taken back, because things have changed since that run
left-absent-since = missing from { $snapshots } snapshots, since { $day }

## Whether a register is whole: bad cells
code-is-a-number = A spreadsheet took this code for a number, and zeros at its beginning may be lost: format the column as text and export again.
name-characters = The name has characters that no name has (signs, letters of another alphabet, hidden ones, a wrong encoding): type it again in Unicode.
text-characters = This cell has hidden characters, or such as a failed decoding leaves: type it again.
text-too-long = This cell has more than { $most } characters.
formula-in-cell = This cell is a formula, or the error of one (#REF!, #N/A, …): paste values in the place of formulas.
unit-successor-unknown = No unit that takes over has this code; the unit is kept without one.

## A register that is refused
snapshot-nothing-in = The register has { $rows } rows, and { $people } people and { $units } units that can be trusted: an empty register is none. Nothing was done; export it again.
snapshot-cut = The register is cut: { $rows } rows were read, its source states { $stated }. Nothing was done; export it again.
snapshot-not-ended = The register is cut: after { $rows } rows its source stopped before its end. Nothing was done; export it again.
snapshot-older = The register exported at { $exported } is not newer than the one accepted last (exported at { $accepted }). Nothing was done; look whether this is an old file.
snapshot-future = The register says that it was exported at { $exported }, more than { $minutes } minutes after now ({ $now }). Nothing was done; set the clock of the exporting machine.
snapshot-heading-again = The table of { $table } repeats its headings in row { $row }: two tables were pasted into one. Nothing was done.
snapshot-column-shifted = In the column "{ $column }" of the table of { $table }, { $faults } of { $values } values make no sense: the cells may have slipped a column. Nothing was done.
snapshot-month-first = The column "{ $column }" of the table of { $table } has { $count } dates with the month first (as 07/31/2025): its other dates would be misread. Nothing was done; export it with the day first.
snapshot-column-gone = The column "{ $column }" of the table of { $table } had { $before } values last time and has none now. Nothing was done; export all columns.
snapshot-doubled = { $repeated } of { $rows } rows repeat another row to the letter: part of the register was copied twice. Nothing was done.
snapshot-two-provinces = The register has { $count } units of level 0 ({ $codes }) and may have one: two places' registers may be mixed. Nothing was done.
snapshot-units-vanished = Only { $kept } of the { $before } units of the last register are left. Nothing was done; a unit that is dissolved gets a last day and is not left out.
snapshot-other-people = Only about { $percent }% of the officer codes of the last register are in this one: the codes were changed, or this is another place's register. Nothing was done.
snapshot-everybody-left = According to this register { $left } of { $people } people have left, last time { $before } had. Nothing was done; check the columns of status and last day.
snapshot-overtaken = This register, exported at { $exported }, has been overtaken by the one exported at { $accepted } and can no longer be accepted.
snapshot-unknown = No register has the hash { $hash }.
snapshot-expired = The content of the register { $hash } has been kept for its time and is deleted.

## A register that waits for two officers
parked-first = This is the first register: there is none to compare it with.
parked-rows = The register has { $rows } rows, the last one had { $before }: more than { $percent }% apart.
parked-quarantine = { $quarantined } of { $rows } rows are held back: more than { $percent }%.
parked-turnover = About { $gone }% of the people of the last register are missing, about { $new }% of the people are new.
parked-changed = About { $percent }% of the people have another { $what } than last time.
parked-units = { $gone } units of the last register are not in this one.
parked-units-ended = { $ended } of the { $units } units of the last register have a last day now.
parked-leavers-back = { $count } of { $before } people who had a last day have none now.
parked-old-content = The content is that of the register exported { $exported }, which was used before and is older than the last one ({ $last }): perhaps an old file copied again.
parked-thin = The column "{ $column }" of the table of { $table } had { $before } values last time and has only { $now } now.
parked-stale = The newest post of the register begins { $newest }, that of the last one { $before }: this may be an old register.
table-posts = people
table-units = units
changed-name = name
changed-birth = birth date
changed-posts = post
changed-service = status or last day

# Rooms of units
room-announcements-name = Announcements · { $unit }
room-announcements-topic = Announcements of { $unit }
room-discussion-name = Discussion · { $unit }
room-discussion-topic = Discussion of the work in { $unit }
room-closed-name = { $name } (closed)
room-closed-over = This unit ended on { $day }. The room is closed: it can be read, and nobody writes any more.
room-closed-moved = This unit ended on { $day }; its work goes on in: { $successors }. The room is closed: it can be read, and nobody writes any more.

## Sources of the register
source-mapped-column-missing = The register { $name } has no heading "{ $heading }", which huep.toml gives for the column "{ $column }".
unreadable-old-font = its letters are those of { $encoding }; convert it to Unicode (UTF-8) and export it again
unreadable-database = the database { $where } says "{ $error }"
unreadable-no-view = the database { $where } has no view "{ $view }"
unreadable-no-right = the user { $user } of the database { $where } may not read "{ $view }"
unreadable-http-status = the server answered with status { $status }
unreadable-http = the server did not answer in { $attempts } attempts: { $error }
unreadable-answer = the answer is no page of rows in JSON ({ $error })
unreadable-elsewhere = the server points to another address ({ $address }), where nothing may be read
unreadable-loop = the server points back to a page that was read
unreadable-too-large = the answer is longer than { $limit } MB
unreadable-changing = the data changed while being read; it was read { $attempts } times
unreadable-kept = the kept copy of the register is damaged

## The guard: a plan over a limit
guard-trip-locks = { $count } accounts locked in 24 hours (limit { $limit })
guard-trip-unit = { $count } accounts of the unit { $unit } locked in 24 hours (limit { $limit })
guard-trip-unlocks = { $count } accounts unlocked in 24 hours (limit { $limit })
guard-trip-creates = { $count } accounts created in 24 hours (limit { $limit })
guard-trip-renames = { $count } display names changed in 24 hours (limit { $limit })
guard-trip-moves = { $count } people moved in 24 hours (limit { $limit })
guard-trip-updates = Facts of { $count } people changed in 24 hours (limit { $limit })
guard-trip-units = { $count } units changed, dissolved or withdrawn in 24 hours (limit { $limit })
guard-and = { $first }; { $second }
guard-parked = The plan { $sha256 } is parked until two officers approve it: { $trips }. See `huep hr parked`.
remark-repairs = Accounts to lock or make again because the homeserver lost them: { $count } (usually at most { $usual })
remark-units = Units dissolved or withdrawn: { $count } (usually at most { $usual })

## Signatures of approving officers
sign-wrong-key = The signature of { $officer } was not made with the enrolled key: sign again with the key that counts now.
sign-expired = The signature of { $officer } is over, or not valid yet: check the clock of the machine and sign again.
sign-other-server = This file is for the server { $theirs }, not for { $ours }.
sign-altered = { $name } was changed, or is no request and no signature: export it and sign it again.
sign-key-unreadable = The private key { $path } cannot be opened: wrong passphrase, or no key file.
sign-key-exists = The file { $path } exists: a key is never written over; choose another name.
sign-passphrase = Passphrase of the key
sign-passphrase-short = The passphrase of a key needs at least { $shortest } characters.
sign-passphrase-unreadable = The passphrase file { $path } cannot be read.

## Approving officers
officer-card-damaged = { $name } is no public card (.pub) of an approving officer, was changed, or does not fit the key: ask for the card again.
officer-card-old = The card of { $officer } was made before the last enrolment or removal: make a new key.
officer-too-few-founders = It takes two officers at least, each with a code and a key of their own, to begin.
officer-already-founded = There are { $count } approving officers already: two of them sign a new one in (`huep hr officers enrol`).
officer-key-taken = This key is enrolled for { $officer }: everybody has a key of their own, and old keys do not come back.
officer-name-differs = The card of { $officer } says "{ $name }", the register says "{ $registered }": make the card again with the right name.
officer-not-in-register = The register has no code { $officer }: only people of the register approve.
officer-locked-by-hand = The accounts of { $who } are locked by hand: open them (`huep hr unlock`); a lock does not let officers be founded anew.
officer-not-signed = Two valid signatures for { $officer } are needed (so far { $count }: { $who }).
officer-unknown = There is no approving officer with the code { $officer }.
officers-title = Approving officers
officers-code = Code
officers-name = Name
officers-key = Public key
officers-since = Since
officers-by = Signed in by
officers-standing = Standing
officers-founder = (founder)
officers-counts = counts
officers-removed = removed
officers-locked = account locked, does not count
officers-left = left the service, does not count
officers-key-made = Made the private key { $key } (it stays on this machine) and the public card { $card } (hand it to the operator).
officers-founded = Enrolled the first { $count } approving officers.
officers-enrolled = Enrolled { $name } ({ $officer }), signed in by { $by }.
officers-gone = Removed { $officer } from the approving officers, signed by { $by }.

## Waiting for approval
approval-not-an-officer = { $officer } is no approving officer, or was removed, locked, or has left.
approval-already = { $officer } has signed already: somebody else's signature is needed.
approval-not-waiting = Nothing with the hash { $hash } waits for approval: it may have expired, been carried out, been withdrawn, or a newer register was accepted.
approval-ambiguous = The hash { $hash } is too short or fits several: write { $shortest } characters or more, enough to tell them apart.
approval-content-altered = The stored content of { $hash } does not fit its hash: the database was changed from outside.
approval-kept = Took the signature of { $officer } under { $hash } ({ $count }/{ $needed }).
approval-enough-plan = Signatures complete: the plan may be carried out.
approval-enough-snapshot = Signatures complete: this register may be accepted.
approval-enough-officer = Signatures complete: run `huep hr officers enrol` with this card.
approval-enough-remove-officer = Signatures complete: run `huep hr officers remove` with this code.
approval-withdrawn = Withdrew { $hash }; its signatures do not count any more.
approve-confirm = { $name } ({ $officer }) signs the content above?
approve-not-signed = Nothing was signed.
approve-written = Signed; the signature is in { $path }. Hand this file to the operator.
parked-plan-only = Only a plan can be written as a workbook.
request-unreadable = { $path } cannot be read: there is no such file, and no HueP here to look a hash up in.
request-exists = The file { $path } exists: choose another name.
request-written = Wrote { $path }. It holds personal data: give it to the approving officers alone, and delete it afterwards.
request-server = Server: { $server }
request-hash = Hash: { $hash }
request-until = Sign before: { $until }
request-card = New approving officer: { $name } ({ $officer }), key { $key }. Ask this person in person whether the key is right.
request-removal = Remove from the approving officers: { $name } ({ $officer }), key { $key }
request-snapshot = Register from { $source }, exported { $at }: { $rows } rows, { $people } people, { $units } units, { $quarantined } rows held back
request-sha256 = SHA-256 of the register file: { $sha256 }. Compare it with the file that was exported.
waiting-nothing = Nothing waits for approval.
waiting-title = Waiting for two officers
waiting-hash = Hash
waiting-what = What
waiting-why = Why
waiting-signed = Signed
waiting-until = Until
waiting-plan-register = Plan of the register ({ $actor })
waiting-plan-undo = Plan that takes a run back ({ $actor })
waiting-plan-person = Plan for single people ({ $actor })
waiting-snapshot = Register from { $source }: { $people } people, { $units } units

## The workbook of a plan
sheet-totals = Totals
sheet-deeds = Deeds
sheet-left = Left alone
sheet-total = Total
sheet-do = Deed
sheet-code = Code
sheet-name = Name or unit
sheet-unit = Unit
sheet-before = Now
sheet-after = Will be
sheet-reason = Reason
sheet-details = Details
sheet-open = open
sheet-locked = locked
sheet-unlock = back in service
sheet-again = the homeserver lost it; done again
sheet-undone = taken back
sheet-lock-left = left the service
sheet-lock-dismissed = dismissed, at once
sheet-lock-absent = missing from the register for too long
sheet-lock-on_leave = long leave
sheet-lock-undone = the run that made it was taken back
sheet-lock-security = a lost security lock
sheet-left-frozen = a row is held back
sheet-left-absent = not in the register
sheet-left-without_post = no post, and not called a leaver
sheet-left-awaiting = first day has not come
sheet-left-protected = protected account
sheet-left-twins = may be one person under two codes
sheet-left-moved_on = changed since the run that is taken back

## Security locks
security-locked = The account of { $code } is locked; { $owner } owns the lock.
security-lifted = The security lock of { $code } is lifted.
security-lifted-left = The security lock of { $code } is lifted; the register says that this person has left, so the account stays locked, by HR from now on.
security-no-account = No officer with the code { $code } has an account: check the code in the register.
security-protected = The account { $localpart } ({ $code }) is protected and cannot be locked here: that is for the server's administrators.
security-name-needed = Name who locks (not "hr"), and say why.
security-of-another = The security lock of { $code } belongs to { $owner }: its owner lifts it, or name them with --owner.
security-lock-of-hr = The lock of { $code } was set by the register: only the register lifts it, so correct it there.
security-not-locked = The account of { $code } is not locked.

## Runs, and taking them back
runs-title = Latest runs
runs-none = Nothing has run yet.
runs-run = Run
runs-began = Began
runs-actor = Who
runs-kind = Kind
runs-did = Did
runs-left = Left
runs-kind-register = register
runs-kind-person = single people
runs-kind-undo = takes back
runs-approved = approved
runs-stood = { $count } had been done already
runs-failed = { $count } failed
runs-open = { $count } not done
undo-no-such-run = No run begins with { $run }: see `huep hr runs`.
undo-several-runs = Several runs begin with { $run }: give more characters (at least { $shortest }).

## Activation codes
slip-title = HueP activation codes
slip-unit = { $unit } ({ $code })
slip-page = Page { $number }/{ $pages } · { $slips } slips
slip-care = Each slip opens one account: cut apart, hand to the right person, take no photo, send nothing on. Destroy what is left over.
slip-account = Account
slip-code = Code
slip-until = For one use, not after { $day }
slip-step-app = 1. Install the app Element on your phone or computer.
slip-step-code = 2. Scan the QR code, type the code above, choose a password.
slip-step-server = 3. Log in to Element, choose the server { $server }
slip-list-title = Received activation slips: { $unit }
slip-list-number = No.
slip-list-name = Name
slip-list-officer = Officer code
slip-list-signature = Day, signature
codes-choose = Choose exactly one: --unit (one unit), --code (one person or several) or --all-new (everybody who never had a code).
codes-unknown = Nobody in the directory has the officer code { $code }.
codes-no-account = { $code } has no account yet; carry out the register's plan first.
codes-locked = The account of { $name } ({ $code }) is locked: who has left or is locked gets no code.
codes-protected = The account of { $name } ({ $code }) is the administrators' own: it gets no code.
codes-unit-unknown = No unit has the code { $unit } today.
codes-stolen-alone = --stolen goes with --code only.
codes-folder = The sheets cannot be written to { $folder }: { $error }.
codes-nobody = Nobody needs a new code.
codes-issued = { $count } codes issued, good until { $day }. The sheets lie in { $folder }; delete these files once they are printed.
codes-logged-out = All devices of { $name } were logged out, and the old password is void.
codes-revoked = { $count } unused codes revoked.
codes-list-title = Activation codes
codes-list-name = Name
codes-list-officer = Officer code
codes-list-unit = Unit
codes-list-state = State
codes-list-until = Good until
codes-state-none = none
codes-state-open = waiting
codes-state-used = used
codes-state-expired = expired
codes-totals = None { $none }, waiting { $open }, used { $used }, expired { $expired }.

## Taking a register in, and carrying out
snapshot-parked = The register { $sha256 } waits for two officers, and nothing of it was done: { $why }. See `huep hr parked`.
not-yet-approved = The plan { $sha256 } has { $count } of { $needed } signatures that count: it is not carried out.
plan-snapshot-doubt = This register will have to wait for two officers: { $why }
approved-runs = The plan { $sha256 } was approved by two officers and is carried out exactly as they signed it:

## The demo
demo-officers-only = This command is for the demo alone (`huep up --demo`): real officers approve a real register.
demo-signed-snapshot = Two officers have signed the register { $sha256 }: { $names }
demo-signed-plan = Two officers have signed the plan { $sha256 }: { $names }

## Inspecting a register
inspect-posts = Table of posts: { $name }
inspect-units = Table of units: { $name }
inspect-rows = { $rows } rows of data
inspect-header-row = headings in row { $row }
inspect-encoding = encoding { $encoding }
inspect-delimiter = delimiter "{ $delimiter }"
inspect-heading = Heading
inspect-meaning = Means
inspect-how = Because
inspect-filled = Filled
inspect-unreadable = Unreadable
inspect-samples = Samples
inspect-how-name = its name
inspect-how-alias = a known alias
inspect-how-mapping = huep.toml says so
inspect-how-suggested = likely
inspect-how-unknown = not understood, passed over
inspect-missing = Required columns are missing: { $columns }.
inspect-repeated = Two columns mean the same: { $columns }.
inspect-sound = All columns that are needed are there.
inspect-exported = Exported at { $at }.
inspect-total = The source states { $rows } rows in all.
inspect-no-total = The source states no number of rows.
inspect-cut = The register seems to be cut off at its end.
inspect-configuration = Lines for huep.toml (look at each before you use it):

# Two codes that may be one person (huep hr twins)
twins-none = No pair of codes waits for a decision.
twins-how = { $count } pairs wait for a decision. One person: huep hr twins same OLD NEW --by NAME. Two people: huep hr twins different ONE OTHER --by NAME.
twins-name = Full name
twins-born = Born
twins-unit = Unit
twins-position = Position
twins-since = Since
twins-email = E-mail
twins-account = Account
twins-no-account = none yet
twins-made-one = { $old } and { $new } are one person: the account { $localpart } stays, under the code { $new } from now on.
twins-made-two = { $one } and { $other } are two people; the next plan makes the account that is missing.
twins-both-accounts = { $one } and { $other } both have accounts, and two accounts never become one. Correct the register so that one code is left; the other account is locked when the register says that its person left.
twins-neither-known = Nobody with the code { $one } or { $other } has an account; check the codes, or apply the plan first.
twins-not-alike = In the last register { $one } and { $other } do not look like one person (same name, same birth date): see the pairs with `huep hr twins`.
twins-one-code = { $code } is one code; two different ones are needed.
twins-already-one = { $one } and { $other } were decided to be one person; the account cannot be divided.
twins-name-needed = Name who decides after --by.

## Roles granted by name
roles-granted = { $name } ({ $code }) now has the role { $role }, from their next message to a bot on.
roles-revoked = { $name } ({ $code }) no longer has the role { $role }, at once.
roles-held = { $code } has the role { $role } already.
roles-not-held = { $code } does not have the role { $role }, so there is nothing to withdraw.
roles-nobody = Nobody was granted a role; all rights follow from posts.
roles-title = Roles granted by name
roles-code = Code
roles-name = Name
roles-role = Role

## Personal data
person-unknown = Nothing is held under the officer code { $code }.
person-exported = Everything held of { $code } was written to { $file }; this is on the audit record.

## Guests whom a leader sponsors
lock-sponsorship = the sponsorship is over
sheet-lock-sponsorship = a guest whose sponsorship is over
guests-sponsor-unknown = Nobody of the officer code { $code } is in the directory: look at the sponsor's code again.
guests-sponsor-gone = { $name } ({ $code }) has left or has a locked account, and cannot sponsor anybody: choose another leader.
guests-sponsor-no-leader = { $name } ({ $code }) is neither head nor deputy of a unit today, and cannot sponsor anybody.
guests-ends-past = The last day { $day } is over: give today or a later day.
guests-ends-before-start = The last day { $ends } is before the first day { $starts }: give a later one.
guests-ends-too-far = The last day { $day } is too far ahead: a sponsorship lasts { $longest } days at most, until { $latest }.
guests-day-impossible = The day "{ $text }" is not understood: write it as 31/12/2026.
guests-needed = The guest's name and organisation, the reason and the name of whoever does it are needed, each of { $longest } characters at most.
guests-name-characters = The name or the organisation has characters that no name has: type it again.
guests-unknown = There is no guest of the code { $code }: see `huep hr guests list --all`.
guests-not-shorter = The last day is { $day } already: an extension is to a later one. To end it early: `huep hr guests end`.
guests-already-ended = The sponsorship of the guest { $code } was ended before.
guests-added = { $name } is a guest by the code { $code }, until the end of { $day }.
guests-account-made = The account is { $localpart }. For a slip of activation: huep hr codes issue --code { $code } --out FOLDER
guests-account-later = The account is made on { $day }, when the sponsorship begins.
guests-account-waits = Another `huep hr apply` is running: what is left is done by the next run.
guests-extended = { $name } ({ $code }) may stay until the end of { $day }; sponsor: { $sponsor }.
guests-ended = The sponsorship of { $name } ({ $code }) is ended and the account locked.
guests-none = There are no guests.
guests-title = Guests
guests-code = Code
guests-name = Name
guests-organisation = Organisation
guests-sponsor = Sponsor
guests-from = From
guests-until = Until the end of
guests-state = State
guests-state-open = open
guests-state-due = waits for its account
guests-state-coming = has not begun
guests-state-over = over
guests-state-ended = ended
guests-state-sponsorless = the sponsor cannot sponsor any more
guests-state-locked = locked

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
source-column-missing = The register { $name } lacks the column { $columns }; headings stand in its first row.
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
left-absent = { $count } people not in the register, left as they are (absence from a file never locks anybody)
left-without_post = { $count } people without a post whom the register does not call leavers, left as they are
left-awaiting = { $count } people whose first day has not come, without an account yet
remark-quarantined = Rows held back: { $count } (usually at most { $usual })
remark-absent = People missing from the register: { $count } (usually at most { $usual })
remark-renames = Display names changed: { $count } (usually at most { $usual })
remark-moves = Posts changed: { $count } (usually at most { $usual })
too-many-locks = The plan would lock { $locks } of { $accounts } open accounts, and at most { $limit } may be locked at once: nothing was done. Check the last days of service in the register, or hand the leavers in with several smaller registers.

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
joins-progress = { $done }/{ $total } memberships, { $left } left, { NUMBER($rate, minimumFractionDigits: 1, maximumFractionDigits: 1) }/s, { $units } units with new rooms

## Demo registers
demo-writing = Writing the demo register…
demo-written = { $people } people, { $units } units, in { $folder }:

greeting = I am Trợ lý HueP, your assistant. You can ask:

help-who-am-i = your name, posts, unit and leader
help-my-unit = the organisation around your unit
help-vietnamese = answers in Vietnamese
help-english = answers in English
help-language = choose the language in which I answer you
example-language = answer in English
ask-language-locale = In which language shall I answer you?
step-language-locale = language
help-my-quiet-hours = when your phone does not ring for bots
help-quiet-hours = set when your phone does not ring for bots
example-quiet-hours = quiet hours from 22:00 to 6:00
ask-quiet-hours-start = When do your quiet hours begin? For example: 22:00 or 10 pm.
ask-quiet-hours-end = When do your quiet hours end? For example: 6 am.
step-quiet-hours-start = beginning
step-quiet-hours-end = end
help-no-quiet-hours = let your phone ring at any hour
help-headcount = how many people of a unit you look after have an account
example-headcount = how many people in Sở Nội vụ
ask-headcount-unit = Which unit? Type its name or its short name.
step-headcount-unit = unit

section-me = About you
section-settings = Your settings
section-units = Units you look after

quiet-hours = Your quiet hours: from { $start } to { $end } every day.
quiet-hours-none = You have set no quiet hours.
quiet-hours-kept = Done. From { $start } to { $end } every day no bot makes your phone ring, unless it is urgent.
quiet-hours-ended = You have no quiet hours; bots may write to you at any hour.
quiet-hours-of-no-length = They have to end at another hour than they begin.
would-keep-quiet-hours = I will set your quiet hours from { $start } to { $end } every day.
would-end-quiet-hours = I will end your quiet hours.

headcount = { $unit } has { $people } with an account, led by: { $leader }.
unit-gone = This unit is not in the directory any more today.

card-code = Officer code
card-post = { $kind ->
    [concurrent] Second post
    [secondment] Secondment
   *[main] Post
}
card-post-line = { $position }, { $unit }
card-unit = Unit
card-leader = Your leader
card-absence = Status
absence = { $kind ->
    [maternity] on maternity leave
    [study] away for study
    [sick] on long sick leave
    [suspension] suspended from duty
   *[other] away
}

unit-here = you are here
unit-more = … and { $count ->
    [one] one more unit
   *[other] { $count } more units
}
unit-leader = Leader
unit-headcount = With an account
unit-none = You hold no post in the directory today, so I do not know your unit.
people = { $count ->
    [one] 1 person
   *[other] { $count } people
}

leader = { $name }, { $position }
leader-with-unit = { $name }, { $position }, { $unit }
leader-stands-in = { $leader } (standing in)
leader-none = not in the directory yet

language-chosen = I will answer you in English from now on.

help-title = I am Trợ lý HueP, your assistant. You can ask:
help-help = this list again
help-who-am-i = your name, posts, unit and leader
help-my-unit = the organisation around your unit
help-vietnamese = answers in Vietnamese
help-english = answers in English
help-closing = With or without Vietnamese accents, as you like.

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

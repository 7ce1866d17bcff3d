# How an audience is said. What is said in Vietnamese is read back as the same audience: see wording.py.
everybody = everybody
of = { $who } of { $where }
below = { $who } in and below { $where }
only = { $where } alone
except = { $whom }, except { $without }
except-all = { $whom }; of all these except { $without }
group = every { $noun }
children = every unit right below { $where }
within = { $what } below { $where }
list = the list { $name }
list-of = the list { $name } of { $owner }
listed = { $one }, { $other }
left-out = { $one } and { $other }
beside = { $one }, and { $other }
apart = { $one }; { $other }
account = { $name } { $account }
head = heads
deputy = deputies
head-deputy = heads and deputies
staff = people who lead nothing
hr_officer = HR officers
operator = operators
communicator = communicators

# What is asked where it was not understood.
unread = I do not understand who “{ $words }” is. Please put it in other words, for example: chủ tịch các xã, phường, trừ Vỹ Dạ.
too-long = This is longer than { $most } characters, so I have not read it. Please say it in fewer words, or keep a list.

# What can be picked by numbers: see picking.py.
pick-so-far = Picked: { $words }.
pick-which = Type a number, or several such as “1, 3”; a name will do too:
pick-leaving-out = Who shall not get it? Type a number, or several such as “1, 3”; a name will do too:
pick-everybody = Everybody in my scope: { $where }
pick-units = Pick units
pick-ranks = Pick leaders and positions
pick-lists = Pick a list that was kept
pick-done = Done, these people
pick-more-units = More units
pick-ranks-there = Only leaders and positions among them
pick-leave-out = Leave some out
pick-anew = Begin again
pick-back = Back
pick-whole = All of { $unit }
pick-every = All { $units }
pick-kind-province = provinces ({ $count })
pick-kind-department = departments ({ $count })
pick-kind-ward = wards ({ $count })
pick-kind-commune = communes ({ $count })
pick-kind-office = offices ({ $count })
pick-kind-school = schools ({ $count })
pick-kind-health_centre = health centres ({ $count })
pick-kind-centre = centres ({ $count })
pick-kind-team = teams ({ $count })
pick-no-number = The list has no such number, or these cannot be chosen together.
pick-nobody = You have picked nobody yet.

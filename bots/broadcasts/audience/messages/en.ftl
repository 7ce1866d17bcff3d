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

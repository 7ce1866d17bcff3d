## In the operators' room

news-held-back = ⚠️ { $source } sends too much news within the hour: the rest goes out over the next hours. See `huep bots news`.
news-unread = ⚠️ I cannot read the news of { $source }: { $reason } See `huep bots news`.
news-misdeclared = ⚠️ The source { $source } is not declared well, and its news will not go out: { $reason }

## huep bots news

none-declared = huep.toml declares no source of news.
source = Source
kind = Kind
kind-is = { $kind ->
    [feed] RSS/Atom
    [webhook] webhook
   *[mailbox] mailbox
}
place = Where
heard = Last
next = Next
announced = Announced
waiting = Waiting
fault = Fault
now = now
would-announce = { $count ->
    [0] Nothing new would be announced.
    [one] 1 new item would be announced; the others are known or old. Nothing was.
   *[other] { $count } new items would be announced; the others are known or old. Nothing was.
}
first-time = This source was never read: what it has now will be known, and not announced.
feed-broken = The feed is broken ({ $complaint }); what could be read is used.
item-known = known
item-old = old
item-new = new
item = Item
published = Published
mail-passed-over = One mail is passed over: { $reason }.
webhook-waits = Other systems send a POST to { $url }; nobody is asked.
webhook-secret = They sign with the file secrets/{ $name } of the state folder: { $there ->
    [yes] it is there.
   *[no] it is missing, or shorter than { $least } characters.
}
answers = Who answers for it today: { $name }.
means = To: { $words }, today { $people } people.

outbox-number = Number
outbox-bot = Bot
outbox-room = Room
outbox-state = State
outbox-kind = Kind of event
outbox-batch = Batch
outbox-attempts = Tries
outbox-count = Messages
outbox-oldest = Oldest
outbox-written = Written
outbox-due = Due
outbox-tried = First tried
outbox-settled = Settled
outbox-event = Event
outbox-transaction = Transaction ID
outbox-content = Content
outbox-error = Why
outbox-content-gone = deleted
outbox-state-is = { $state ->
    [waiting] waiting
    [taken] being sent
    [sent] sent
    [dead] dead
   *[dropped] dropped
}
outbox-priority = Priority
outbox-priority-is = { $priority ->
    [urgent] urgent
    [reply] reply
    [announcement] announcement
   *[digest] digest
}
outbox-empty = There is nothing in the outbox yet.
outbox-none-such = There is no such message.
outbox-dead-how = See why: huep bots outbox list --state-of dead. Send again: huep bots outbox resend NUMBER --by NAME.
outbox-say-which = Say which ones: by their numbers, or --all-dead.
outbox-no-such = It cannot be done to number { $numbers }: there is none, or it is in another state. Nothing was changed.
outbox-resent = { $count ->
    [one] One message is sent again, once.
   *[other] { $count } messages are sent again, each once.
}
outbox-dropped = { $count ->
    [one] One message was dropped.
   *[other] { $count } messages were dropped.
}
inbox-none-dead = No event was set aside.
inbox-dead-how = Try again: huep bots inbox retry NUMBER --by NAME. Give up: huep bots inbox drop NUMBER --by NAME.
inbox-retried = { $count ->
    [one] One event is dealt with again.
   *[other] { $count } events are dealt with again.
}
inbox-dropped = { $count ->
    [one] One event was dropped.
   *[other] { $count } events were dropped.
}

audit-holds = The audit log is whole: { $count } entries.
audit-head = Head of the chain, to be kept off this host: { $head }

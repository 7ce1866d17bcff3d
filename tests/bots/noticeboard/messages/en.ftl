greeting = The board says hello.
section-board = Board

help-pin = pin a note
step-pin-note = note
step-pin-board = board
ask-pin-note = Please send the note.
ask-pin-board = On which board?
example-pin = ghim lên bảng một: họp lúc 8h

help-quote = quote a note
step-quote-note = note
ask-quote-note = Please send what to quote.
example-quote = trích họp lúc 8h

gathered = { $files } files so far.
too-long = The note is too long.
would-pin = The above will be pinned to { $board }.
pinned = Pinned.
heard = Noted, { $name }.

greeting = Bảng tin xin chào.
section-board = Bảng tin

help-pin = ghim một tin lên bảng
step-pin-note = nội dung
step-pin-board = bảng
ask-pin-note = Bạn gửi nội dung tin.
ask-pin-board = Ghim lên bảng nào?
example-pin = ghim lên bảng một: họp lúc 8h

help-quote = trích một tin
step-quote-note = nội dung
ask-quote-note = Bạn gửi tin cần trích.
example-quote = trích họp lúc 8h

gathered = Đã nhận { $files } tệp.
too-long = Nội dung dài quá.
would-pin = Tin trên sẽ được ghim lên bảng { $board }.
pinned = Đã ghim.
heard = Đã ghi nhận { $name }.

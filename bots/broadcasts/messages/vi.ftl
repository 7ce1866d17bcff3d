greeting = Tôi chuyển thông báo của thành phố và các đơn vị đến mọi người. Bạn có thể hỏi:

## Thông báo, như mọi người thấy

announcement-head-information = 📢 Thông báo số { $number } · { $unit }
announcement-head-important = 📢 Thông báo quan trọng số { $number } · { $unit }
announcement-head-urgent = 🚨 Thông báo khẩn số { $number } · { $unit }
announcement-number-later = …
announcement-to = Gửi: { $names }
announcement-to-some = Gửi: { $count } người trong phòng này
announcement-signed = — { $name }, { $position }
announcement-from-source = — Tin tự động từ { $source }
announcement-edited = (đã sửa lúc { $moment })
announcement-asks = ⏰ Xin xác nhận trước { $deadline }: thả ✅ vào tin này, hoặc nhắn riêng cho tôi “đã rõ { $number }”.
announcement-asks-now = ⏰ Xin xác nhận ngay: thả ✅ vào tin này, hoặc nhắn riêng cho tôi “đã rõ { $number }”.
announcement-again = 🔔 Nhắc lại thông báo số { $number }: { $names } chưa xác nhận. Xin thả ✅ vào thông báo, vào tin này, hoặc nhắn riêng cho tôi “đã rõ { $number }”.
and-more = { $names } và { $count } người khác
moment = { $time } ngày { $day }
announcement-reminder = 🔔 Bạn chưa xác nhận thông báo số { $number } của { $unit }: “{ $beginning }”. Hạn: { $deadline }. Xin thả ✅ vào tin này, hoặc trả lời “đã rõ { $number }”.

## Soạn thông báo

section-speaking = Gửi thông báo
help-announce = soạn thông báo gửi đến các đơn vị, xem trước đúng như mọi người sẽ thấy
example-announce = thông báo quan trọng tới tất cả chủ tịch xã, phường hạn 17h thứ sáu: Họp giao ban lúc 14h
ask-announce-level = Thông báo ở mức nào?
ask-announce-deadline = Mọi người phải xác nhận trước khi nào? Ví dụ: 17h thứ sáu.
ask-announce-wanted = Gửi cho ai? Ví dụ: tất cả chủ tịch xã, phường trừ A Lưới. Hoặc gõ số để chọn:
ask-announce-content = Nội dung là gì? Bạn gõ, chuyển tiếp tin có sẵn, gửi ảnh hoặc tệp; gõ “xong” khi đã đủ.
step-announce-level = mức độ
step-announce-deadline = hạn xác nhận
step-announce-wanted = người nhận
step-announce-content = nội dung
help-send-again = sửa và gửi lại thông báo đã bị trả lại
example-send-again = gửi lại 17
ask-send-again-broadcast = Gửi lại thông báo số mấy?
ask-send-again-level = Thông báo ở mức nào?
ask-send-again-deadline = Mọi người phải xác nhận trước khi nào? Ví dụ: 17h thứ sáu.
ask-send-again-wanted = Gửi cho ai? Ví dụ: tất cả chủ tịch xã, phường trừ A Lưới. Hoặc gõ số để chọn:
ask-send-again-content = Nội dung mới là gì? Gửi lại cả ảnh và tệp nếu có; gõ “xong” khi đã đủ.
step-send-again-broadcast = số thông báo
step-send-again-level = mức độ
step-send-again-deadline = hạn xác nhận
step-send-again-wanted = người nhận
step-send-again-content = nội dung

content-so-far = { $files ->
    [0] Tôi đã nhận nội dung.
   *[other] Tôi đã nhận nội dung, có { $files } tệp đính kèm.
}
content-too-long = Nội dung này dài quá; bạn rút gọn, hoặc gửi phần dài thành tệp đính kèm.
content-too-many-files = Một thông báo có nhiều nhất { $most } tệp đính kèm.
deadline-too-soon = Hạn này quá gần hoặc đã qua; bạn chọn giúp một lúc muộn hơn.
deadline-too-far = Hạn chỉ được trong vòng { $days } ngày tới.
would-reach = Gửi tới: { $words }. Thông báo này đến { $people } người ở { $units } đơn vị, qua { $rooms } phòng thông báo.
would-be-read-by-others = Trong các phòng đó còn { $count } người khác cũng đọc được.
would-write-to-some = { $count } người chưa có phòng thông báo sẽ nhận bằng tin nhắn riêng.
would-not-reach-all = { $count } người chưa có phòng thông báo; tôi chỉ nhắn riêng được cho { $most } người trong số đó.
would-wait-for-morning = Bây giờ là giờ nghỉ, nên thông báo sẽ đi lúc { $moment }.
would-ask = Vì { $because }, { $name } ({ $unit }) phải duyệt trước khi gửi.
would-send-again = Đây là thông báo số { $number } đã bị trả lại. Gõ “sửa” nếu muốn đổi mức độ, hạn, người nhận, hoặc nội dung và tệp.
announced = Xong. Thông báo đang được chuyển đi; số và tiến độ của nó có ở tin ngay trên.
announced-for-approval = Xong. Tôi đã trình { $name } duyệt; khi có kết quả tôi sẽ báo bạn.

## Duyệt

section-approving = Duyệt thông báo
help-awaiting = xem các thông báo đang chờ bạn duyệt
help-approve = duyệt và gửi một thông báo
example-approve = duyệt 17
ask-approve-broadcast = Duyệt thông báo số mấy?
step-approve-broadcast = số thông báo
help-return = trả lại một thông báo cho người soạn, kèm lý do
example-return = trả lại 17: thiếu thời gian họp
ask-return-broadcast = Trả lại thông báo số mấy?
ask-return-reason = Vì sao bạn trả lại?
step-return-broadcast = số thông báo
step-return-reason = lý do

asked-to-approve = { $name }, { $position }, trình bạn duyệt thông báo số { $number }. Gửi tới: { $words }; đến { $people } người ở { $units } đơn vị, qua { $rooms } phòng. Gõ “duyệt { $number }”, hoặc “trả lại { $number }: lý do”.
awaiting-none = Không có thông báo nào chờ bạn duyệt.
awaiting-some = Đang chờ bạn duyệt:
would-approve = Tôi sẽ gửi thông báo số { $number } của { $name }.
approve-too-late = Hạn xác nhận của thông báo số { $number } đã qua. Bạn gõ “trả lại { $number }: lý do” để người soạn đặt hạn mới.
approved = Xong. Thông báo số { $number } đang được gửi đi.
approved-told = ✅ Thông báo số { $number } đã được duyệt và đang được gửi đi.
would-return = Tôi sẽ trả lại thông báo số { $number } cho { $name }, lý do: { $reason }
returned = Xong. Tôi đã trả lại thông báo số { $number } cho { $name }.
returned-told = ↩️ Thông báo số { $number } bị trả lại: { $reason } Gõ “gửi lại { $number }” để xem lại, sửa và trình duyệt lại.

## Sửa và thu hồi

section-changing = Sửa, thu hồi thông báo
help-edit = sửa chữ và tệp của một thông báo, ở mọi nơi đã gửi
example-edit = sửa tin 17
ask-edit-broadcast = Sửa thông báo số mấy?
ask-edit-content = Nội dung mới là gì? Bạn gõ, gửi ảnh hoặc tệp thêm vào; gõ “xong” khi đã đủ.
step-edit-broadcast = số thông báo
ask-edit-files = Các tệp đã gửi kèm thì giữ lại hay gỡ ra?
step-edit-content = nội dung mới
step-edit-files = tệp đã gửi
help-withdraw = thu hồi một thông báo ở mọi nơi đã gửi
example-withdraw = thu hồi tin 17
ask-withdraw-broadcast = Thu hồi thông báo số mấy?
step-withdraw-broadcast = số thông báo

edit-not-alone = Bạn không thể tự sửa thông báo số { $number } vì người khác đã duyệt, hoặc nó vượt quyền của bạn hôm nay. Xin nhờ người duyệt sửa, hoặc thu hồi rồi gửi tin mới.
beyond-reach = Thông báo số { $number } đã gửi quá 30 ngày, tôi không còn sửa hay thu hồi được; bạn gửi thông báo mới để đính chính giúp nhé.
would-edit = Tôi sẽ sửa thông báo số { $number } thành như trên ở mọi nơi đã gửi; ai đã xác nhận không phải xác nhận lại.
would-edit-returned = Tôi sẽ sửa thông báo số { $number } thành như trên, chưa gửi đi.
edited = Xong. Thông báo số { $number } đang được sửa ở mọi nơi đã gửi.
edited-returned = Xong. Gõ “gửi lại { $number }” để trình duyệt lại.
would-withdraw = Tôi sẽ thu hồi thông báo số { $number } (“{ $beginning }”) ở mọi nơi đã gửi; việc này không lấy lại được.
withdrawn = Xong. Thông báo số { $number } đang được thu hồi ở mọi nơi đã gửi.

## Theo dõi

section-following = Theo dõi thông báo
help-progress = xem một thông báo đã đến đâu, bao nhiêu người xác nhận, theo từng đơn vị
example-progress = tiến độ 17
ask-progress-broadcast = Xem tiến độ thông báo số mấy?
ask-progress-unit = Ở đơn vị nào?
step-progress-broadcast = số thông báo
step-progress-unit = đơn vị
help-missing = xem ai chưa xác nhận một thông báo
example-missing = ai chưa xác nhận 17
ask-missing-broadcast = Hỏi về thông báo số mấy?
ask-missing-unit = Ở đơn vị nào?
step-missing-broadcast = số thông báo
step-missing-unit = đơn vị
help-remind = nhắc riêng những người chưa xác nhận
example-remind = nhắc tin 17
ask-remind-broadcast = Nhắc thông báo số mấy?
step-remind-broadcast = số thông báo

help-chart = xem biểu đồ xác nhận theo đơn vị
example-chart = biểu đồ 17
ask-chart-broadcast = Vẽ biểu đồ thông báo số mấy?
step-chart-broadcast = số thông báo
help-export = xuất toàn bộ hồ sơ xác nhận ra bảng tính để lưu
example-export = xuất tin 17
ask-export-broadcast = Xuất thông báo số mấy?
step-export-broadcast = số thông báo
chart-file = thong-bao-{ $number }.png
export-file = thong-bao-{ $number }.xlsx
would-export = Tôi sẽ gửi bạn bảng tính có họ tên, chức vụ và lúc xác nhận của mọi người nhận thông báo số { $number }; việc này được ghi vào nhật ký.
exported = Xong. Đây là hồ sơ xác nhận của thông báo số { $number }.

progress-on-its-way = Thông báo số { $number } đang được gửi: đã đến { $reached }/{ $rooms } phòng.
progress-arrived = Thông báo số { $number } đã đến { $reached }/{ $rooms } phòng.
progress-direct = Tin nhắn riêng: { $reached }/{ $people } người.
progress-lost = ⚠️ { $count } tin không gửi được; bộ phận kỹ thuật xem bằng “huep bots outbox list”.
progress-how-to-ask = Gõ “tiến độ { $number }” để xem theo đơn vị, “ai chưa xác nhận { $number }” để xem tên.
progress-asks-nothing = Thông báo này không yêu cầu xác nhận.
progress-seen = Đã xem: ít nhất { $count } người (theo dấu đã đọc; ai tắt dấu này thì không tính được).
progress-more-units = … và { $count } đơn vị khác.
acknowledged = { $acknowledged }/{ $owed } người đã xác nhận ({ $percent }%){ $late ->
    [0] .
   *[other] , trong đó { $late } người muộn.
}
heading-with-deadline = { $named } (hạn { $deadline })
missing-nobody = Không còn ai chưa xác nhận.
missing-count = { $count } người chưa xác nhận:
missing-away = { $name } (đang vắng)
missing-more = … và { $count } người khác.
nobody-of-that-unit = Thông báo này không gửi đến ai ở đơn vị đó.
would-remind = Tôi sẽ nhắc { $count } người chưa xác nhận thông báo số { $number }.
reminded = Xong. Tôi nhắc { $count } người chưa xác nhận thông báo số { $number }.
closed-told = 🏁 Thông báo số { $number } đã hết hạn xác nhận.
newcomers-left = ⚠️ { $count } người mới thuộc diện nhận thông báo số { $number } chưa được nhắn riêng, vì một thông báo chỉ được { $most } tin nhắn riêng. Họ vẫn thấy thông báo khi gõ “tin của tôi”.
list-told = Sau khi đã nhắc, nhắn riêng và báo lãnh đạo, thông báo khẩn số { $number } còn:
leader-told = ❗ Thông báo khẩn số { $number } của { $unit }: { $count } người do bạn phụ trách chưa xác nhận, nhờ bạn liên hệ ngay.
digest-told = Tin để biết từ ngày làm việc trước ({ $count }):

## Mẫu tin và danh sách

section-keeping = Mẫu tin, danh sách
help-templates = xem các mẫu tin của bạn; khi soạn, gõ “mẫu” và tên mẫu ở phần nội dung
help-keep-template = lưu một nội dung làm mẫu
example-keep-template = lưu mẫu họp giao ban: Họp giao ban lúc 14h tại hội trường
ask-keep-template-name = Đặt tên mẫu là gì?
ask-keep-template-content = Nội dung mẫu là gì? Gõ “xong” khi đã đủ.
step-keep-template-name = tên mẫu
step-keep-template-content = nội dung
help-drop-template = xoá một mẫu tin của bạn
example-drop-template = xoá mẫu họp giao ban
ask-drop-template-name = Xoá mẫu nào?
step-drop-template-name = tên mẫu
help-lists = xem các danh sách người nhận đã lưu
help-keep-list = lưu người nhận thành danh sách có tên, để gửi thông báo cho cả danh sách
example-keep-list = lưu danh sách Tổ công tác 06: Nguyễn Thị An, Hồ Văn Bình
ask-keep-list-name = Đặt tên danh sách là gì?
ask-keep-list-wanted = Danh sách gồm những ai?
step-keep-list-name = tên danh sách
step-keep-list-wanted = những ai
help-drop-list = xoá một danh sách bạn đã lưu
example-drop-list = xoá danh sách Tổ công tác 06
ask-drop-list-name = Xoá danh sách nào?
step-drop-list-name = tên danh sách

templates-none = Bạn chưa có mẫu tin nào. Gõ ví dụ “lưu mẫu họp giao ban: Họp giao ban lúc 14h”.
templates-some = Các mẫu tin của bạn:
would-keep-template = Tôi sẽ lưu mẫu “{ $name }”: { $beginning }
would-drop-template = Tôi sẽ xoá mẫu “{ $name }”.
template-kept = Xong. Khi soạn thông báo, gõ “mẫu { $name }” ở phần nội dung.
template-dropped = Xong. Tôi đã xoá mẫu “{ $name }”.
nothing-of-that-name = Bạn không có gì tên “{ $name }”.
name-does-not-fit = Tên này dài quá; bạn chọn tên ngắn hơn.
lists-none = Chưa có danh sách nào.
lists-some = Các danh sách đã lưu:
lists-line = • { $name } ({ $count } người)
lists-line-of = • { $name } của { $owner } ({ $count } người)
would-keep-list = Tôi sẽ lưu danh sách “{ $name }” gồm { $count } người; mọi người soạn thông báo đều dùng được.
would-drop-list = Tôi sẽ xoá danh sách “{ $name }”.
list-kept = Xong. Khi soạn thông báo, gõ “danh sách { $name }” ở phần người nhận.
list-dropped = Xong. Tôi đã xoá danh sách “{ $name }”.

## Phía người nhận

section-reading = Tin của bạn
help-my-news = xem các thông báo bạn còn phải xác nhận, và tin mới đây
help-unread = xem các tin bạn chưa mở đọc và chưa xác nhận
help-search = tìm trong các thông báo đã gửi cho bạn
example-search = tìm tin họp giao ban
ask-search-words = Bạn tìm tin có chữ gì?
step-search-words = chữ cần tìm
help-digest = nhận tin để biết gộp lại mỗi sáng ngày làm việc
example-digest = tin gộp hằng ngày bật
ask-digest-switch = Bật hay tắt?
step-digest-switch = bật hoặc tắt

noted = ✅ Tôi đã ghi nhận bạn đã rõ { $count ->
    [1] thông báo số { $numbers }.
   *[other] các thông báo số { $numbers }.
}
noted-not-owed = Bạn không có thông báo số { $number } nào chờ xác nhận.
noted-nothing-owed = Bạn không có thông báo nào chờ xác nhận.
noted-which = Bạn còn nhiều thông báo chờ xác nhận; gõ ví dụ “đã rõ { $first }”, hoặc “đã rõ tất cả”:
my-owed = { $count } thông báo chờ bạn xác nhận:
my-owed-none = Bạn không có thông báo nào chờ xác nhận.
my-owed-line = • { $named } (hạn { $deadline })
my-how = Gõ “đã rõ { $first }” sau khi đọc, hoặc thả ✅ vào thông báo.
my-heard = Tin gần đây:
unread-some = Tin chưa đọc, mới nhất trước (tính theo dấu đã đọc của ứng dụng và xác nhận của bạn):
unread-none = Bạn không có tin nào chưa đọc.
found = Tôi tìm thấy { $count } thông báo:
found-nothing = Tôi không tìm thấy thông báo nào gửi cho bạn có “{ $words }”.
would-digest = Mỗi sáng ngày làm việc tôi sẽ gửi bạn các tin để biết gộp thành một tin.
would-not-digest = Tôi sẽ không gửi tin gộp cho bạn nữa.
digest-on = Xong. Từ sáng mai bạn nhận tin gộp.
digest-off = Xong. Bạn không nhận tin gộp nữa.
## rights.py: who may say how much to whom
rights-not-a-speaker = Việc này cần vai trò lãnh đạo hoặc cán bộ truyền thông.
rights-reaches-nobody = Chưa có ai trong phạm vi này có tài khoản, nên thông báo chưa gửi được.
rights-nobody-to-approve = Hôm nay chưa có lãnh đạo nào có mặt để duyệt thông báo này.
rights-not-your-own = Thông báo của mình thì cần người khác duyệt.
rights-not-responsible = Hôm nay thông báo này do lãnh đạo khác duyệt.
rights-because-beyond = gửi ra ngoài các đơn vị bạn phụ trách
rights-because-size = gửi tới nhiều người
rights-because-deputy = bạn là cấp phó
rights-because-communicator = bạn là cán bộ truyền thông

## Sổ theo dõi: bảng tính và biểu đồ

record-sheet-units = Tổng hợp
record-sheet-people = Danh sách
record-sheet-entries = Nhật ký
record-title = Thông báo số { $number } của { $unit }
record-audience = Gửi đến: { $words }
record-sent = Gửi lúc
record-deadline = Hạn xác nhận
record-unit = Đơn vị
record-owed = Phải xác nhận
record-acknowledged = Đã xác nhận
record-percent = Tỷ lệ
record-late = Muộn
record-missing = Chưa xác nhận
record-seen = Đã xem (ít nhất)
record-name = Họ và tên
record-account = Tài khoản
record-position = Chức vụ khi nhận
record-unit-then = Đơn vị khi nhận
record-owed-since = Phải xác nhận từ
record-acknowledged-at = Xác nhận lúc
record-means = Cách xác nhận
record-means-reaction = biểu tượng
record-means-word = lời nhắn
record-is-late = muộn
record-released-at = Thôi phải xác nhận từ
record-released = Lý do
record-released-left = không còn công tác
record-released-successor = đã chuyển vị trí, người kế nhiệm xác nhận
record-joined = Ghi chú
record-joined-later = đến sau khi gửi
record-succeeds = kế nhiệm { $name }
record-seen-at = Đã xem lúc
record-entry = Mục
record-at = Thời điểm
record-actor = Ai
record-act = Việc
record-act-drafted = soạn
record-act-rewritten = sửa nội dung
record-act-frozen = chốt danh sách
record-act-state = đổi trạng thái
record-act-acknowledged = xác nhận
record-act-joined = thêm người
record-act-released = thôi phải xác nhận
record-details = Chi tiết
record-previous-hash = Mã băm mục trước
record-hash = Mã băm
record-head = Mã băm cuối chuỗi
record-unwritten = Lượt xác nhận chưa ghi vào chuỗi
chart-title = Thông báo số { $number }
chart-counted = { $acknowledged }/{ $owed } người đã xác nhận ({ $percent }%)
chart-own = Trực thuộc
chart-done = đúng hạn
chart-late = muộn
chart-open = chưa xác nhận
chart-of = { $acknowledged }/{ $owed }
chart-others = { $count } đơn vị khác
would-ask-beyond = Có người nhận ngoài đơn vị bạn phụ trách, nên cần { $name } ({ $unit }) duyệt trước khi gửi.
would-ask-size = Số người nhận lớn, nên cần { $name } ({ $unit }) duyệt trước khi gửi.
would-ask-deputy = Bạn là cấp phó, nên cần { $name } ({ $unit }) duyệt trước khi gửi.
would-ask-communicator = Bạn soạn thay lãnh đạo, nên cần { $name } ({ $unit }) duyệt trước khi gửi.

## Tin tự động

news-held-back = ⚠️ { $source } gửi quá nhiều tin trong một giờ: phần còn lại sẽ được phát dần trong những giờ sau. Xem `huep bots news`.
news-unread = ⚠️ Tôi chưa đọc được tin của { $source }: { $reason } Xem `huep bots news`.
deadline-moment = { $time } { $weekday }, { $day }
deadline-past = Hạn này đã qua. Bạn chọn một lúc sắp tới, ví dụ: trước 17h thứ sáu.
weekday-0 = thứ hai
weekday-1 = thứ ba
weekday-2 = thứ tư
weekday-3 = thứ năm
weekday-4 = thứ sáu
weekday-5 = thứ bảy
weekday-6 = chủ nhật

## huep bots announcements

proof-number = Số
proof-state = Trạng thái
proof-state-is = { $state ->
    [awaiting] chờ duyệt
    [returned] bị trả lại
    [sent] đang chạy
    [closed] đã khép
   *[withdrawn] đã thu hồi
}
proof-level = Mức
proof-level-is = { $level ->
    [information] để biết
    [important] quan trọng
   *[urgent] khẩn
}
proof-at = Gửi lúc
proof-author = Người soạn
proof-people = Số người
proof-none = Chưa có thông báo nào.
proof-audit = Đang đọc nhật ký kiểm toán …
proof-so-far = Đã kiểm tra { $count } thông báo …
proof-holds = Thông báo số { $number }: khớp. Chuỗi có { $entries } mục; { $witnesses ->
    [0] nhật ký kiểm toán chưa ghi điểm cuối nào của chuỗi.
   *[other] nhật ký kiểm toán ghi { $witnesses } điểm cuối của chuỗi, đều khớp.
}
proof-young = { $count } lượt xác nhận mới chưa ghi vào chuỗi.
proof-what-now = Cơ sở dữ liệu đã bị sửa từ bên ngoài. Giữ nguyên máy, chạy `huep audit verify --head` với mã đầu chuỗi cất ở nơi khác, đối chiếu với bảng tính đã xuất và bản sao lưu.
proof-export = Đang lập hồ sơ thông báo số { $number } …
proof-exported = Đã ghi hồ sơ thông báo số { $number } ({ $people } người) vào { $file }. Tệp có tên người: chỉ trao cho ai cần.

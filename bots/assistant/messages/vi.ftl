greeting = Tôi là Trợ lý HueP. Bạn có thể hỏi:

help-who-am-i = họ tên, chức vụ, đơn vị và lãnh đạo của bạn
help-my-unit = cây tổ chức quanh đơn vị của bạn
help-vietnamese = trả lời bằng tiếng Việt
help-english = trả lời bằng tiếng Anh
help-language = chọn ngôn ngữ mà tôi trả lời bạn
example-language = đổi ngôn ngữ sang tiếng Anh
ask-language-locale = Bạn muốn tôi trả lời bằng tiếng gì?
step-language-locale = ngôn ngữ
help-my-quiet-hours = xem giờ mà điện thoại của bạn không reo vì bot
help-quiet-hours = đặt giờ mà điện thoại của bạn không reo vì bot
example-quiet-hours = giờ yên lặng từ 22h đến 6h
ask-quiet-hours-start = Giờ yên lặng bắt đầu lúc mấy giờ? Ví dụ: 22h hoặc 10 giờ tối.
ask-quiet-hours-end = Giờ yên lặng kết thúc lúc mấy giờ? Ví dụ: 6h sáng.
step-quiet-hours-start = giờ bắt đầu
step-quiet-hours-end = giờ kết thúc
help-no-quiet-hours = để điện thoại của bạn reo vào mọi giờ
help-headcount = số người có tài khoản của một đơn vị bạn phụ trách
example-headcount = Phòng Tổ chức biên chế có bao nhiêu người
ask-headcount-unit = Bạn hỏi đơn vị nào? Gõ tên đầy đủ hoặc tên viết tắt.
step-headcount-unit = đơn vị

section-me = Về bạn
section-settings = Cài đặt của bạn
section-units = Đơn vị bạn phụ trách

quiet-hours = Giờ yên lặng của bạn: từ { $start } đến { $end } hằng ngày.
quiet-hours-none = Bạn chưa đặt giờ yên lặng.
quiet-hours-kept = Xong. Từ { $start } đến { $end } hằng ngày, bot sẽ không làm điện thoại của bạn reo, trừ việc khẩn.
quiet-hours-ended = Bạn không có giờ yên lặng nào; bot có thể nhắn bạn vào mọi giờ.
quiet-hours-of-no-length = Giờ kết thúc phải khác giờ bắt đầu.
would-keep-quiet-hours = Tôi sẽ đặt giờ yên lặng của bạn từ { $start } đến { $end } hằng ngày.
would-end-quiet-hours = Tôi sẽ bỏ giờ yên lặng của bạn.

headcount = { $unit } có { $people } có tài khoản, lãnh đạo: { $leader }.
unit-gone = Đơn vị này không còn trong danh bạ hôm nay.

card-code = Mã cán bộ
card-post = { $kind ->
    [concurrent] Kiêm nhiệm
    [secondment] Biệt phái
   *[main] Chức vụ
}
card-post-line = { $position }, { $unit }
card-unit = Đơn vị
card-leader = Lãnh đạo trực tiếp
card-absence = Tình trạng
absence = { $kind ->
    [maternity] đang nghỉ thai sản
    [study] đang đi học
    [sick] đang nghỉ ốm dài ngày
    [suspension] đang tạm đình chỉ công tác
   *[other] đang vắng mặt
}

unit-here = bạn ở đây
unit-more = … và { $count } đơn vị khác
unit-leader = Lãnh đạo
unit-headcount = Số người có tài khoản
unit-none = Hôm nay bạn không giữ vị trí nào trong danh bạ nên tôi không biết đơn vị của bạn.
people = { $count } người

leader = { $name }, { $position }
leader-with-unit = { $name }, { $position }, { $unit }
leader-stands-in = { $leader } (đang phụ trách thay)
leader-none = chưa có trong danh bạ

language-chosen = Từ nay tôi trả lời bạn bằng tiếng Việt.

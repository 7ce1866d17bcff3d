help-title = Tôi là Trợ lý HueP. Bạn có thể hỏi:
help-help = xem lại danh sách này
help-who-am-i = họ tên, chức vụ, đơn vị và lãnh đạo của bạn
help-my-unit = cây tổ chức quanh đơn vị của bạn
help-vietnamese = trả lời bằng tiếng Việt
help-english = trả lời bằng tiếng Anh
help-closing = Gõ có dấu hay không dấu đều được.

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

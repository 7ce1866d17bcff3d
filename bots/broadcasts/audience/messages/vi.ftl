# How an audience is said. What is said in Vietnamese is read back as the same audience: see wording.py.
everybody = tất cả mọi người
of = { $who } của { $where }
below = { $who } thuộc { $where }
only = riêng { $where }
except = { $whom }, trừ { $without }
except-all = { $whom }; trừ { $without }
group = các { $noun }
children = các đơn vị trực thuộc { $where }
within = { $what } thuộc { $where }
list = danh sách { $name }
listed = { $one }, { $other }
left-out = { $one } và { $other }
beside = { $one }, cùng { $other }
apart = { $one }; { $other }
account = { $name } { $account }
head = cấp trưởng
deputy = cấp phó
head-deputy = lãnh đạo
staff = người không giữ chức vụ
hr_officer = cán bộ tổ chức
operator = quản trị hệ thống
communicator = cán bộ truyền thông

# What is asked where it was not understood.
unread = Tôi chưa hiểu “{ $words }” là ai. Bạn viết lại giúp, ví dụ: chủ tịch các xã, phường, trừ Vỹ Dạ.
too-long = Phần người nhận dài quá { $most } ký tự, nên tôi chưa đọc. Bạn viết gọn lại giúp, hoặc lưu thành danh sách.

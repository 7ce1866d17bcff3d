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
list-of = danh sách { $name } của { $owner }
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

# What can be picked by numbers: see picking.py.
pick-so-far = Đã chọn: { $words }.
pick-which = Gõ một số, hoặc nhiều số như “1, 3”; gõ tên cũng được:
pick-leaving-out = Không gửi cho những ai? Gõ một số, hoặc nhiều số như “1, 3”; gõ tên cũng được:
pick-everybody = Tất cả trong phạm vi của tôi: { $where }
pick-units = Chọn đơn vị
pick-ranks = Chọn lãnh đạo, chức vụ
pick-lists = Chọn danh sách đã lưu
pick-done = Xong, gửi cho những người này
pick-more-units = Thêm đơn vị
pick-ranks-there = Chỉ lãnh đạo, chức vụ trong số đó
pick-leave-out = Bỏ bớt ra
pick-anew = Chọn lại từ đầu
pick-back = Quay lại
pick-whole = Toàn bộ { $unit }
pick-every = Tất cả { $units }
pick-kind-province = tỉnh, thành phố ({ $count })
pick-kind-department = các sở, ban, ngành ({ $count })
pick-kind-ward = các phường ({ $count })
pick-kind-commune = các xã ({ $count })
pick-kind-office = các phòng ({ $count })
pick-kind-school = các trường ({ $count })
pick-kind-health_centre = các cơ sở y tế ({ $count })
pick-kind-centre = các trung tâm ({ $count })
pick-kind-team = các tổ ({ $count })
pick-no-number = Trong danh sách không có số đó, hoặc những số đó không chọn cùng lúc được.
pick-nobody = Bạn chưa chọn ai.

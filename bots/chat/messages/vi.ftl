you = Bạn
edited = sửa
picture = ảnh
file = tệp
took-back = đã thu hồi một tin
room-replaced = đã chuyển cuộc trò chuyện sang phòng mới
membership-invite = được mời vào phòng
membership-join = đã vào phòng
membership-leave = đã rời phòng
membership-ban = đã bị đưa ra khỏi phòng
membership-knock = xin vào phòng
poll = bình chọn
poll-how = /vote SỐ để chọn
voted = đã bình chọn
poll-ended = đã đóng bình chọn
unreadable = chưa nhận được khóa để đọc tin này
not-encrypted = không mã hóa
not-verified = thiết bị chưa xác minh

room-open = Phòng { $room }, mã hóa đầu cuối
room-open-unencrypted = Phòng { $room }, KHÔNG mã hóa
invited = { $who } mời bạn vào một phòng: xem /rooms
how-to-leave = Gõ tin rồi Enter; /help để xem các lệnh, /quit để thoát
help = /rooms  các phòng của bạn
    /join SỐ  vào phòng trong danh sách
    /vote SỐ  chọn trong cuộc bình chọn gần nhất
    /react 👍  thả cảm xúc vào tin gần nhất
    /quit  thoát
no-such-room = Không có phòng số đó: gõ /rooms để xem danh sách
no-poll = Không có cuộc bình chọn nào có lựa chọn số đó
nothing-to-react-to = Chưa có tin nào để thả cảm xúc
picture-unreadable = không hiện được ảnh này
not-sent = Chưa gửi được: máy chủ không trả lời. Thử lại sau ít giây
refused = Máy chủ từ chối: { $reason }
device-not-verified = Thiết bị này chưa được xác minh vì tài khoản đã thiết lập mã hóa ở nơi khác, nên Trợ lý sẽ không trả lời. Chạy lại với --new-identity để thay danh tính mã hóa.

wrong-password = Sai tài khoản hoặc mật khẩu.
account-locked = Tài khoản đã bị khóa: hãy liên hệ cán bộ tổ chức của đơn vị.
session-ended = Phiên đăng nhập đã hết hiệu lực: chạy lại huep chat để đăng nhập.
device-in-use = Một huep chat khác đang dùng thiết bị này: hãy đóng cửa sổ kia trước.
unreachable = Không kết nối được máy chủ tại { $url }: HueP có đang chạy không? Xem bằng huep status.

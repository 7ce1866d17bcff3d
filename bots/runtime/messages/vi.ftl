not-understood = Tôi chưa hiểu câu này. Bạn thử gõ "{ $first }" hoặc "{ $second }" nhé.
not-in-register = Tôi không tìm thấy bạn trong danh bạ cán bộ hôm nay. Bạn hãy liên hệ cán bộ tổ chức của đơn vị mình.
something-failed = Hệ thống đang bận nên tôi chưa trả lời được. Bạn thử lại sau ít phút nhé.
device-not-verified = Thiết bị bạn đang dùng chưa được xác minh nên tôi không trả lời trên đó. Bạn mở Cài đặt > Mã hoá (hoặc Bảo mật), xác minh thiết bị này rồi gửi lại câu hỏi nhé.
not-encrypted = Tôi chỉ trả lời trong phòng có mã hoá đầu cuối. Bạn mở cuộc trò chuyện riêng mới với tôi rồi gửi lại câu hỏi nhé.
cannot-read = Tôi chưa nhận được khoá để đọc tin nhắn vừa rồi. Bạn gửi lại tin đó nhé; nếu vẫn không được, hãy đăng xuất rồi đăng nhập lại ứng dụng.

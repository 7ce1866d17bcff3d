not-understood = Tôi chưa hiểu câu này. Bạn thử gõ "{ $first }" hoặc "{ $second }" nhé.
not-understood-one = Tôi chưa hiểu câu này. Bạn thử gõ "{ $first }" nhé.
nothing-open = Hiện không có việc gì chờ bạn trả lời. Gõ "trợ giúp" để xem bạn có thể hỏi gì.
welcome = Không có gì ạ. Khi cần, bạn cứ nhắn tôi nhé.
only-words = Tôi chỉ đọc được tin nhắn bằng chữ. Bạn gõ câu hỏi giúp tôi nhé.
no-edits = Tôi không đọc tin đã sửa. Bạn gửi lại thành một tin mới nhé.
not-in-register = Tôi không tìm thấy bạn trong danh bạ cán bộ hôm nay. Bạn hãy liên hệ cán bộ tổ chức của đơn vị mình.
something-failed = Hệ thống đang bận nên tôi chưa trả lời được. Bạn thử lại sau ít phút nhé.
not-encrypted = Tôi chỉ trả lời trong phòng có mã hóa đầu cuối. Bạn mở cuộc trò chuyện riêng mới với tôi rồi gửi lại câu hỏi nhé.
in-private = Việc này tôi chỉ trả lời trong trò chuyện riêng. Bạn nhắn riêng cho tôi nhé.
cannot-read = Tôi chưa nhận được khóa để đọc tin nhắn vừa rồi. Bạn gửi lại tin đó nhé; nếu vẫn không được, hãy đăng xuất rồi đăng nhập lại ứng dụng.

dialog-footer = Gõ "thôi" để dừng, "sửa" để sửa phần đã trả lời.
dialog-no-answer = Tôi chưa hiểu câu trả lời này.
dialog-unread = Tôi chưa rõ "{ $words }" là gì.
dialog-moved = Các lựa chọn đã thay đổi từ lúc tôi hỏi, nên tôi chưa nhận câu trả lời này. Bạn xem lại rồi chọn giúp:
dialog-which = Bạn chọn một số:
dialog-which-of-many = Bạn chọn một số, hoặc gõ rõ hơn vì còn { $left } kết quả khác:
dialog-more = Bạn gửi tiếp, hoặc gõ "xong" khi đã đủ.
dialog-correct = Bạn muốn sửa phần nào?
dialog-leave = Bạn đang làm dở việc "{ $title }". Bạn muốn bỏ việc đó để chuyển sang câu vừa gõ không? Trả lời "có" hoặc "không".
dialog-leave-or-take = Câu vừa gõ cũng là một câu hỏi khác. Bạn muốn bỏ việc "{ $title }" để chuyển sang câu đó không? Trả lời "có", hoặc "không" để tôi nhận đó là câu trả lời.
dialog-stopped = Tôi đã dừng và chưa ghi gì.
dialog-timed-out = Tôi chờ lâu mà chưa thấy bạn trả lời nên đã dừng việc "{ $title }". Khi cần, bạn gõ lại nhé.

confirm = Trả lời "đồng ý" hoặc thả ✅ vào tin này để tôi làm, "sửa" để sửa, "không" để dừng.
confirm-in-words = Trả lời "đồng ý" để tôi làm, "sửa" để sửa, "không" để dừng.
confirm-not-by-sign = Việc này cần bạn gõ "đồng ý"; biểu tượng cảm xúc không được mã hóa nên tôi không nhận.
confirm-changed = Từ lúc tôi hỏi đến giờ đã có thay đổi, bạn xem lại giúp tôi:
confirm-too-early = Bạn trả lời trước khi câu hỏi này đến, nên tôi hỏi lại cho chắc:
confirm-other = Bạn vừa trả lời một tin cũ hơn; câu hỏi đang chờ bạn là:

section-help = Trợ giúp
help-help = xem lại danh sách này
help-help-with = giải thích một câu hỏi, kèm ví dụ
example-help-with = trợ giúp tôi là ai
step-help-with-command = câu hỏi
help-closing = Gõ có dấu hay không dấu đều được.
help-phrases = Cách gõ: { $phrases }
help-example = Ví dụ: { $example }
help-confirms = Tôi sẽ đọc lại và chỉ làm sau khi bạn đồng ý.

role-province_leader = Lãnh đạo tỉnh, thành phố
role-unit_head = Trưởng đơn vị
role-acting_head = Người phụ trách thay
role-deputy = Cấp phó
role-hr_officer = Cán bộ tổ chức
role-operator = Quản trị hệ thống
role-communicator = Cán bộ truyền thông
role-staff = Cán bộ

page-introduction =
    # Các câu hỏi của bot

    Trang này do `huep bots commands` viết ra từ mã nguồn; `tests/bots/test_commands_page.py` giữ cho trang luôn đúng.

    Quyền xem lấy từ danh bạ cán bộ vào đúng lúc hỏi; cán bộ tổ chức, quản trị hệ thống và cán bộ truyền thông là người được giao vai trò đó bằng `huep hr roles`. Ai không được dùng một câu hỏi thì đối với người đó câu hỏi ấy không tồn tại: cùng câu trả lời, cùng gợi ý như với một câu lạ, và không có trong trợ giúp. `{ $access_test }` thử từng vai trò với từng câu hỏi. Trưởng đơn vị đang vắng (nghỉ dài ngày, đi học, tạm đình chỉ) thì quyền lãnh đạo tạm nghỉ, người phụ trách thay có quyền đó.
page-type = Gõ
page-does = Để làm gì
page-example = Ví dụ
page-confirmed = Hỏi lại trước khi ghi
page-test = Bài kiểm tra
notice-room = Thông báo hệ thống HueP
notice-topic = Trợ lý HueP dùng phòng này để báo cho bạn những việc về thiết bị của bạn. Phòng không mã hóa và không ai trả lời được ở đây.
notice-verify =
    Thiết bị bạn đang dùng chưa được xác minh nên Trợ lý HueP không đọc và không trả lời tin nhắn gửi từ thiết bị đó. Bạn xác minh giúp nhé, chỉ cần làm một lần:
    1. Mở Element trên thiết bị này, vào Cài đặt > Mã hóa (bản cũ: Bảo mật và quyền riêng tư).
    2. Chọn "Xác minh thiết bị này".
    3. Chọn "Dùng thiết bị khác" rồi so các biểu tượng trên hai thiết bị, hoặc chọn "Dùng khóa khôi phục" và nhập khóa bạn đã cất.
    4. Gửi lại câu hỏi cho Trợ lý HueP.
    Nếu không còn thiết bị nào khác và không tìm thấy khóa khôi phục, bạn liên hệ cán bộ tổ chức của đơn vị mình.
